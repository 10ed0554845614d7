/*===- cli.h - The parts of the executable of a model --------------------===
 *
 * Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
 * See LICENSE for license information.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===*/
#ifndef GS_LIB_RUNTIME_CLI_H
#define GS_LIB_RUNTIME_CLI_H

#include "internal.h"

typedef struct gsrt_options {
  const char **input_files; /* per input of the model; NULL: not given */
  const char *output_dir;   /* NULL: print a summary of the outputs */
  double seconds;
  int threads;
  int benchmark;
  int layers;
  int describe;
  int json;
  int help;
} gsrt_options;

/* Reads the command line; the input_files array is the caller's to free. */
int gsrt_parse_options(const gsrt_model *model, int argc, char **argv, gsrt_options *options, gsrt_error_text *error);

void gsrt_print_help(const gsrt_model *model, const char *program);

/* Prints what the model is, as text or as one JSON object. */
void gsrt_describe(const gsrt_model *model, int json);

/* Prints a string as JSON. */
void gsrt_print_json_string(const char *text);

/* Buffers for all inputs and outputs of a model. */
typedef struct gsrt_buffers {
  const gsrt_model *model;
  void **inputs;
  void **outputs;
} gsrt_buffers;

int gsrt_buffers_alloc(gsrt_buffers *buffers, const gsrt_model *model, gsrt_error_text *error);
void gsrt_buffers_free(gsrt_buffers *buffers);

/* Fills the inputs from the files of `options`; without a file, with random numbers if `random`, else it is an error.
 */
int gsrt_load_inputs(gsrt_buffers *buffers, const gsrt_options *options, int random, gsrt_error_text *error);

/* Writes every output to output_dir/NAME.npy, all or none. */
int gsrt_write_outputs(const gsrt_buffers *buffers, const char *output_dir, gsrt_error_text *error);

/* Prints one line per output: type, shape, range and the first values. */
void gsrt_print_outputs(const gsrt_buffers *buffers);

/* Times runs and prints the result. */
int gsrt_benchmark(gsrt_instance *instance, gsrt_buffers *buffers, const gsrt_options *options, gsrt_error_text *error);

#endif /* GS_LIB_RUNTIME_CLI_H */
