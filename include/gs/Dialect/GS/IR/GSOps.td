//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Operations of the dialect.
//
//===----------------------------------------------------------------------===//
#ifndef GS_OPS
#define GS_OPS

include "gs/Dialect/GS/IR/GSTypes.td"
include "mlir/IR/OpBase.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.td"

class GS_Op<string mnemonic, list<Trait> traits = []> : Op<GS_Dialect, mnemonic, traits>;

def GS_WeightType : AnyTypeOf<[AnyRankedTensor, GS_CompressedType, AnyMemRef]>;
def GS_ActivationType : AnyTypeOf<[AnyRankedTensor, AnyMemRef]>;

def GS_ConstantOp : GS_Op<"constant", [Pure]> {
  let summary = "A weight with its sparsity pattern";
  let description = [{
    `values` are the weights in the tensor's own order (row-major M, K or O, I, k...), zero where pruned. `mask` says
    which positions are kept; without it every non-zero is. The result's encoding is the pattern, and the mask obeys it
    (checked by the verifier). `row_order` is the row at each position for a pattern `#gs.permuted` (M numbers, or M for
    each column of tiles of a tiled pattern, one column after the other); values and mask stay in the order of the tensor.

    ```mlir
    %w = gs.constant dense<[[1.0, 0.0], [0.0, 2.0]]> : tensor<2x2xf32> as tensor<2x2xf32, #gs.unstructured>
    %p = gs.constant dense<[[1.0, 0.0], [0.0, 2.0], [3.0, 0.0], [0.0, 4.0]]> : tensor<4x2xf32> row_order [0, 2, 1, 3]
         as tensor<4x2xf32, #gs.permuted<#gs.block<2x1>>>
    ```
  }];
  let arguments = (ins ElementsAttr:$values, OptionalAttr<ElementsAttr>:$mask,
                       OptionalAttr<DenseI64ArrayAttr>:$row_order);
  let builders = [OpBuilder<(ins "::mlir::Type":$result, "::mlir::ElementsAttr":$values, "::mlir::ElementsAttr":$mask),
                            [{ build($_builder, $_state, result, values, mask, ::mlir::DenseI64ArrayAttr()); }]>];
  let results = (outs AnyRankedTensor:$result);
  let hasVerifier = 1;
  let assemblyFormat = "$values (`mask` $mask^)? (`row_order` $row_order^)? attr-dict `as` type($result)";
  let extraClassDeclaration = [{
    /// The weight as a matrix, with its mask and row order; a diagnostic if the attributes contradict each other.
    ::mlir::FailureOr<::mlir::gs::Weight> getWeight(
        ::llvm::function_ref<::mlir::InFlightDiagnostic()> emitError = nullptr);
  }];
}

def GS_CompressedConstantOp : GS_Op<"compressed_constant", [Pure]> {
  let summary = "A packed weight";
  let description = [{
    `buffers` maps buffer names (`values`, `indices`, `offsets`, ...) to their contents; shapes and element types are
    those that the pattern's storage prescribes for the schema in the result type.

    ```mlir
    %c = gs.compressed_constant {indices = dense<[0, 1]> : tensor<2xi32>, offsets = dense<[0, 1, 2]> : tensor<3xi32>,
                                 values = dense<[1.0, 2.0]> : tensor<2xf32>}
         : !gs.compressed<tensor<2x2xf32, #gs.unstructured>, layout = split, index_space = column, index = i32>
    ```
  }];
  let arguments = (ins DictionaryAttr:$buffers);
  let results = (outs GS_CompressedType:$result);
  let hasVerifier = 1;
  let assemblyFormat = "$buffers attr-dict `:` qualified(type($result))";
  let extraClassDeclaration = [{
    /// Buffer `name`, or null.
    ::mlir::ElementsAttr getBuffer(::llvm::StringRef name);
  }];
}

def GS_DecompressOp : GS_Op<"decompress", [Pure]> {
  let summary = "Dense tensor of a packed weight";
  let description = [{
    Unpacks a weight of index space `column`; folds to a constant. Used by tests as the inverse of packing.

    ```mlir
    %w = gs.decompress %c : !gs.compressed<tensor<2x2xf32, #gs.unstructured>, layout = split, index_space = column, index = i32> to tensor<2x2xf32>
    ```
  }];
  let arguments = (ins GS_CompressedType:$source);
  let results = (outs AnyRankedTensor:$result);
  let hasVerifier = 1;
  let hasFolder = 1;
  let assemblyFormat = "$source attr-dict `:` qualified(type($source)) `to` type($result)";
}

def GS_YieldOp : GS_Op<"yield", [Pure, Terminator, ParentOneOf<["MatmulOp", "ConvOp"]>]> {
  let summary = "Ends an epilogue region";
  let arguments = (ins AnyType:$value);
  let assemblyFormat = "$value attr-dict `:` type($value)";
}

class GS_ContractionOp<string mnemonic> : GS_Op<mnemonic, [
    SingleBlock,
    DestinationStyleOpInterface,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
    DeclareOpInterfaceMethods<BufferizableOpInterface,
      ["bufferizesToMemoryRead", "bufferizesToMemoryWrite", "getAliasingValues", "bufferize"]>]> {
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let regions = (region AnyRegion:$epilogue);
  let hasVerifier = 1;
  code contractionDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getInitMutable(); }
    /// Logical shape of the weight: (M, K) or (O, I, k...).
    ::llvm::ArrayRef<int64_t> getWeightShape();
    /// Logical element type of the weight.
    ::mlir::Type getWeightElementType();
    /// Pattern of the weight; null if it is dense.
    ::mlir::gs::PatternAttrInterface getPattern();
    bool hasEpilogue() { return !getEpilogue().empty(); }
  }];
}

def GS_MatmulOp : GS_ContractionOp<"matmul"> {
  let summary = "out[b, m, n] = epilogue(sum_k W[m, k] * X[b, k, n])";
  let description = [{
    `weight` is M x K: dense, encoded, or packed. `input` is (batch... x) K x N, `init` and result are (batch... x) M x N.

    The optional epilogue region is applied to every element of the sum, while it is in a register. Its first argument
    is the sum; the further ones are elements of `epilogueOperands`: an operand of the result's shape is read at the same
    position, one of shape M at row m, one of rank 0 as a scalar.

    ```mlir
    %y = gs.matmul %w, %x epilogue(%bias : tensor<64xf32>) outs(%init : tensor<64x16xf32>)
           : tensor<64x32xf32, #gs.block<4x1>>, tensor<32x16xf32> -> tensor<64x16xf32> {
    ^bb0(%sum: f32, %b: f32):
      %0 = arith.addf %sum, %b : f32
      gs.yield %0 : f32
    }
    ```
  }];
  let arguments = (ins GS_WeightType:$weight, GS_ActivationType:$input, Variadic<GS_ActivationType>:$epilogueOperands,
                       GS_ActivationType:$init, OptionalAttr<GS_StrategyAttr>:$strategy);
  let assemblyFormat = [{
    $weight `,` $input (`epilogue` `(` $epilogueOperands^ `:` type($epilogueOperands) `)`)? `outs` `(` $init `:` type($init) `)`
    (`strategy` `=` $strategy^)? attr-dict `:` type($weight) `,` type($input) (`->` type($results)^)? ($epilogue^)?
  }];
  let extraClassDeclaration = contractionDeclaration;
}

def GS_ConvOp : GS_ContractionOp<"conv"> {
  let summary = "Convolution of one to three spatial dimensions";
  let description = [{
    `weight` is O x (C / groups) x k..., `input` is B x C x spatial..., result and `init` are B x O x spatial'... .
    `pads` holds the zeros before, then after each spatial dimension. With `plane` the input is B x C x size, laid out
    by `gs.pack_plane` with the same geometry. Epilogue as in `gs.matmul`, row m being the output channel.

    ```mlir
    %y = gs.conv %w, %x outs(%init : tensor<1x64x56x56xf32>) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
           pads = array<i64: 1, 1, 1, 1>, groups = 1 : i64}
           : tensor<64x64x3x3xf32, #gs.block<8x1>>, tensor<1x64x56x56xf32> -> tensor<1x64x56x56xf32>
    ```
  }];
  let arguments = (ins GS_WeightType:$weight, GS_ActivationType:$input, Variadic<GS_ActivationType>:$epilogueOperands,
                       GS_ActivationType:$init, DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations,
                       DenseI64ArrayAttr:$pads, DefaultValuedAttr<I64Attr, "1">:$groups,
                       OptionalAttr<GS_PlaneAttr>:$plane, OptionalAttr<GS_StrategyAttr>:$strategy);
  let assemblyFormat = [{
    $weight `,` $input (`epilogue` `(` $epilogueOperands^ `:` type($epilogueOperands) `)`)? `outs` `(` $init `:` type($init) `)`
    (`strategy` `=` $strategy^)? attr-dict `:` type($weight) `,` type($input) (`->` type($results)^)? ($epilogue^)?
  }];
  let extraClassDeclaration = contractionDeclaration # [{
    unsigned getSpatialRank() { return getStrides().size(); }
    /// Spatial extents of the input before padding.
    ::llvm::SmallVector<int64_t> getInputExtents();
  }];
}

def GS_PackPlaneOp : GS_Op<"pack_plane", [
    DestinationStyleOpInterface,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
    DeclareOpInterfaceMethods<BufferizableOpInterface,
      ["bufferizesToMemoryRead", "bufferizesToMemoryWrite", "getAliasingValues", "bufferize"]>]> {
  let summary = "Zero-padded, phase-split planes of a convolution's input";
  let description = [{
    Copies B x C x spatial... into B x C x size as described by `#gs.plane`: padding is explicit zeros, and a stride s
    splits a dimension into s contiguous phases, so that every kernel tap is a constant displacement (no im2col).

    ```mlir
    %p = gs.pack_plane %x outs(%e : tensor<1x64x3376xf32>)
           <input = [56, 56], strides = [1, 1], phases = [1, 1], extents = [58, 57], pads = [1, 1], size = 3376>
           : tensor<1x64x56x56xf32> -> tensor<1x64x3376xf32>
    ```
  }];
  let arguments = (ins GS_ActivationType:$input, GS_ActivationType:$init, GS_PlaneAttr:$plane);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let hasVerifier = 1;
  let assemblyFormat = "$input `outs` `(` $init `:` type($init) `)` $plane attr-dict `:` type($input) (`->` type($results)^)?";
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getInitMutable(); }
  }];
}

def GS_PoolOp : GS_Op<"pool", [
    DestinationStyleOpInterface,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
    DeclareOpInterfaceMethods<BufferizableOpInterface,
      ["bufferizesToMemoryRead", "bufferizesToMemoryWrite", "getAliasingValues", "bufferize"]>]> {
  let summary = "Reduction of the windows that slide over each plane";
  let description = [{
    `input` is B x C x spatial... with one to three spatial dimensions, `init` and the result are B x C x spatial'... .
    The window of output position o covers the input positions o * stride + tap * dilation - pad; those outside of the
    input do not count, wherever they lie, so that only the leading `pads` are needed. `max` of no element is -infinity,
    and NaN wins; `sum` of none is zero.

    ```mlir
    %y = gs.pool max %x outs(%e : tensor<1x64x56x56xf32>) {kernel = array<i64: 3, 3>, strides = array<i64: 2, 2>,
           dilations = array<i64: 1, 1>, pads = array<i64: 1, 1>} : tensor<1x64x112x112xf32> -> tensor<1x64x56x56xf32>
    ```
  }];
  let arguments = (ins GS_PoolKindAttr:$kind, GS_ActivationType:$input, GS_ActivationType:$init,
                       DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations,
                       DenseI64ArrayAttr:$pads);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let hasVerifier = 1;
  let assemblyFormat = [{
    $kind $input `outs` `(` $init `:` type($init) `)` attr-dict `:` type($input) (`->` type($results)^)?
  }];
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getInitMutable(); }
    unsigned getSpatialRank() { return getStrides().size(); }
  }];
}

def GS_ThreadIdOp : GS_Op<"thread_id"> {
  let summary = "Number of the running thread, 0 .. num_threads - 1";
  let description = [{
    Networks run as single program, multiple data: every thread executes the network function and does its share of
    each layer. `gs-distribute-threads` replaces this op by an argument or by a constant.

    ```mlir
    %t = gs.thread_id
    ```
  }];
  let results = (outs Index:$result);
  let assemblyFormat = "attr-dict";
  let hasVerifier = 0;
}

def GS_NumThreadsOp : GS_Op<"num_threads"> {
  let summary = "Number of threads that run the network function";
  let description = [{
    ```mlir
    %n = gs.num_threads
    ```
  }];
  let results = (outs Index:$result);
  let assemblyFormat = "attr-dict";
}

def GS_BarrierOp : GS_Op<"barrier"> {
  let summary = "All threads meet here";
  let description = [{
    What a thread wrote before the barrier is seen by all threads after it.

    ```mlir
    gs.barrier
    ```
  }];
  let assemblyFormat = "attr-dict";
}

def GS_MarkLayerOp : GS_Op<"mark_layer"> {
  let summary = "What runs from here on computes a node of the model";
  let description = [{
    Stands in kernels of several nodes that were compiled for measuring (`gs-to-vector=mark-layers`), in front
    of what each of them computes. `convert-gs-threads-to-runtime` makes calls of `gsrt_layer_part` of it.

    ```mlir
    gs.mark_layer "layer1.0.conv3"
    ```
  }];
  let arguments = (ins StrAttr:$node);
  let assemblyFormat = "$node attr-dict";
}

#endif // GS_OPS
