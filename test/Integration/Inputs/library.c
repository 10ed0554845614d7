/* Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
 * See LICENSE for license information.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Runs the model of ffn.h once, with numbers in rows, and prints its outputs. */
#include "ffn.h"
#include <stdio.h>
#include <stdlib.h>

int main(void) {
  ffn_instance *instance = ffn_create(2);
  if (!instance) {
    fprintf(stderr, "%s\n", ffn_error(NULL));
    return 1;
  }
  const ffn_tensor *input = ffn_input(0), *output = ffn_output(0);
  float *x = malloc((size_t)input->bytes), *y = malloc((size_t)output->bytes);
  for (int64_t i = 0; i < input->bytes / 4; ++i)
    x[i] = (float)(i % 23) / 16 - 0.5f;
  const void *inputs[] = {x};
  void *outputs[] = {y};
  if (ffn_run(instance, inputs, outputs)) {
    fprintf(stderr, "%s\n", ffn_error(instance));
    return 1;
  }
  for (int64_t i = 0; i < output->bytes / 4; ++i)
    printf("%.6g\n", (double)y[i]);
  ffn_destroy(instance);
  free(x);
  free(y);
  return 0;
}
