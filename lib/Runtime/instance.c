/*===- instance.c - Create, run and free an instance ---------------------===
 *
 * Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
 * See LICENSE for license information.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===*/
#include "internal.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct gsrt_instance {
  const gsrt_model *model;
  gsrt_pool *pool;
  void *arena;
  gsrt_layer_clock clock;
  pthread_mutex_t turn; /* callers of one instance take turns */
  gsrt_error_text error;
};

/* Errors of a creation have no instance to live in. */
static _Thread_local gsrt_error_text creation_error;

int gsrt_fail(gsrt_error_text *error, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(error->text, sizeof error->text, format, arguments);
  va_end(arguments);
  return -1;
}

/* Resolves 0 and checks the range; -1 and a text on failure. */
static int choose_threads(const gsrt_model *model, int asked, gsrt_error_text *error) {
  const char *source = "the caller";
  long threads = asked;
  if (threads == 0) {
    const char *text = getenv("GSC_NUM_THREADS");
    if (text && *text) {
      char *end;
      errno = 0;
      threads = strtol(text, &end, 10);
      if (errno || *end || threads < 1 || threads > GSRT_MAX_THREADS)
        return gsrt_fail(error, "GSC_NUM_THREADS is '%s'; set it to a number from 1 to %d, or unset it", text,
                         GSRT_MAX_THREADS);
      return (int)threads;
    }
    source = "the model";
    threads = model->default_threads;
  }
  if (threads == 0) {
    const int cores = gsrt_usable_cores();
    return cores < GSRT_MAX_THREADS ? cores : GSRT_MAX_THREADS;
  }
  if (threads < 1 || threads > GSRT_MAX_THREADS)
    return gsrt_fail(error, "%ld threads asked for by %s; ask for 1 to %d, or 0 for all cores", threads, source,
                     GSRT_MAX_THREADS);
  return (int)threads;
}

gsrt_instance *gsrt_create(const gsrt_model *model, int threads) {
  gsrt_error_text *error = &creation_error;
  error->text[0] = 0;
  if (!model || model->abi_version != GSRT_ABI_VERSION) {
    gsrt_fail(error, "the model was compiled for runtime interface %d, this runtime has %d; compile it again",
              model ? (int)model->abi_version : 0, GSRT_ABI_VERSION);
    return NULL;
  }
  if (gsrt_check_features(model, gsrt_host_features(), error))
    return NULL;
  const int count = choose_threads(model, threads, error);
  if (count < 0)
    return NULL;

  gsrt_instance *instance = calloc(1, sizeof *instance);
  if (!instance) {
    gsrt_fail(error, "no memory for an instance of model '%s'", model->name);
    return NULL;
  }
  instance->model = model;
  instance->arena = gsrt_arena_alloc(model->arena_bytes);
  if (!instance->arena) {
    gsrt_fail(error, "no memory for the activations of model '%s' (%lld bytes)", model->name,
              (long long)model->arena_bytes);
    free(instance);
    return NULL;
  }
  gsrt_layer_clock_init(&instance->clock, model->num_layers);
  instance->pool = gsrt_pool_create(count, error);
  if (!instance->pool) {
    gsrt_arena_free(instance->arena, model->arena_bytes);
    gsrt_layer_clock_fini(&instance->clock);
    free(instance);
    return NULL;
  }
  gsrt_pool_set_clock(instance->pool, &instance->clock);
  pthread_mutex_init(&instance->turn, NULL);
  return instance;
}

void gsrt_destroy(gsrt_instance *instance) {
  if (!instance)
    return;
  gsrt_pool_destroy(instance->pool);
  gsrt_arena_free(instance->arena, instance->model->arena_bytes);
  gsrt_layer_clock_fini(&instance->clock);
  pthread_mutex_destroy(&instance->turn);
  free(instance);
}

/*===- Running ------------------------------------------------------------===*/

static int check_buffer(const char *kind, const gsrt_tensor_desc *desc, const void *data, gsrt_error_text *error) {
  if (!data && desc->bytes)
    return gsrt_fail(error, "%s '%s' is NULL; pass a buffer of %lld bytes", kind, desc->name, (long long)desc->bytes);
  const int alignment = gsrt_dtype_bytes(desc->dtype);
  if (alignment && (uintptr_t)data % (uintptr_t)alignment)
    return gsrt_fail(error, "%s '%s' is not aligned to its element type; align it to %d bytes", kind, desc->name,
                     alignment);
  return 0;
}

static int overlap(const void *a, int64_t a_bytes, const void *b, int64_t b_bytes) {
  const uintptr_t x = (uintptr_t)a, y = (uintptr_t)b;
  return a_bytes && b_bytes && x < y + (uintptr_t)b_bytes && y < x + (uintptr_t)a_bytes;
}

static int check_buffers(const gsrt_model *model, const void *const *inputs, void *const *outputs,
                         gsrt_error_text *error) {
  if ((model->num_inputs && !inputs) || (model->num_outputs && !outputs))
    return gsrt_fail(error, "the list of %s is NULL", model->num_inputs && !inputs ? "inputs" : "outputs");
  for (int i = 0; i < model->num_inputs; ++i)
    if (check_buffer("input", &model->inputs[i], inputs[i], error))
      return -1;
  for (int o = 0; o < model->num_outputs; ++o) {
    const gsrt_tensor_desc *out = &model->outputs[o];
    if (check_buffer("output", out, outputs[o], error))
      return -1;
    for (int i = 0; i < model->num_inputs; ++i)
      if (overlap(outputs[o], out->bytes, inputs[i], model->inputs[i].bytes))
        return gsrt_fail(error, "output '%s' overlaps input '%s'; give it a buffer of its own", out->name,
                         model->inputs[i].name);
    for (int p = 0; p < o; ++p)
      if (overlap(outputs[o], out->bytes, outputs[p], model->outputs[p].bytes))
        return gsrt_fail(error, "output '%s' overlaps output '%s'; give it a buffer of its own", out->name,
                         model->outputs[p].name);
  }
  return 0;
}

typedef struct run_job {
  gsrt_instance *instance;
  void *const *inputs;
  void *const *outputs;
} run_job;

static void run_on_thread(void *context, int thread, int threads) {
  const run_job *job = context;
  const gsrt_instance *instance = job->instance;
  instance->model->entry(job->inputs, job->outputs, instance->arena, thread, threads,
                         gsrt_pool_barrier(instance->pool));
}

int gsrt_run(gsrt_instance *instance, const void *const *inputs, void *const *outputs) {
  if (!instance)
    return gsrt_fail(&creation_error, "the instance is NULL: its creation failed, or it was freed");
  pthread_mutex_lock(&instance->turn);
  instance->error.text[0] = 0;
  const int status = check_buffers(instance->model, inputs, outputs, &instance->error);
  if (!status) {
    /* The entry takes all pointers as void *; it never writes to an input. */
    run_job job = {instance, (void *const *)inputs, outputs};
    gsrt_layer_clock_reset(&instance->clock, gsrt_pool_threads(instance->pool));
    const uint64_t saved = gsrt_flush_denormals();
    gsrt_pool_run(instance->pool, run_on_thread, &job);
    gsrt_restore_denormals(saved);
  }
  pthread_mutex_unlock(&instance->turn);
  return status;
}

/*===- Queries ------------------------------------------------------------===*/

const char *gsrt_error(const gsrt_instance *instance) { return instance ? instance->error.text : creation_error.text; }

int gsrt_set_threads(gsrt_instance *instance, int threads) {
  if (!instance)
    return gsrt_fail(&creation_error, "the instance is NULL: its creation failed, or it was freed");
  pthread_mutex_lock(&instance->turn);
  instance->error.text[0] = 0;
  int status = -1;
  const int count = choose_threads(instance->model, threads, &instance->error);
  if (count == gsrt_pool_threads(instance->pool)) {
    status = 0;
  } else if (count > 0) {
    gsrt_pool *pool = gsrt_pool_create(count, &instance->error);
    if (pool) {
      gsrt_pool_destroy(instance->pool);
      instance->pool = pool;
      gsrt_pool_set_clock(pool, &instance->clock);
      status = 0;
    }
  }
  pthread_mutex_unlock(&instance->turn);
  return status;
}

int gsrt_num_threads(const gsrt_instance *instance) { return instance ? gsrt_pool_threads(instance->pool) : 0; }

const double *gsrt_layer_seconds(const gsrt_instance *instance) { return instance ? instance->clock.seconds : NULL; }

const double *gsrt_layer_waits(const gsrt_instance *instance, int thread) {
  if (!instance || !instance->clock.waits || thread < 0 || thread >= gsrt_pool_threads(instance->pool))
    return NULL;
  return instance->clock.waits + (size_t)thread * (size_t)instance->clock.layers;
}

const gsrt_tensor_desc *gsrt_input(const gsrt_model *model, int index) {
  return index >= 0 && index < model->num_inputs ? &model->inputs[index] : NULL;
}

const gsrt_tensor_desc *gsrt_output(const gsrt_model *model, int index) {
  return index >= 0 && index < model->num_outputs ? &model->outputs[index] : NULL;
}
