/*===- gsrt_api.h - Instances of a compiled model ------------------------===
 *
 * Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
 * See LICENSE for license information.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===
 *
 * What the exported functions of a compiled model (X_create, X_run, ...) and the
 * main of an executable forward to. One instance owns one arena. All instances of
 * one library share its threads: a run alone has as many as its instance asked
 * for, runs at the same time together have at most one per core (each at least
 * its caller). Outputs do not depend on how many there were. With GSC_PIN=1 in the
 * environment, threads other than callers are bound to a core each.
 *
 *===----------------------------------------------------------------------===*/
#ifndef GS_RUNTIME_GSRT_API_H
#define GS_RUNTIME_GSRT_API_H

#include "gs/Runtime/gsrt.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gsrt_instance gsrt_instance;

/* The most threads an instance may have. */
#define GSRT_MAX_THREADS 256

/* A new instance that runs with `threads` threads, the caller of gsrt_run included. 0 asks for GSC_NUM_THREADS from the
 * environment, else for the model's default, else for one thread per core this process may use. Returns NULL when the
 * CPU lacks a feature the code needs, when the thread count is out of range or when memory or threads are not to be
 * had; gsrt_error(NULL) then says which, on the same thread. */
gsrt_instance *gsrt_create(const gsrt_model *model, int threads);

/* Ends the threads and frees the instance. NULL is allowed. No run may be under way. */
void gsrt_destroy(gsrt_instance *instance);

/* Runs the network once: inputs[i] and outputs[i] are row-major buffers of gsrt_model.inputs[i].bytes and
 * outputs[i].bytes, aligned to their element type; an output may overlap neither an input nor another output. Returns
 * 0, or -1 with a text in gsrt_error. Several threads may call it, on one instance (the calls take turns) or on several
 * (they run side by side). */
int gsrt_run(gsrt_instance *instance, const void *const *inputs, void *const *outputs);

/* What went wrong in the last call on `instance`, or "" if nothing did; valid until the next call on it. With NULL:
 * what went wrong in the last gsrt_create of the calling thread. Never NULL. */
const char *gsrt_error(const gsrt_instance *instance);

/* Changes the number of threads, with the same meaning of 0 as in gsrt_create. Returns 0, or -1 and leaves the old
 * ones. */
int gsrt_set_threads(gsrt_instance *instance, int threads);

/* Threads of one run. */
int gsrt_num_threads(const gsrt_instance *instance);

/* Seconds that each of gsrt_model.num_layers layers took in the last run, on thread 0; NULL if the code marks none. */
const double *gsrt_layer_seconds(const gsrt_instance *instance);

/* Seconds that thread `thread` (from 0) waited at barriers in each layer of the last run, a part of those of
 * gsrt_layer_seconds; NULL if the code marks no layers, or if there is no such thread. */
const double *gsrt_layer_waits(const gsrt_instance *instance, int thread);

/* Description of input or output `index`; NULL if there is no such one. */
const gsrt_tensor_desc *gsrt_input(const gsrt_model *model, int index);
const gsrt_tensor_desc *gsrt_output(const gsrt_model *model, int index);

/* The whole of an executable: `argc` and `argv` are those of main, the value is its exit code. */
int gsrt_main(const gsrt_model *model, int argc, char **argv);

#ifdef __cplusplus
}
#endif
#endif /* GS_RUNTIME_GSRT_API_H */
