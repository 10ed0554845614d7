/*===- cli.c - What the executable of a model does -----------------------===
 *
 * Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
 * See LICENSE for license information.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===*/
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int run_once(const gsrt_model *model, const gsrt_options *options, gsrt_error_text *error) {
  gsrt_buffers buffers;
  int status = gsrt_buffers_alloc(&buffers, model, error);
  gsrt_instance *instance = NULL;
  if (!status)
    status = gsrt_load_inputs(&buffers, options, options->benchmark, error);
  if (!status && !(instance = gsrt_create(model, options->threads)))
    status = gsrt_fail(error, "%s", gsrt_error(NULL));
  if (!status && options->benchmark) {
    status = gsrt_benchmark(instance, &buffers, options, error);
  } else if (!status) {
    status = gsrt_run(instance, (const void *const *)buffers.inputs, buffers.outputs);
    if (status)
      gsrt_fail(error, "%s", gsrt_error(instance));
    else if (options->output_dir)
      status = gsrt_write_outputs(&buffers, options->output_dir, error);
    else
      gsrt_print_outputs(&buffers);
  }
  gsrt_destroy(instance);
  gsrt_buffers_free(&buffers);
  return status;
}

int gsrt_main(const gsrt_model *model, int argc, char **argv) {
  const char *program = argc > 0 ? argv[0] : model->name;
  gsrt_error_text error = {{0}};
  gsrt_options options;
  int status = gsrt_parse_options(model, argc, argv, &options, &error);
  if (!status && options.help)
    gsrt_print_help(model, program);
  else if (!status && options.describe)
    gsrt_describe(model, options.json);
  else if (!status)
    status = gsrt_check_features(model, gsrt_host_features(), &error) || run_once(model, &options, &error);
  free(options.input_files);

  errno = 0;
  if (!status && (fflush(stdout) || ferror(stdout)))
    status = gsrt_fail(&error, "cannot write to standard output: %s", strerror(errno ? errno : EIO));
  if (status)
    fprintf(stderr, "%s: error: %s\n", program, error.text);
  return status ? 1 : 0;
}
