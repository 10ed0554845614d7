/*===- internal.h - What the files of the runtime share ------------------===
 *
 * Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
 * See LICENSE for license information.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===*/
#ifndef GS_LIB_RUNTIME_INTERNAL_H
#define GS_LIB_RUNTIME_INTERNAL_H

#include "gs/Runtime/gsrt_api.h"

#include <stddef.h>
#include <stdint.h>

/* One line of error text. Longer texts are cut, never overrun. */
#define GSRT_ERROR_BYTES 512

typedef struct gsrt_error_text {
  char text[GSRT_ERROR_BYTES];
} gsrt_error_text;

/* Sets the text, printf-like; returns -1 so that a caller can return it. */
__attribute__((format(printf, 2, 3))) int gsrt_fail(gsrt_error_text *error, const char *format, ...);

/*===- cpu.c --------------------------------------------------------------===*/

/* GSRT_CPU_* bits of this machine, support by the operating system included. */
uint32_t gsrt_host_features(void);

/* Fails, naming what is missing, if `host` lacks a feature of the model. */
int gsrt_check_features(const gsrt_model *model, uint32_t host, gsrt_error_text *error);

/* Writes the names of `features`, separated by ", ", into `buffer`. */
void gsrt_feature_names(uint32_t features, char *buffer, size_t bytes);

/* Cores this process may run on, at least 1. */
int gsrt_usable_cores(void);

/*===- arena.c ------------------------------------------------------------===*/

/* `bytes` bytes, zero, aligned to at least 64; NULL if there are none. Zero bytes give a valid pointer. */
void *gsrt_arena_alloc(int64_t bytes);
void gsrt_arena_free(void *arena, int64_t bytes);

/*===- denormals.c --------------------------------------------------------===*/

/* Makes the calling thread treat denormal numbers as zero; the value restores what was before. */
uint64_t gsrt_flush_denormals(void);
void gsrt_restore_denormals(uint64_t saved);

/*===- pool.c -------------------------------------------------------------===*/

typedef struct gsrt_pool gsrt_pool;

/* A job runs on every thread at once; thread 0 is the caller of gsrt_pool_run. */
typedef void (*gsrt_job_fn)(void *context, int thread, int threads);

/* A pool with `threads` - 1 threads of its own; NULL and a text if they cannot be had. */
gsrt_pool *gsrt_pool_create(int threads, gsrt_error_text *error);
void gsrt_pool_destroy(gsrt_pool *pool);
int gsrt_pool_threads(const gsrt_pool *pool);

/* Runs `job` on all threads and returns when all have returned from it. One call at a time. */
void gsrt_pool_run(gsrt_pool *pool, gsrt_job_fn job, void *context);

/* What a job of this pool passes to gsrt_barrier. */
void *gsrt_pool_barrier(gsrt_pool *pool);

/*===- layers.c -----------------------------------------------------------===*/

/* Where the time of a run goes. */
typedef struct gsrt_layer_clock {
  double *seconds; /* per layer; NULL: nothing is measured */
  double *waits;   /* at barriers, per thread of GSRT_MAX_THREADS and layer; NULL: not measured */
  int layers;
  int current; /* layer under way; -1: none */
  double since;
} gsrt_layer_clock;

double gsrt_now(void); /* seconds from some fixed moment */
/* Room for `layers` layers; without memory nothing is measured. */
void gsrt_layer_clock_init(gsrt_layer_clock *clock, int layers);
void gsrt_layer_clock_fini(gsrt_layer_clock *clock);
/* Before a run of `threads` threads. */
void gsrt_layer_clock_reset(gsrt_layer_clock *clock, int threads);
/* The calling thread waited at a barrier, in the layer that it announced last. */
void gsrt_layer_waited(gsrt_layer_clock *clock, double seconds);

/* The clock that gsrt_layer finds behind a barrier of this pool (pool.c). */
void gsrt_pool_set_clock(gsrt_pool *pool, gsrt_layer_clock *clock);
gsrt_layer_clock *gsrt_barrier_clock(void *barrier);

/*===- tensor.c -----------------------------------------------------------===*/

/* Bytes of one element; 0 for an unknown type. */
int gsrt_dtype_bytes(int32_t dtype);
/* NumPy's name ("float32"); "bfloat16" for the one NumPy lacks. */
const char *gsrt_dtype_name(int32_t dtype);
/* Writes "float32[1,3,224,224]". */
void gsrt_tensor_text(int32_t dtype, int rank, const int64_t *shape, char *buffer, size_t bytes);
/* Fills the buffer of `desc` with numbers that depend on nothing but the seed: standard normal for float types, 0 or 1
 * for integers (which index tables more often than not). */
void gsrt_tensor_random(const gsrt_tensor_desc *desc, void *data, uint64_t seed);

/*===- npy.c --------------------------------------------------------------===*/

/* Reads `path` into `data` (desc->bytes bytes). Fails unless type and shape are exactly those of `desc`. */
int gsrt_npy_read(const char *path, const gsrt_tensor_desc *desc, void *data, gsrt_error_text *error);

/* A file being written under a temporary name in its own folder. */
typedef struct gsrt_npy_file {
  char *path;
  char *temporary;
} gsrt_npy_file;

/* Writes the whole file under the temporary name; nothing is left of it on failure. */
int gsrt_npy_stage(gsrt_npy_file *file, const char *path, const gsrt_tensor_desc *desc, const void *data,
                   gsrt_error_text *error);
/* Gives the staged file its name. */
int gsrt_npy_commit(gsrt_npy_file *file, gsrt_error_text *error);
/* Removes the temporary file if it was not committed, and frees the names. */
void gsrt_npy_discard(gsrt_npy_file *file);

#endif /* GS_LIB_RUNTIME_INTERNAL_H */
