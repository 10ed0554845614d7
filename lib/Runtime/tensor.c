/*===- tensor.c - Element types and shapes ---------------------------------===
 *
 * Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
 * See LICENSE for license information.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===*/
#include "internal.h"

#include <stdio.h>

static const struct {
  int32_t dtype;
  int bytes;
  const char *name;
} dtypes[] = {
    {GSRT_F32, 4, "float32"}, {GSRT_F64, 8, "float64"}, {GSRT_F16, 2, "float16"}, {GSRT_BF16, 2, "bfloat16"},
    {GSRT_I8, 1, "int8"},     {GSRT_I16, 2, "int16"},   {GSRT_I32, 4, "int32"},   {GSRT_I64, 8, "int64"},
    {GSRT_U8, 1, "uint8"},    {GSRT_U16, 2, "uint16"},  {GSRT_U32, 4, "uint32"},  {GSRT_U64, 8, "uint64"},
    {GSRT_BOOL, 1, "bool"},
};

int gsrt_dtype_bytes(int32_t dtype) {
  for (size_t i = 0; i < sizeof dtypes / sizeof dtypes[0]; ++i)
    if (dtypes[i].dtype == dtype)
      return dtypes[i].bytes;
  return 0;
}

const char *gsrt_dtype_name(int32_t dtype) {
  for (size_t i = 0; i < sizeof dtypes / sizeof dtypes[0]; ++i)
    if (dtypes[i].dtype == dtype)
      return dtypes[i].name;
  return "unknown";
}

void gsrt_tensor_text(int32_t dtype, int rank, const int64_t *shape, char *buffer, size_t bytes) {
  int used = snprintf(buffer, bytes, "%s[", gsrt_dtype_name(dtype));
  for (int i = 0; i < rank && used >= 0 && (size_t)used < bytes; ++i)
    used += snprintf(buffer + used, bytes - (size_t)used, "%s%lld", i ? "," : "", (long long)shape[i]);
  if (used >= 0 && (size_t)used < bytes)
    snprintf(buffer + used, bytes - (size_t)used, "]");
}
