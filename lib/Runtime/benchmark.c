/*===- benchmark.c - Timing a model --------------------------------------===
 *
 * Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
 * See LICENSE for license information.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===*/
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { kWarmUps = 3, kMinRuns = 20, kMaxRuns = 1 << 22 };

/* Times of runs: `columns` numbers per run, the whole run first, then its layers, then what each of `waiters` threads
 * waited in them. */
typedef struct samples {
  double *values;
  size_t columns, runs, capacity;
  size_t layers, waiters;
} samples;

/* Room for one more run; NULL if memory has run out. */
static double *add_run(samples *s) {
  if (s->runs == s->capacity) {
    const size_t capacity = s->capacity ? 2 * s->capacity : 256;
    double *values = realloc(s->values, capacity * s->columns * sizeof *values);
    if (!values)
      return NULL;
    s->values = values;
    s->capacity = capacity;
  }
  return s->values + s->columns * s->runs++;
}

static int compare_doubles(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

typedef struct summary {
  double least, median;
} summary;

/* `scratch` holds one number per run. */
static summary summarize(const samples *s, size_t column, double *scratch) {
  for (size_t run = 0; run < s->runs; ++run)
    scratch[run] = s->values[run * s->columns + column];
  qsort(scratch, s->runs, sizeof *scratch, compare_doubles);
  const size_t middle = s->runs / 2;
  summary result = {scratch[0], s->runs % 2 ? scratch[middle] : 0.5 * (scratch[middle - 1] + scratch[middle])};
  return result;
}

/* Median of what a thread waited in a layer, us. */
static double median_wait(const samples *s, size_t thread, size_t layer, double *scratch) {
  return summarize(s, 1 + (1 + thread) * s->layers + layer, scratch).median * 1e6;
}

static void print_json(const gsrt_model *model, const samples *s, int threads, double *scratch) {
  const summary whole = summarize(s, 0, scratch);
  printf("{\"min_ms\": %.6f, \"median_ms\": %.6f, \"runs\": %zu, \"threads\": %d", whole.least * 1e3,
         whole.median * 1e3, s->runs, threads);
  for (size_t layer = 0; layer < s->layers; ++layer) {
    const summary time = summarize(s, 1 + layer, scratch);
    printf("%s{\"node\": ", layer == 0 ? ", \"layers\": [" : ", ");
    gsrt_print_json_string(model->layer_names[layer]);
    printf(", \"min_us\": %.3f, \"median_us\": %.3f", time.least * 1e6, time.median * 1e6);
    for (size_t thread = 0; thread < s->waiters; ++thread)
      printf("%s%.3f%s", thread ? ", " : ", \"waits_us\": [", median_wait(s, thread, layer, scratch),
             thread + 1 == s->waiters ? "]" : "");
    printf("}");
  }
  printf(s->layers ? "]}\n" : "}\n");
}

static void print_text(const gsrt_model *model, const samples *s, int threads, double *scratch) {
  for (size_t layer = 0; layer < s->layers; ++layer) {
    const summary time = summarize(s, 1 + layer, scratch);
    printf("%11.1f us  %11.1f us  %s", time.least * 1e6, time.median * 1e6, model->layer_names[layer]);
    for (size_t thread = 0; thread < s->waiters; ++thread)
      printf("%s %.1f", thread ? "," : "; threads wait", median_wait(s, thread, layer, scratch));
    printf(s->waiters ? " us\n" : "\n");
  }
  const summary whole = summarize(s, 0, scratch);
  printf("min %.4g ms, median %.4g ms, %zu runs, %d thread%s\n", whole.least * 1e3, whole.median * 1e3, s->runs,
         threads, threads == 1 ? "" : "s");
}

int gsrt_benchmark(gsrt_instance *instance, gsrt_buffers *buffers, const gsrt_options *options,
                   gsrt_error_text *error) {
  const gsrt_model *model = buffers->model;
  const void *const *inputs = (const void *const *)buffers->inputs;
  const double begin = gsrt_now();
  for (int i = 0; i < kWarmUps || gsrt_now() - begin < 0.1 * options->seconds; ++i) {
    if (gsrt_run(instance, inputs, buffers->outputs))
      return gsrt_fail(error, "%s", gsrt_error(instance));
    if (gsrt_now() - begin > options->seconds)
      break; /* One run that takes longer than the whole measurement is warm enough. */
  }

  const double *layers = options->layers ? gsrt_layer_seconds(instance) : NULL;
  samples taken = {NULL, 1, 0, 0, layers ? (size_t)model->num_layers : 0, 0};
  if (layers && gsrt_num_threads(instance) > 1 && gsrt_layer_waits(instance, 0))
    taken.waiters = (size_t)gsrt_num_threads(instance);
  taken.columns += (1 + taken.waiters) * taken.layers;
  /* At least kMinRuns, unless they would take more than four times as long as was asked for. */
  const double start = gsrt_now();
  for (double last = start; taken.runs < kMaxRuns;) {
    const double elapsed = last - start;
    if ((elapsed >= options->seconds && taken.runs >= kMinRuns) || (elapsed >= 4 * options->seconds && taken.runs))
      break;
    double *row = add_run(&taken);
    if (!row)
      break;
    const double before = gsrt_now();
    gsrt_run(instance, inputs, buffers->outputs); /* It has succeeded with these buffers. */
    last = gsrt_now();
    row[0] = last - before;
    if (layers)
      memcpy(row + 1, layers, taken.layers * sizeof *row);
    for (size_t thread = 0; thread < taken.waiters; ++thread)
      memcpy(row + 1 + (1 + thread) * taken.layers, gsrt_layer_waits(instance, (int)thread),
             taken.layers * sizeof *row);
  }

  double *scratch = malloc((taken.runs + 1) * sizeof *scratch);
  if (!taken.runs || !scratch) {
    free(taken.values);
    free(scratch);
    return gsrt_fail(error, "no memory for the measured times");
  }
  (options->json ? print_json : print_text)(model, &taken, gsrt_num_threads(instance), scratch);
  free(scratch);
  free(taken.values);
  return 0;
}
