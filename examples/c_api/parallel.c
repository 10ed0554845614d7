/*===- parallel.c - Several instances of a network on several threads ------===
 *
 * Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
 * See LICENSE for license information.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===
 *
 * Each thread makes an instance of its own and runs it on the same input; all
 * must compute the same. Prints the first values of every output.
 *
 *   gsc compile MODEL.onnx --emit=shared -o libnetwork.so
 *   cc parallel.c -o parallel -L. -lnetwork -Wl,-rpath,'$ORIGIN' -pthread
 *   ./parallel [THREADS [RUNS]]
 *
 * or, with everything in one program:
 *
 *   gsc compile MODEL.onnx --emit=object -o network.o
 *   cc parallel.c network.o -o parallel -lm -pthread
 *
 *===----------------------------------------------------------------------===*/
#include "network.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Buffers for all outputs (or inputs), described by `describe`. */
static void **make_buffers(int count, const network_tensor *(*describe)(int)) {
  void **buffers = calloc((size_t)count + 1, sizeof *buffers);
  for (int i = 0; buffers && i < count; ++i)
    if (!(buffers[i] = calloc(1, (size_t)describe(i)->bytes + 1)))
      return NULL;
  return buffers;
}

/* Frees what make_buffers made. */
static void free_buffers(void **buffers, int count) {
  for (int i = 0; buffers && i < count; ++i)
    free(buffers[i]);
  free(buffers);
}

/* Float inputs get a wave, all others stay zero. */
static void fill_inputs(void **inputs) {
  for (int i = 0; i < network_num_inputs(); ++i) {
    const network_tensor *tensor = network_input(i);
    float *values = inputs[i];
    if (tensor->dtype != network_FLOAT32)
      continue;
    for (int64_t e = 0; e < tensor->bytes / 4; ++e)
      values[e] = (float)((e * 37 + 11 * i) % 101) / 50.0f - 1.0f;
  }
}

typedef struct task {
  void **inputs; /* read by all threads */
  void **outputs;
  int runs;
  char error[256];
} task;

/* One thread: an instance, `runs` runs, the end of the instance. */
static void *work(void *argument) {
  task *mine = argument;
  network_instance *instance = network_create(1);
  if (!instance) {
    snprintf(mine->error, sizeof mine->error, "%s", network_error(NULL));
    return NULL;
  }
  for (int run = 0; run < mine->runs; ++run)
    if (network_run(instance, (const void *const *)mine->inputs, mine->outputs)) {
      snprintf(mine->error, sizeof mine->error, "%s", network_error(instance));
      break;
    }
  network_destroy(instance);
  return NULL;
}

static void print_outputs(void **outputs) {
  for (int o = 0; o < network_num_outputs(); ++o) {
    const network_tensor *tensor = network_output(o);
    const float *values = outputs[o];
    printf("%s:", tensor->name);
    for (int64_t e = 0; tensor->dtype == network_FLOAT32 && e < tensor->bytes / 4 && e < 10; ++e)
      printf(" %.5f", values[e]);
    printf("\n");
  }
}

int main(int argc, char **argv) {
  const int threads = argc > 1 ? atoi(argv[1]) : 4, runs = argc > 2 ? atoi(argv[2]) : 10;
  if (threads < 1 || threads > 64 || runs < 1) {
    fprintf(stderr, "usage: %s [THREADS (1 to 64) [RUNS]]\n", argv[0]);
    return 1;
  }

  void **inputs = make_buffers(network_num_inputs(), network_input);
  if (!inputs)
    return 1;
  fill_inputs(inputs);

  task tasks[64] = {{0}};
  pthread_t handles[64];
  for (int t = 0; t < threads; ++t) {
    tasks[t].inputs = inputs;
    tasks[t].runs = runs;
    tasks[t].outputs = make_buffers(network_num_outputs(), network_output);
    if (!tasks[t].outputs || pthread_create(&handles[t], NULL, work, &tasks[t])) {
      fprintf(stderr, "%s: no memory or no thread\n", argv[0]);
      return 1;
    }
  }

  int status = 0;
  for (int t = 0; t < threads; ++t) {
    pthread_join(handles[t], NULL);
    if (tasks[t].error[0]) {
      fprintf(stderr, "%s: %s\n", argv[0], tasks[t].error);
      status = 1;
    }
    for (int o = 0; !status && o < network_num_outputs(); ++o)
      if (memcmp(tasks[t].outputs[o], tasks[0].outputs[o], (size_t)network_output(o)->bytes)) {
        fprintf(stderr, "%s: thread %d computed something else than thread 0\n", argv[0], t);
        status = 1;
      }
  }
  if (!status) {
    printf("%d threads, %d runs each: all the same\n", threads, runs);
    print_outputs(tasks[0].outputs);
  }
  for (int t = 0; t < threads; ++t)
    free_buffers(tasks[t].outputs, network_num_outputs());
  free_buffers(inputs, network_num_inputs());
  return status;
}
