/*===- random.c - Inputs for the benchmark -------------------------------===
 *
 * Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
 * See LICENSE for license information.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===*/
#include "internal.h"

#include <math.h>
#include <string.h>

/* splitmix64: the next of a sequence of well-mixed 64-bit numbers. */
static uint64_t next_bits(uint64_t *state) {
  uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

/* Uniform in (0, 1). */
static double next_uniform(uint64_t *state) { return ((double)(next_bits(state) >> 11) + 0.5) * 0x1p-53; }

/* Standard normal, by Box and Muller. */
static double next_normal(uint64_t *state) {
  const double radius = sqrt(-2.0 * log(next_uniform(state)));
  return radius * cos(6.283185307179586 * next_uniform(state));
}

/* Normal numbers of float16's range only: test data is never denormal, infinite or NaN. */
static uint16_t to_f16(float value) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  const uint32_t sign = (bits >> 16) & 0x8000u;
  const int32_t exponent = (int32_t)((bits >> 23) & 0xff) - 127 + 15;
  if (exponent <= 0)
    return (uint16_t)sign;
  return (uint16_t)(sign | ((uint32_t)exponent << 10) | ((bits >> 13) & 0x3ffu));
}

static uint16_t to_bf16(float value) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  return (uint16_t)(bits >> 16);
}

void gsrt_tensor_random(const gsrt_tensor_desc *desc, void *data, uint64_t seed) {
  const int size = gsrt_dtype_bytes(desc->dtype);
  const int64_t count = size ? desc->bytes / size : 0;
  uint64_t state = seed;
  unsigned char *bytes = data;
  memset(data, 0, (size_t)desc->bytes);
  for (int64_t i = 0; i < count; ++i) {
    unsigned char *element = bytes + i * size;
    double real;
    float single;
    uint16_t half;
    switch (desc->dtype) {
    case GSRT_F64:
      real = next_normal(&state);
      memcpy(element, &real, 8);
      break;
    case GSRT_F32:
      single = (float)next_normal(&state);
      memcpy(element, &single, 4);
      break;
    case GSRT_F16:
      half = to_f16((float)next_normal(&state));
      memcpy(element, &half, 2);
      break;
    case GSRT_BF16:
      half = to_bf16((float)next_normal(&state));
      memcpy(element, &half, 2);
      break;
    default:
      element[0] = (unsigned char)(next_bits(&state) >> 63); /* little-endian: the lowest byte */
      break;
    }
  }
}
