/*===- options.c - Command line of the executable ------------------------===
 *
 * Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
 * See LICENSE for license information.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===*/
#include "cli.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void gsrt_print_help(const gsrt_model *model, const char *program) {
  printf("Runs the neural network '%s', compiled for %s.\n"
         "\n"
         "Usage: %s --input NAME=FILE.npy... [--output-dir DIR]\n"
         "       %s --benchmark [--seconds S] [--layers] [--json]\n"
         "       %s --describe [--json]\n"
         "\n"
         "Running:\n"
         "  --input NAME=FILE.npy  Read input NAME from a NumPy file; once for every input.\n"
         "  --output-dir DIR       Write every output to DIR/NAME.npy; without it, print a summary.\n"
         "\n"
         "Measuring:\n"
         "  --benchmark            Run again and again and print minimum and median time. Inputs that\n"
         "                         --input does not give are random (normal, the same every time).\n"
         "  --seconds S            Measure for S seconds (default 3).\n"
         "  --layers               Print the time of every layer, too (needs a program made for it, which\n"
         "                         gsc bench --layers makes).\n"
         "\n"
         "Describing:\n"
         "  --describe             Print inputs, outputs, memory and the CPU features needed.\n"
         "\n"
         "General:\n"
         "  --threads N            Use N threads; default: GSC_NUM_THREADS, else %s.\n"
         "                         With GSC_PIN=1 in the environment each is bound to a core.\n"
         "  --json                 With --benchmark or --describe: print one JSON object.\n"
         "  --help                 Print this text.\n"
         "\n"
         "Inputs:\n",
         model->name, model->target, program, program, program,
         model->default_threads ? "the number chosen when compiling" : "one per core");
  char text[192];
  for (int i = 0; i < model->num_inputs; ++i) {
    const gsrt_tensor_desc *desc = &model->inputs[i];
    gsrt_tensor_text(desc->dtype, desc->rank, desc->shape, text, sizeof text);
    printf("  %-22s %s\n", desc->name, text);
  }
  printf("Outputs:\n");
  for (int i = 0; i < model->num_outputs; ++i) {
    const gsrt_tensor_desc *desc = &model->outputs[i];
    gsrt_tensor_text(desc->dtype, desc->rank, desc->shape, text, sizeof text);
    printf("  %-22s %s\n", desc->name, text);
  }
}

/* Value of option `name` at argv[*at], as "--name value" or "--name=value"; NULL if argv[*at] is another option.
 * Without a value *missing is set. */
static const char *option_value(const char *name, int argc, char **argv, int *at, int *missing) {
  const size_t length = strlen(name);
  const char *argument = argv[*at];
  if (strncmp(argument, name, length))
    return NULL;
  if (argument[length] == '=')
    return argument + length + 1;
  if (argument[length])
    return NULL;
  if (*at + 1 >= argc) {
    *missing = 1;
    return NULL;
  }
  return argv[++*at];
}

/* "NAME=FILE". A name may itself contain '=': the longest input name that fits is meant. */
static int parse_input(const gsrt_model *model, const char *value, gsrt_options *options, gsrt_error_text *error) {
  int found = -1;
  size_t longest = 0;
  for (int i = 0; i < model->num_inputs; ++i) {
    const size_t length = strlen(model->inputs[i].name);
    if (!strncmp(value, model->inputs[i].name, length) && value[length] == '=' && (found < 0 || length > longest)) {
      found = i;
      longest = length;
    }
  }
  if (found < 0) {
    if (!strchr(value, '='))
      return gsrt_fail(error, "--input %s: expected NAME=FILE.npy", value);
    return gsrt_fail(error, "--input %s: the model has no such input; --describe lists them", value);
  }
  if (options->input_files[found])
    return gsrt_fail(error, "input '%s' is given twice; give it once", model->inputs[found].name);
  if (!value[longest + 1])
    return gsrt_fail(error, "--input %s: the file name is empty", value);
  options->input_files[found] = value + longest + 1;
  return 0;
}

int gsrt_parse_options(const gsrt_model *model, int argc, char **argv, gsrt_options *options, gsrt_error_text *error) {
  memset(options, 0, sizeof *options);
  options->seconds = 3;
  options->input_files = calloc((size_t)model->num_inputs + 1, sizeof *options->input_files);
  if (!options->input_files)
    return gsrt_fail(error, "out of memory");

  int seconds_given = 0;
  for (int i = 1; i < argc; ++i) {
    const char *argument = argv[i], *value;
    char *end;
    int missing = 0;
    if (!strcmp(argument, "--help") || !strcmp(argument, "-h")) {
      options->help = 1;
      return 0;
    }
    if (!strcmp(argument, "--benchmark")) {
      options->benchmark = 1;
    } else if (!strcmp(argument, "--describe")) {
      options->describe = 1;
    } else if (!strcmp(argument, "--layers")) {
      options->layers = 1;
    } else if (!strcmp(argument, "--json")) {
      options->json = 1;
    } else if ((value = option_value("--input", argc, argv, &i, &missing))) {
      if (parse_input(model, value, options, error))
        return -1;
    } else if ((value = option_value("--output-dir", argc, argv, &i, &missing))) {
      if (options->output_dir)
        return gsrt_fail(error, "--output-dir is given twice; give it once");
      if (!*value)
        return gsrt_fail(error, "--output-dir is empty; name a folder");
      options->output_dir = value;
    } else if ((value = option_value("--seconds", argc, argv, &i, &missing))) {
      options->seconds = strtod(value, &end);
      if (!*value || *end || !(options->seconds > 0 && options->seconds <= 86400))
        return gsrt_fail(error, "--seconds %s: expected a number above 0 and up to 86400", value);
      seconds_given = 1;
    } else if ((value = option_value("--threads", argc, argv, &i, &missing))) {
      errno = 0;
      const long threads = strtol(value, &end, 10);
      if (!*value || *end || errno || threads < 1 || threads > GSRT_MAX_THREADS)
        return gsrt_fail(error, "--threads %s: expected a number from 1 to %d", value, GSRT_MAX_THREADS);
      options->threads = (int)threads;
    } else if (missing) {
      return gsrt_fail(error, "%s needs a value; see --help", argument);
    } else {
      return gsrt_fail(error, "unknown %s '%s'; see --help", argument[0] == '-' ? "option" : "argument", argument);
    }
  }

  if (options->describe && options->benchmark)
    return gsrt_fail(error, "--describe and --benchmark exclude each other; give one of them");
  if ((options->describe || options->benchmark) && options->output_dir)
    return gsrt_fail(error, "--output-dir has no meaning with %s; leave it out",
                     options->describe ? "--describe" : "--benchmark");
  if (options->json && !options->describe && !options->benchmark)
    return gsrt_fail(error, "--json needs --describe or --benchmark");
  if (options->layers && !options->benchmark)
    return gsrt_fail(error, "--layers needs --benchmark");
  if (options->layers && !model->num_layers)
    return gsrt_fail(error, "this program does not measure its layers; gsc bench --layers makes one that does");
  if (seconds_given && !options->benchmark)
    return gsrt_fail(error, "--seconds needs --benchmark");
  return 0;
}
