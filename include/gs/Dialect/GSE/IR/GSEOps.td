//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The instructions of a gather/scatter engine.
//
//===----------------------------------------------------------------------===//
#ifndef GSE_OPS
#define GSE_OPS

include "gs/Dialect/GSE/IR/GSEDialect.td"
include "mlir/IR/OpBase.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/FunctionInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def GSE_TcmPtr : Type<CPred<"::llvm::isa<::mlir::gse::PtrType>($_self) && "
                            "::llvm::cast<::mlir::gse::PtrType>($_self).getSpace() == ::mlir::gse::Space::Tcm">,
                      "pointer into the TCM">;
def GSE_CachedPtr : Type<CPred<"::llvm::isa<::mlir::gse::PtrType>($_self) && "
                               "::llvm::cast<::mlir::gse::PtrType>($_self).getSpace() == ::mlir::gse::Space::Cached">,
                         "pointer into cached memory">;
def GSE_Pointer : Type<CPred<"::llvm::isa<::mlir::gse::PtrType>($_self)">, "pointer">;
def GSE_Vector : VectorOfRankAndType<[1], [F16, F32, I16, I32]>;
def GSE_FloatVector : VectorOfRankAndType<[1], [F16, F32]>;
def GSE_IndexVector : VectorOfRankAndType<[1], [I16, I32]>;
def GSE_Value : AnyTypeOf<[F16, F32, I16, I32, GSE_Vector], "scalar or vector of f16, f32, i16 or i32">;

class GSE_Op<string mnemonic, list<Trait> traits = []> : Op<GSE_Dialect, mnemonic, traits>;

//===----------------------------------------------------------------------===//
// Structure
//===----------------------------------------------------------------------===//

def GSE_KernelOp : GSE_Op<"kernel", [IsolatedFromAbove, FunctionOpInterface]> {
  let summary = "An entry point of the engine";
  let description = [{
    A function of pointers into cached memory, for the machine of a record (with fields replaced, if wanted).

    ```mlir
    gse.kernel @fc(%x: !gse.ptr<cached>, %y: !gse.ptr<cached>) attributes {machine = "gse-inorder2"} {
      gse.return
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<FunctionType>:$function_type, StrAttr:$machine,
                       OptionalAttr<DictArrayAttr>:$arg_attrs, OptionalAttr<DictArrayAttr>:$res_attrs);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::Region *getCallableRegion() { return &getBody(); }
    ::llvm::ArrayRef<::mlir::Type> getArgumentTypes() { return getFunctionType().getInputs(); }
    ::llvm::ArrayRef<::mlir::Type> getResultTypes() { return getFunctionType().getResults(); }
  }];
}

def GSE_ReturnOp : GSE_Op<"return", [Terminator, HasParent<"KernelOp">]> {
  let summary = "End of a kernel";
  let assemblyFormat = "attr-dict";
}

def GSE_DataOp : GSE_Op<"data", [Symbol]> {
  let summary = "A constant of the side file";
  let description = [{
    Bytes in cached memory, aligned to `align` bytes (a power of two).

    ```mlir
    gse.data @w align 32 = dense<[1, 2]> : tensor<2xi32>
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, I64Attr:$align, ElementsAttr:$value);
  let assemblyFormat = "$sym_name `align` $align `=` $value attr-dict";
  let hasVerifier = 1;
}

def GSE_AddressOp : GSE_Op<"address", [Pure]> {
  let summary = "Where a constant lies; no instruction";
  let arguments = (ins FlatSymbolRefAttr:$data);
  let results = (outs GSE_CachedPtr:$result);
  let assemblyFormat = "$data attr-dict `:` type($result)";
}

def GSE_RegionOp : GSE_Op<"region", [NoTerminator, SingleBlock]> {
  let summary = "A bracket for statistics; no instruction";
  let description = [{
    Cycles are told apart by region. `loop` names the law of the inner loops in it (`gather-scatter`, `block`, ...; see
    `gs/Target/GSE/Law.h`), `per_row` the lanes of one row, `accumulators` how many sums take turns.

    ```mlir
    gse.region "fc" {
    } {loop = "gather-scatter", per_row = 1 : i64}
    ```
  }];
  let arguments = (ins StrAttr:$name, OptionalAttr<StrAttr>:$loop, DefaultValuedAttr<I64Attr, "1">:$per_row,
                       DefaultValuedAttr<I64Attr, "2">:$accumulators);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$name $body attr-dict";
  let hasVerifier = 1;
}

def GSE_ForOp : GSE_Op<"for", [SingleBlock]> {
  let summary = "A counted loop with carried values; two instructions per iteration";
  let description = [{
    Runs while the i32 counter is below the upper bound, in steps of one. Results are the values carried by the last
    iteration, or the initial ones if there is none.

    ```mlir
    %sum, %end = gse.for %g = %lo to %hi carry (%a = %zero, %p = %w) : vector<8xf16>, !gse.ptr<cached> {
      gse.yield %a, %p : vector<8xf16>, !gse.ptr<cached>
    }
    ```
  }];
  let arguments = (ins I32:$lower, I32:$upper, Variadic<AnyType>:$inits);
  let results = (outs Variadic<AnyType>:$results);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
}

def GSE_YieldOp : GSE_Op<"yield", [Terminator, HasParent<"ForOp">]> {
  let summary = "Values carried to the next iteration; no instruction";
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

def GSE_TcmAllocOp : GSE_Op<"tcm.alloc"> {
  let summary = "Names a region of the TCM; no instruction";
  let description = [{
    ```mlir
    %x = gse.tcm.alloc 2048 at 0 : !gse.ptr<tcm>
    ```
  }];
  let arguments = (ins I64Attr:$bytes, I64Attr:$offset);
  let results = (outs GSE_TcmPtr:$result);
  let assemblyFormat = "$bytes `at` $offset attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def GSE_StreamArmOp : GSE_Op<"stream.arm"> {
  let summary = "Announces a cached stream of so many bytes to the prefetcher";
  let arguments = (ins GSE_CachedPtr:$base, I64Attr:$bytes);
  let assemblyFormat = "$base `,` $bytes attr-dict `:` type($base)";
  let hasVerifier = 1;
}

def GSE_DmaStartOp : GSE_Op<"dma.start"> {
  let summary = "Begins a strided copy between cached memory and TCM";
  let description = [{
    Copies `rows` runs of `bytes` bytes, whose starts lie `source_pitch` and `target_pitch` bytes apart.

    ```mlir
    %t = gse.dma.start %x to %tile, 2048 : !gse.ptr<cached> to !gse.ptr<tcm>
    %u = gse.dma.start %x to %tile, 64 rows 8 pitch 256 to 64 : !gse.ptr<cached> to !gse.ptr<tcm>
    ```
  }];
  let arguments = (ins GSE_Pointer:$source, GSE_Pointer:$target, I64Attr:$bytes,
                       DefaultValuedAttr<I64Attr, "1">:$rows, DefaultValuedAttr<I64Attr, "0">:$source_pitch,
                       DefaultValuedAttr<I64Attr, "0">:$target_pitch);
  let results = (outs GSE_TokenType:$token);
  let assemblyFormat = [{
    $source `to` $target `,` $bytes (`rows` $rows^ `pitch` $source_pitch `to` $target_pitch)? attr-dict
    `:` type($source) `to` type($target)
  }];
  let hasVerifier = 1;
}

def GSE_DmaWaitOp : GSE_Op<"dma.wait"> {
  let summary = "Blocks until a copy is complete";
  let arguments = (ins GSE_TokenType:$token);
  let assemblyFormat = "$token attr-dict";
}

def GSE_LoadOp : GSE_Op<"load"> {
  let summary = "Reads one scalar or one contiguous vector";
  let arguments = (ins GSE_Pointer:$base, I64Attr:$offset);
  let results = (outs GSE_Value:$result);
  let assemblyFormat = "$base `,` $offset attr-dict `:` type($base) `->` type($result)";
}

def GSE_LoadIndexedOp : GSE_Op<"load_indexed"> {
  let summary = "Reads one scalar or one contiguous vector at an unsigned index times a constant number of bytes";
  let description = [{
    ```mlir
    %v = gse.load_indexed %x, 0[%step] by 16 : !gse.ptr<tcm>, i32 -> vector<8xf16>
    ```
  }];
  let arguments = (ins GSE_Pointer:$base, I64Attr:$offset, AnyTypeOf<[I16, I32]>:$index, I64Attr:$scale);
  let results = (outs GSE_Value:$result);
  let assemblyFormat = [{
    $base `,` $offset `[` $index `]` `by` $scale attr-dict `:` type($base) `,` type($index) `->` type($result)
  }];
}

def GSE_StoreOp : GSE_Op<"store"> {
  let summary = "Writes one scalar or one contiguous vector";
  let arguments = (ins GSE_Value:$value, GSE_Pointer:$base, I64Attr:$offset);
  let assemblyFormat = "$value `,` $base `,` $offset attr-dict `:` type($value) `,` type($base)";
}

def GSE_AddpOp : GSE_Op<"addp", [Pure, AllTypesMatch<["base", "result"]>]> {
  let summary = "Pointer plus a constant number of bytes";
  let arguments = (ins GSE_Pointer:$base, I64Attr:$offset);
  let results = (outs GSE_Pointer:$result);
  let assemblyFormat = "$base `,` $offset attr-dict `:` type($base)";
}

def GSE_AddpIndexOp : GSE_Op<"addp_index", [Pure, AllTypesMatch<["base", "result"]>]> {
  let summary = "Pointer plus an unsigned index times a constant number of bytes";
  let description = [{
    ```mlir
    %p = gse.addp_index %x, %i by 2 : !gse.ptr<tcm>, i16
    ```
  }];
  let arguments = (ins GSE_Pointer:$base, AnyTypeOf<[I16, I32]>:$index, I64Attr:$scale);
  let results = (outs GSE_Pointer:$result);
  let assemblyFormat = "$base `,` $index `by` $scale attr-dict `:` type($base) `,` type($index)";
}

//===----------------------------------------------------------------------===//
// Gather and scatter
//===----------------------------------------------------------------------===//

def GSE_GatherOp : GSE_Op<"gather", [AllShapesMatch<["indices", "result"]>]> {
  let summary = "Lane i becomes base[index[i]], from the TCM";
  let description = [{
    Indices count elements and are unsigned. `bank_distinct` is a promise of the compiler that all lanes lie in different
    sub-banks; the simulator checks it every time.

    ```mlir
    %e = gse.gather %x, 0[%i] bank_distinct : !gse.ptr<tcm>, vector<8xi16> -> vector<8xf16>
    ```
  }];
  let arguments = (ins GSE_TcmPtr:$base, I64Attr:$offset, GSE_IndexVector:$indices, UnitAttr:$bank_distinct);
  let results = (outs GSE_Vector:$result);
  let assemblyFormat = [{
    $base `,` $offset `[` $indices `]` (`bank_distinct` $bank_distinct^)? attr-dict
    `:` type($base) `,` type($indices) `->` type($result)
  }];
}

def GSE_GatherCachedOp : GSE_Op<"gather_cached", [AllShapesMatch<["indices", "result"]>]> {
  let summary = "Lane i becomes base[index[i]], from cached memory";
  let arguments = (ins GSE_CachedPtr:$base, I64Attr:$offset, GSE_IndexVector:$indices);
  let results = (outs GSE_Vector:$result);
  let assemblyFormat = "$base `,` $offset `[` $indices `]` attr-dict `:` type($base) `,` type($indices) `->` type($result)";
}

def GSE_GatherFusedOp : GSE_Op<"gather_fused"> {
  let summary = "Reads unsigned 16-bit indices from cached memory and gathers from the TCM, in one instruction";
  let description = [{
    ```mlir
    %e = gse.gather_fused %x, 0[%w, 16] bank_distinct : !gse.ptr<tcm>, !gse.ptr<cached> -> vector<8xf16>
    ```
  }];
  let arguments = (ins GSE_TcmPtr:$base, I64Attr:$offset, GSE_CachedPtr:$index_base, I64Attr:$index_offset,
                       UnitAttr:$bank_distinct);
  let results = (outs GSE_Vector:$result);
  let assemblyFormat = [{
    $base `,` $offset `[` $index_base `,` $index_offset `]` (`bank_distinct` $bank_distinct^)? attr-dict
    `:` type($base) `,` type($index_base) `->` type($result)
  }];
}

def GSE_ScatterOp : GSE_Op<"scatter", [AllShapesMatch<["value", "indices"]>]> {
  let summary = "base[index[i]] becomes lane i, in the TCM; two lanes on one address are an error";
  let arguments = (ins GSE_Vector:$value, GSE_TcmPtr:$base, I64Attr:$offset, GSE_IndexVector:$indices);
  let assemblyFormat = "$value `,` $base `,` $offset `[` $indices `]` attr-dict `:` type($value) `,` type($base) `,` type($indices)";
}

//===----------------------------------------------------------------------===//
// Arithmetic, lane by lane, rounded to nearest even
//===----------------------------------------------------------------------===//

def GSE_SplatOp : GSE_Op<"splat", [Pure]> {
  let summary = "Fills all lanes with a constant";
  let arguments = (ins F64Attr:$value);
  let results = (outs GSE_FloatVector:$result);
  let assemblyFormat = "$value attr-dict `:` type($result)";
}

def GSE_LoadSplatOp : GSE_Op<"load_splat"> {
  let summary = "Fills all lanes with one loaded element";
  let arguments = (ins GSE_Pointer:$base, I64Attr:$offset);
  let results = (outs GSE_FloatVector:$result);
  let assemblyFormat = "$base `,` $offset attr-dict `:` type($base) `->` type($result)";
}

def GSE_LoadSplatIndexedOp : GSE_Op<"load_splat_indexed"> {
  let summary = "Fills all lanes with base[index]";
  let arguments = (ins GSE_Pointer:$base, I64Attr:$offset, AnyTypeOf<[I16, I32]>:$index);
  let results = (outs GSE_FloatVector:$result);
  let assemblyFormat = "$base `,` $offset `[` $index `]` attr-dict `:` type($base) `,` type($index) `->` type($result)";
}

def GSE_FmaOp : GSE_Op<"fma", [Pure, SameOperandsAndResultType]> {
  let summary = "a * b + c, rounded once";
  let arguments = (ins GSE_FloatVector:$a, GSE_FloatVector:$b, GSE_FloatVector:$c);
  let results = (outs GSE_FloatVector:$result);
  let assemblyFormat = "$a `,` $b `,` $c attr-dict `:` type($result)";
}

class GSE_BinaryOp<string mnemonic> : GSE_Op<mnemonic, [Pure, SameOperandsAndResultType]> {
  let arguments = (ins GSE_FloatVector:$a, GSE_FloatVector:$b);
  let results = (outs GSE_FloatVector:$result);
  let assemblyFormat = "$a `,` $b attr-dict `:` type($result)";
}
def GSE_AddOp : GSE_BinaryOp<"add"> { let summary = "a + b"; }
def GSE_MulOp : GSE_BinaryOp<"mul"> { let summary = "a * b"; }

def GSE_WidenOp : GSE_Op<"widen", [Pure]> {
  let summary = "The even, or with `odd` the odd, f16 lanes as f32";
  let arguments = (ins VectorOfRankAndType<[1], [F16]>:$value, UnitAttr:$odd);
  let results = (outs VectorOfRankAndType<[1], [F32]>:$result);
  let assemblyFormat = "(`odd` $odd^)? $value attr-dict `:` type($value) `->` type($result)";
  let hasVerifier = 1;
}

def GSE_NarrowOp : GSE_Op<"narrow", [Pure, AllTypesMatch<["even", "odd"]>]> {
  let summary = "Two vectors of f32 as one of f16, interleaved";
  let arguments = (ins VectorOfRankAndType<[1], [F32]>:$even, VectorOfRankAndType<[1], [F32]>:$odd);
  let results = (outs VectorOfRankAndType<[1], [F16]>:$result);
  let assemblyFormat = "$even `,` $odd attr-dict `:` type($even) `->` type($result)";
  let hasVerifier = 1;
}

def GSE_ReduceAddOp : GSE_Op<"reduce_add", [Pure]> {
  let summary = "Sums each run of k lanes; the result has one lane per run";
  let description = [{
    A fixed tree: lane i + lane i + k/2 of a run, halving k.

    ```mlir
    %s = gse.reduce_add %v : vector<8xf16> -> vector<2xf16>   // k = 4
    ```
  }];
  let arguments = (ins GSE_FloatVector:$value);
  let results = (outs GSE_FloatVector:$result);
  let assemblyFormat = "$value attr-dict `:` type($value) `->` type($result)";
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Host side
//===----------------------------------------------------------------------===//

def GSE_LaunchOp : GSE_Op<"launch"> {
  let summary = "Runs a kernel on tensors of the host";
  let description = [{
    The operands are the first arguments of the kernel, in cached memory; the results are buffers for its last ones, zeroed
    before.

    ```mlir
    %y = gse.launch @fc(%x) : (tensor<1024xf16>) -> tensor<1024xf16>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$kernel, Variadic<AnyRankedTensor>:$inputs);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = "$kernel `(` $inputs `)` attr-dict `:` functional-type($inputs, $results)";
}

#endif // GSE_OPS
