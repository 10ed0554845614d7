//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The parts of the reader of programs.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_TARGET_GSE_TEXTREADER_H
#define GS_LIB_TARGET_GSE_TEXTREADER_H

#include "TextCursor.h"
#include "gs/Target/GSE/Text.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

namespace mlir::gse::detail {

struct TextForm;

/// Reads one program. The first mistake ends it, with one diagnostic.
class TextReader {
public:
  TextReader(StringRef text, StringRef fileName, OpenSideFn openSide, MLIRContext *context)
      : at(text, fileName, context), openSide(openSide), context(context), b(context) {}

  OwningOpRef<ModuleOp> read();

private:
  // Items of the file (TextParse.cpp).
  LogicalResult readHeader();
  LogicalResult readSide(const std::string &name, int64_t bytes, std::optional<int64_t> crc, Location loc);
  LogicalResult readData();
  LogicalResult readMachine();
  LogicalResult readKernel();
  FailureOr<std::string> newSymbol();
  /// "f16[8x1]"
  FailureOr<RankedTensorType> tensorType();
  /// " at=64", as a constant of this type from the side file.
  FailureOr<ElementsAttr> constantAt(RankedTensorType type);
  /// "key=" and an integer.
  FailureOr<int64_t> keyed(StringRef key, int64_t low, int64_t high);

  // The host function (TextHost.cpp).
  LogicalResult readHost();
  LogicalResult readSlice(SmallVectorImpl<StringRef> &results, RankedTensorType type, Value source, Location loc);
  LogicalResult readPad(SmallVectorImpl<StringRef> &results, RankedTensorType type, Value source, ArrayRef<int64_t> low,
                        Location loc);
  LogicalResult readTranspose(SmallVectorImpl<StringRef> &results, RankedTensorType type, Value source,
                              ArrayRef<int64_t> permutation, Location loc);
  LogicalResult readHostLine(SmallVectorImpl<StringRef> &results, Location loc);

  // Blocks and instructions (TextInstructions.cpp).
  LogicalResult readBlock(Block &block, size_t outerIndent, unsigned depth, bool isLoop, Location header);
  LogicalResult readLine(size_t indent, unsigned depth, bool &ended);
  LogicalResult readFor(ArrayRef<StringRef> results, size_t indent, unsigned depth, Location loc);
  LogicalResult readRegion(size_t indent, unsigned depth, Location loc);
  LogicalResult readScalar(ArrayRef<StringRef> results, StringRef suffix, Location loc);
  LogicalResult readInstruction(const TextForm &form, ArrayRef<StringRef> results, StringRef suffix, Location loc);
  /// "%1, %2 = " in front of a line; nothing if there is none.
  LogicalResult readResults(SmallVectorImpl<StringRef> &results);
  FailureOr<Value> operand();
  LogicalResult define(StringRef name, Value value, Location loc);
  LogicalResult defineResults(ArrayRef<StringRef> names, Operation *op, Location loc);
  /// Gives up names that were defined inside of a block.
  void leave(size_t defined);

  TextCursor at;
  OpenSideFn openSide;
  MLIRContext *context;
  OpBuilder b;
  std::unique_ptr<llvm::MemoryBuffer> side;
  int64_t sideBytes = 0;
  std::string machine; ///< of the next kernel
  llvm::StringSet<> symbols;
  llvm::StringMap<Value> values;      ///< that can be named here
  llvm::StringSet<> used;             ///< names of this kernel
  SmallVector<StringRef> definitions; ///< in the order of the text
};

} // namespace mlir::gse::detail

#endif // GS_LIB_TARGET_GSE_TEXTREADER_H
