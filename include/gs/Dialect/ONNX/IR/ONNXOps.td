//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The import dialect: one generic op for every ONNX node.
//
//===----------------------------------------------------------------------===//
#ifndef ONNX_OPS
#define ONNX_OPS

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/DialectBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def ONNX_Dialect : Dialect {
  let name = "onnx";
  let cppNamespace = "::mlir::onnx";
  let summary = "An ONNX graph as it stands in the file";
  let description = [{
    One registered op, `onnx.node`, for every operator: the importer walks the protobuf and knows no operator by name.
    What an operator means stands in `convert-onnx-to-linalg`, one file per operator. (`onnx.yield` only ends the
    subgraphs of a node.)

    Discardable attributes of the importer: on the module `onnx.model_name`, `onnx.opset`, `onnx.ir_version` and
    `onnx.producer`; `onnx.name` on the arguments and results of `@main_graph`; `onnx.mask` (dense i1) on the constant
    of a sparse initialiser, true where the file stores an element.
  }];
  let useDefaultTypePrinterParser = 1;
}

def ONNX_UnknownType : TypeDef<ONNX_Dialect, "Unknown"> {
  let mnemonic = "unknown";
  let summary = "Element type of a tensor of which the file says nothing";
  let description = [{
    Used as `tensor<*x!onnx.unknown>` for a value without `value_info`; shape inference replaces it.
  }];
}

def ONNX_NodeOp : Op<ONNX_Dialect, "node"> {
  let summary = "One node of an ONNX graph";
  let description = [{
    `op_type`, `domain` (empty for the standard domain) and `opset` (the version of that domain which the model
    imports) name the operator; `node_attributes` holds its ONNX attributes; `operand_slots[i]` is the ONNX input position
    of operand i (absent optional inputs have no operand; left out when it is 0, 1, 2, ...), `result_slots` likewise.
    Subgraphs (If, Loop, Scan) are regions of one block ended by `onnx.yield`, named by `region_names` in order (a list
    of graphs by `name[0]`, `name[1]`, ...). Location: the node's name.

    In `node_attributes`, an ONNX float is an `f32`, an int an `i64`, floats and ints are `array<f32: ..>` and
    `array<i64: ..>`, strings a list of strings, a tensor (also a sparse one) is `dense` or `dense_resource`, a list of
    tensors a list of those, and a type a type.

    ```mlir
    %0 = onnx.node "Relu"(%x) {opset = 17 : i64} : (tensor<1x8xf32>) -> tensor<1x8xf32>
    ```
  }];
  let arguments = (ins Variadic<AnyType>:$inputs, StrAttr:$op_type, DefaultValuedStrAttr<StrAttr, "">:$domain,
                       I64Attr:$opset, OptionalAttr<DictionaryAttr>:$node_attributes,
                       OptionalAttr<DenseI32ArrayAttr>:$operand_slots, OptionalAttr<DenseI32ArrayAttr>:$result_slots,
                       OptionalAttr<StrArrayAttr>:$region_names);
  let results = (outs Variadic<AnyType>:$results);
  let regions = (region VariadicRegion<SizedRegion<1>>:$subgraphs);
  let hasVerifier = 1;
  let assemblyFormat = "$op_type `(` $inputs `)` attr-dict `:` functional-type($inputs, $results) ($subgraphs^)?";
  let extraClassDeclaration = [{
    /// Operand at ONNX input position `slot`, or null if the optional input is absent.
    ::mlir::Value getInput(unsigned slot);
    /// Result at ONNX output position `slot`, or null if it is absent.
    ::mlir::Value getOutput(unsigned slot);
    /// ONNX attribute `name`, or null.
    ::mlir::Attribute getNodeAttr(::llvm::StringRef name);
  }];
}

def ONNX_YieldOp : Op<ONNX_Dialect, "yield", [Pure, Terminator, HasParent<"NodeOp">]> {
  let summary = "Results of a subgraph";
  let description = [{
    Ends the block of a subgraph of `onnx.node`; the operands are the outputs of the ONNX graph in order.
  }];
  let arguments = (ins Variadic<AnyType>:$results);
  let assemblyFormat = "attr-dict ($results^ `:` type($results))?";
}

#endif // ONNX_OPS
