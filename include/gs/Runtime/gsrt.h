/*===- gsrt.h - C runtime that compiled models link ------------------------===
 *
 * Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
 * See LICENSE for license information.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===
 *
 * The C ABI between a compiled model and its runtime: descriptors, instances,
 * the thread pool and error text. The runtime is plain C11 plus POSIX threads;
 * it depends neither on MLIR nor on a C++ library.
 *
 *===----------------------------------------------------------------------===*/
#ifndef GS_RUNTIME_GSRT_H
#define GS_RUNTIME_GSRT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Element types; the values are those of ONNX TensorProto.DataType. */
enum gsrt_dtype {
  GSRT_F32 = 1,
  GSRT_U8 = 2,
  GSRT_I8 = 3,
  GSRT_U16 = 4,
  GSRT_I16 = 5,
  GSRT_I32 = 6,
  GSRT_I64 = 7,
  GSRT_BOOL = 9,
  GSRT_F16 = 10,
  GSRT_F64 = 11,
  GSRT_U32 = 12,
  GSRT_U64 = 13,
  GSRT_BF16 = 16
};

/* One input or output of the network. `shape` has `rank` extents; `bytes` is the size of the row-major buffer. */
typedef struct gsrt_tensor_desc {
  const char *name;
  int32_t dtype;
  int32_t rank;
  const int64_t *shape;
  int64_t bytes;
} gsrt_tensor_desc;

/* The network function. It runs on every thread of the pool at once (single program, multiple data): thread `tid` of
 * `nthreads` does its share of each layer and meets the others in gsrt_barrier(barrier). `arena` is one block of
 * gsrt_model.arena_bytes, 64-byte aligned, shared by all threads of one run. */
typedef void (*gsrt_entry_fn)(void *const *inputs, void *const *outputs, void *arena, int64_t tid, int64_t nthreads,
                              void *barrier);

/* Instruction-set features a compiled model may require (bits of gsrt_model.cpu_features). The compiler generates code
 * for x86-64-v2, -v3 or -v4, AArch64 or RV64GC plus the features named here, so that these bits cover every instruction
 * it may emit. */
enum gsrt_cpu_feature {
  GSRT_CPU_AVX2 = 1 << 0,
  GSRT_CPU_FMA = 1 << 1,
  GSRT_CPU_AVX512F = 1 << 2,
  GSRT_CPU_AVX512BW = 1 << 3,
  GSRT_CPU_AVX512VL = 1 << 4,
  GSRT_CPU_AVX512DQ = 1 << 5,
  GSRT_CPU_AVX512VNNI = 1 << 6,
  GSRT_CPU_AVX512VBMI = 1 << 7,
  GSRT_CPU_AVX512BF16 = 1 << 8,
  GSRT_CPU_F16C = 1 << 9,
  GSRT_CPU_AVX512CD = 1 << 10,
  GSRT_CPU_AVX512FP16 = 1 << 11,
  GSRT_CPU_BMI1 = 1 << 12,
  GSRT_CPU_BMI2 = 1 << 13,
  GSRT_CPU_LZCNT = 1 << 14,
  GSRT_CPU_MOVBE = 1 << 15,
  GSRT_CPU_SSE42 = 1 << 16,
  GSRT_CPU_POPCNT = 1 << 17,
  GSRT_CPU_AVX = 1 << 18,
  GSRT_CPU_NEON = 1 << 19,   /* AArch64 Advanced SIMD */
  GSRT_CPU_SVE = 1 << 20,    /* AArch64 Scalable Vector Extension, vectors of any length */
  GSRT_CPU_SVE256 = 1 << 21, /* the same, of at least 256 bits */
  GSRT_CPU_SVE512 = 1 << 22, /* the same, of at least 512 bits */
  GSRT_CPU_RVV = 1 << 23,    /* RISC-V V 1.0, vectors of at least 128 bits */
  GSRT_CPU_RVV256 = 1 << 24, /* the same, of at least 256 bits */
  GSRT_CPU_RVV512 = 1 << 25  /* the same, of at least 512 bits */
};

/* Constant description of a compiled model, emitted by the compiler next to the code. */
typedef struct gsrt_model {
  int32_t abi_version; /* GSRT_ABI_VERSION */
  int32_t num_inputs;
  int32_t num_outputs;
  uint32_t cpu_features;   /* GSRT_CPU_* bits that the code needs */
  int32_t default_threads; /* threads when neither the caller nor GSC_NUM_THREADS says; 0: all usable cores */
  int32_t num_layers;      /* layers that the code marks with gsrt_layer; 0: it marks none */
  const char *name;
  const char *target; /* name of the target record the code was generated for */
  const gsrt_tensor_desc *inputs;
  const gsrt_tensor_desc *outputs;
  gsrt_entry_fn entry;
  int64_t arena_bytes;
  int64_t weight_bytes;           /* bytes of constants in the image */
  const char *const *layer_names; /* of num_layers layers */
} gsrt_model;

/* Called by the network function on every thread of a run: returns when all `nthreads` threads have called it. Writes
 * before it are visible to every thread after it. With one thread it returns at once. */
void gsrt_barrier(void *barrier);

/* Called by code that was compiled for measuring, on every thread, where layer `layer` begins; with
 * gsrt_model.num_layers, where the last one ends. The time between two calls of thread 0 goes to the layer of the
 * first. */
void gsrt_layer(void *barrier, int64_t tid, int64_t layer);

/* Called within such a layer by a kernel of several ones, where its part of layer `layer` begins, as often as it likes.
 */
void gsrt_layer_part(int64_t layer);

#define GSRT_ABI_VERSION 1

#ifdef __cplusplus
}
#endif
#endif /* GS_RUNTIME_GSRT_H */
