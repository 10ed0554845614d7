/*===- arena.c - Memory for the activations of one instance --------------===
 *
 * Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
 * See LICENSE for license information.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===*/
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* MAP_ANONYMOUS, madvise */
#endif

#include "internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { kAlignment = 64, kHugePage = 2 << 20 };

/* Above one huge page the arena is mapped on a huge-page boundary: activations are walked with large strides, and 4 KB
 * pages would miss in the TLB. */
static int is_mapped(int64_t bytes) { return bytes > kHugePage; }

static size_t round_up(size_t bytes, size_t to) { return (bytes + to - 1) / to * to; }

void *gsrt_arena_alloc(int64_t bytes) {
  if (bytes < 0 || bytes > INT64_MAX / 2)
    return NULL;
  if (!is_mapped(bytes)) {
    const size_t size = round_up(bytes ? (size_t)bytes : 1, kAlignment);
    void *memory = aligned_alloc(kAlignment, size);
    if (memory)
      memset(memory, 0, size);
    return memory;
  }
  const size_t size = round_up((size_t)bytes, kHugePage);
  char *raw = mmap(NULL, size + kHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (raw == MAP_FAILED)
    return NULL;
  char *start = (char *)round_up((size_t)(uintptr_t)raw, kHugePage);
  if (start > raw)
    munmap(raw, (size_t)(start - raw));
  if (raw + kHugePage > start)
    munmap(start + size, (size_t)(raw + kHugePage - start));
#ifdef MADV_HUGEPAGE
  madvise(start, size, MADV_HUGEPAGE); /* Advice only: without it the pages are small. */
#endif
  return start;
}

void gsrt_arena_free(void *arena, int64_t bytes) {
  if (!arena)
    return;
  if (is_mapped(bytes))
    munmap(arena, round_up((size_t)bytes, kHugePage));
  else
    free(arena);
}
