/*===- describe.c - What a compiled model says of itself -----------------===
 *
 * Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
 * See LICENSE for license information.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===*/
#include "cli.h"

#include <stdio.h>

void gsrt_print_json_string(const char *text) {
  putchar('"');
  for (const unsigned char *p = (const unsigned char *)text; *p; ++p) {
    if (*p == '"' || *p == '\\')
      printf("\\%c", *p);
    else if (*p < 0x20)
      printf("\\u%04x", *p);
    else
      putchar(*p);
  }
  putchar('"');
}

static void print_json_tensors(const char *key, const gsrt_tensor_desc *descs, int count) {
  printf("\"%s\": [", key);
  for (int i = 0; i < count; ++i) {
    printf("%s{\"name\": ", i ? ", " : "");
    gsrt_print_json_string(descs[i].name);
    printf(", \"dtype\": \"%s\", \"shape\": [", gsrt_dtype_name(descs[i].dtype));
    for (int d = 0; d < descs[i].rank; ++d)
      printf("%s%lld", d ? ", " : "", (long long)descs[i].shape[d]);
    printf("], \"bytes\": %lld}", (long long)descs[i].bytes);
  }
  printf("]");
}

static void print_text_tensors(const char *title, const gsrt_tensor_desc *descs, int count) {
  char text[192];
  printf("%s:\n", title);
  for (int i = 0; i < count; ++i) {
    gsrt_tensor_text(descs[i].dtype, descs[i].rank, descs[i].shape, text, sizeof text);
    printf("  %-22s %s\n", descs[i].name, text);
  }
}

/* The features of a comma-separated list as a JSON list. */
static void print_json_features(const char *names) {
  printf("\"cpu_features\": [%s", *names ? "\"" : "");
  for (const char *p = names; *p; ++p) {
    if (*p == ',')
      putchar('"');
    putchar(*p);
    if (*p == ' ')
      putchar('"');
  }
  printf("%s]", *names ? "\"" : "");
}

void gsrt_describe(const gsrt_model *model, int json) {
  char features[256];
  gsrt_feature_names(model->cpu_features, features, sizeof features);
  if (json) {
    printf("{\"name\": ");
    gsrt_print_json_string(model->name);
    printf(", \"target\": ");
    gsrt_print_json_string(model->target);
    printf(", ");
    print_json_features(features);
    printf(", \"weight_bytes\": %lld, \"arena_bytes\": %lld, ", (long long)model->weight_bytes,
           (long long)model->arena_bytes);
    print_json_tensors("inputs", model->inputs, model->num_inputs);
    printf(", ");
    print_json_tensors("outputs", model->outputs, model->num_outputs);
    printf("}\n");
    return;
  }
  printf("Model:        %s\n", model->name);
  printf("Target:       %s\n", model->target);
  printf("CPU features: %s\n", features);
  printf("Weights:      %lld bytes\n", (long long)model->weight_bytes);
  printf("Activations:  %lld bytes\n", (long long)model->arena_bytes);
  print_text_tensors("Inputs", model->inputs, model->num_inputs);
  print_text_tensors("Outputs", model->outputs, model->num_outputs);
}
