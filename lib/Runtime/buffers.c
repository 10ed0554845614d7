/*===- buffers.c - Inputs and outputs of the executable ------------------===
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
#include <sys/stat.h>
#include <unistd.h>

static int alloc_all(void ***list, const gsrt_tensor_desc *descs, int count, gsrt_error_text *error) {
  *list = calloc((size_t)count + 1, sizeof **list);
  for (int i = 0; *list && i < count; ++i) {
    (*list)[i] = gsrt_arena_alloc(descs[i].bytes);
    if (!(*list)[i])
      return gsrt_fail(error, "no memory for '%s' (%lld bytes)", descs[i].name, (long long)descs[i].bytes);
  }
  return *list ? 0 : gsrt_fail(error, "out of memory");
}

static void free_all(void **list, const gsrt_tensor_desc *descs, int count) {
  for (int i = 0; list && i < count; ++i)
    gsrt_arena_free(list[i], descs[i].bytes);
  free(list);
}

int gsrt_buffers_alloc(gsrt_buffers *buffers, const gsrt_model *model, gsrt_error_text *error) {
  buffers->model = model;
  buffers->inputs = buffers->outputs = NULL;
  if (alloc_all(&buffers->inputs, model->inputs, model->num_inputs, error))
    return -1;
  return alloc_all(&buffers->outputs, model->outputs, model->num_outputs, error);
}

void gsrt_buffers_free(gsrt_buffers *buffers) {
  free_all(buffers->inputs, buffers->model->inputs, buffers->model->num_inputs);
  free_all(buffers->outputs, buffers->model->outputs, buffers->model->num_outputs);
  buffers->inputs = buffers->outputs = NULL;
}

int gsrt_load_inputs(gsrt_buffers *buffers, const gsrt_options *options, int random, gsrt_error_text *error) {
  const gsrt_model *model = buffers->model;
  for (int i = 0; i < model->num_inputs; ++i) {
    const gsrt_tensor_desc *desc = &model->inputs[i];
    if (options->input_files[i]) {
      if (gsrt_npy_read(options->input_files[i], desc, buffers->inputs[i], error))
        return -1;
    } else if (random) {
      gsrt_tensor_random(desc, buffers->inputs[i], 1 + (uint64_t)i);
    } else {
      char text[192];
      gsrt_tensor_text(desc->dtype, desc->rank, desc->shape, text, sizeof text);
      return gsrt_fail(error, "input '%s' (%s) is missing; give it with --input %s=FILE.npy", desc->name, text,
                       desc->name);
    }
  }
  return 0;
}

/*===- Outputs ------------------------------------------------------------===*/

/* Path of output `index`: its name with '/' as '_', and with its number where that makes two names equal or leaves
 * none. */
static char *output_path(const gsrt_model *model, int index, const char *folder) {
  const char *name = model->outputs[index].name;
  char *path = malloc(strlen(folder) + strlen(name) + 32);
  if (!path)
    return NULL;
  int ambiguous = !*name || *name == '.';
  for (int other = 0; other < model->num_outputs; ++other) {
    if (other == index)
      continue;
    const char *a = name, *b = model->outputs[other].name;
    while (*a && ((*a == '/' ? '_' : *a) == (*b == '/' ? '_' : *b)))
      ++a, ++b;
    /* An output whose own name has no '/' keeps it. */
    if (!*a && !*b && strchr(name, '/'))
      ambiguous = 1;
  }
  char *out = path + sprintf(path, "%s/", folder);
  for (const char *p = name; *p; ++p)
    *out++ = *p == '/' ? '_' : *p;
  if (ambiguous)
    out += sprintf(out, "%s%d", *name ? "." : "output", index);
  if (*name == '.')
    path[strlen(folder) + 1] = '_'; /* neither hidden nor "..": the name comes from the model file */
  strcpy(out, ".npy");
  return path;
}

int gsrt_write_outputs(const gsrt_buffers *buffers, const char *output_dir, gsrt_error_text *error) {
  const gsrt_model *model = buffers->model;
  int made_folder = 0;
  if (mkdir(output_dir, 0777) == 0)
    made_folder = 1;
  else if (errno != EEXIST)
    return gsrt_fail(error, "%s: cannot make the folder: %s; choose another --output-dir", output_dir, strerror(errno));

  gsrt_npy_file *files = calloc((size_t)model->num_outputs + 1, sizeof *files);
  int status = files ? 0 : gsrt_fail(error, "out of memory");
  /* All files are written in full before the first takes its name. */
  for (int i = 0; !status && i < model->num_outputs; ++i) {
    char *path = output_path(model, i, output_dir);
    status = path ? gsrt_npy_stage(&files[i], path, &model->outputs[i], buffers->outputs[i], error)
                  : gsrt_fail(error, "out of memory");
    free(path);
  }
  for (int i = 0; !status && i < model->num_outputs; ++i)
    status = gsrt_npy_commit(&files[i], error);
  for (int i = 0; files && i < model->num_outputs; ++i)
    gsrt_npy_discard(&files[i]);
  free(files);
  if (status && made_folder)
    rmdir(output_dir);
  return status;
}

/* Element `index` as a number; 0 for 16-bit floats, which have no C type. */
static double element(const gsrt_tensor_desc *desc, const void *data, int64_t index) {
  switch (desc->dtype) {
  case GSRT_F32:
    return ((const float *)data)[index];
  case GSRT_F64:
    return ((const double *)data)[index];
  case GSRT_I8:
    return ((const int8_t *)data)[index];
  case GSRT_I16:
    return ((const int16_t *)data)[index];
  case GSRT_I32:
    return ((const int32_t *)data)[index];
  case GSRT_I64:
    return (double)((const int64_t *)data)[index];
  case GSRT_U8:
  case GSRT_BOOL:
    return ((const uint8_t *)data)[index];
  case GSRT_U16:
    return ((const uint16_t *)data)[index];
  case GSRT_U32:
    return ((const uint32_t *)data)[index];
  case GSRT_U64:
    return (double)((const uint64_t *)data)[index];
  case GSRT_BF16: {
    const uint32_t bits = (uint32_t)((const uint16_t *)data)[index] << 16;
    float value;
    memcpy(&value, &bits, 4);
    return value;
  }
  default:
    return 0;
  }
}

void gsrt_print_outputs(const gsrt_buffers *buffers) {
  enum { kShown = 8 };
  for (int i = 0; i < buffers->model->num_outputs; ++i) {
    const gsrt_tensor_desc *desc = &buffers->model->outputs[i];
    const void *data = buffers->outputs[i];
    char text[192];
    gsrt_tensor_text(desc->dtype, desc->rank, desc->shape, text, sizeof text);
    printf("%s %s", desc->name, text);
    const int size = gsrt_dtype_bytes(desc->dtype);
    const int64_t count = size && desc->dtype != GSRT_F16 ? desc->bytes / size : 0;
    if (count) {
      int64_t least = 0, most = 0;
      for (int64_t e = 1; e < count; ++e) {
        if (element(desc, data, e) < element(desc, data, least))
          least = e;
        if (element(desc, data, e) > element(desc, data, most))
          most = e;
      }
      printf(": min %g at %lld, max %g at %lld, values", element(desc, data, least), (long long)least,
             element(desc, data, most), (long long)most);
      for (int64_t e = 0; e < count && e < kShown; ++e)
        printf(" %g", element(desc, data, e));
      if (count > kShown)
        printf(" ...");
    }
    printf("\n");
  }
}
