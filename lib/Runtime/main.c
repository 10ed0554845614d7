/*===- main.c - Entry of the executable of a model -----------------------===
 *
 * Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
 * See LICENSE for license information.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===*/
#include "gs/Runtime/gsrt_api.h"

/* Defined by the compiler in the object of an executable. */
extern const gsrt_model *const gsrt_main_model;

int main(int argc, char **argv) { return gsrt_main(gsrt_main_model, argc, argv); }
