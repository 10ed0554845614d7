//===- EmitHeader.cpp - The C header of a compiled model ------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EmitInternal.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir::gs;

/// `text` without what would end a comment or a line.
static std::string forComment(llvm::StringRef text) {
  std::string safe;
  for (char c : text)
    safe += llvm::isPrint(c) ? c : '?';
  for (size_t at; (at = safe.find("*/")) != std::string::npos;)
    safe.replace(at, 2, "*_");
  return safe;
}

static void replaceAll(std::string &text, llvm::StringRef what, llvm::StringRef with) {
  for (size_t at = 0; (at = text.find(what.str(), at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with.str());
}

static const char *dtypeName(int32_t dtype) {
  static const char *const names[] = {"?",      "float32", "uint8", "int8", "uint16",  "int16",
                                      "int32",  "int64",   "?",     "bool", "float16", "float64",
                                      "uint32", "uint64",  "?",     "?",    "bfloat16"};
  return dtype >= 0 && dtype < 17 ? names[dtype] : "?";
}

static void listTensors(llvm::raw_ostream &os, const char *kind, llvm::ArrayRef<TensorInfo> tensors) {
  for (const auto &[index, tensor] : llvm::enumerate(tensors)) {
    os << " *   " << kind << " " << index << ": " << forComment(tensor.name) << "  " << dtypeName(tensor.dtype) << "[";
    llvm::interleave(tensor.shape, os, ",");
    os << "]\n";
  }
}

// @X@ stands for the prefix.
static const char *const kDeclarations = R"(
#ifndef @X@_H
#define @X@_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Element types of tensors; the numbers are those of ONNX TensorProto.DataType. */
enum {
  @X@_FLOAT32 = 1,
  @X@_UINT8 = 2,
  @X@_INT8 = 3,
  @X@_UINT16 = 4,
  @X@_INT16 = 5,
  @X@_INT32 = 6,
  @X@_INT64 = 7,
  @X@_BOOL = 9,
  @X@_FLOAT16 = 10,
  @X@_FLOAT64 = 11,
  @X@_UINT32 = 12,
  @X@_UINT64 = 13,
  @X@_BFLOAT16 = 16
};

/* One input or output. */
typedef struct @X@_tensor {
  const char *name;
  int32_t dtype;        /* one of the element types above */
  int32_t rank;         /* number of extents */
  const int64_t *shape; /* `rank` extents; NULL for a scalar */
  int64_t bytes;        /* size of the buffer: row-major, without gaps */
} @X@_tensor;

/* An instance: the memory and the threads of one user of the model. Instances share nothing that is written to, so
 * several threads may each use their own at the same time. Calls on the same instance take turns. */
typedef struct @X@_instance @X@_instance;

/* Makes an instance that runs with `threads` threads (1 to 256), the caller included. 0 takes the number from the
 * environment variable GSC_NUM_THREADS, else @DEFAULT@.
 * Returns NULL on failure, for instance on a CPU that lacks what the code needs; @X@_error(NULL) says why. */
@X@_instance *@X@_create(int threads);

/* Frees an instance and ends its threads. NULL is allowed. */
void @X@_destroy(@X@_instance *instance);

/* Number of inputs and outputs, and the description of each; NULL if `index` is out of range. */
int @X@_num_inputs(void);
int @X@_num_outputs(void);
const @X@_tensor *@X@_input(int index);
const @X@_tensor *@X@_output(int index);

/* Runs the model on the caller's buffers: inputs[i] holds @X@_input(i)->bytes bytes, outputs[i] receives
 * @X@_output(i)->bytes bytes. Buffers are aligned to their element type; outputs overlap nothing else.
 * Returns 0, or -1 on failure; @X@_error(instance) says why. */
int @X@_run(@X@_instance *instance, const void *const *inputs, void *const *outputs);

/* What went wrong in the last call on `instance`, "" if nothing did; valid until the next call on it. With NULL: why the
 * last @X@_create of this thread failed. Never NULL. */
const char *@X@_error(const @X@_instance *instance);

/* Changes the number of threads; `threads` as in @X@_create. Returns 0, or -1 and keeps the old number. */
int @X@_set_threads(@X@_instance *instance, int threads);

/* Threads that a run uses. */
int @X@_num_threads(const @X@_instance *instance);

#ifdef __cplusplus
}
#endif

#endif /* @X@_H */
)";

std::string mlir::gs::renderHeader(const ModelInfo &model, const TargetSpec &target, llvm::StringRef prefix) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "/* C interface of the neural network '" << forComment(model.name) << "', compiled by GSC for "
     << forComment(target.name) << ".\n *\n";
  listTensors(os, "input ", model.inputs);
  listTensors(os, "output", model.outputs);
  os << " *\n * A program that uses the object file links the C library's mathematics and threads: -lm -pthread.\n */";

  std::string declarations = kDeclarations;
  replaceAll(declarations, "@X@", prefix);
  replaceAll(declarations, "@DEFAULT@",
             model.defaultThreads ? std::to_string(model.defaultThreads) + " (chosen when compiling)"
                                  : "one per core that the process may use");
  return text + declarations;
}
