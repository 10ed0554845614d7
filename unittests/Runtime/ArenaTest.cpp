//===- ArenaTest.cpp - Memory of an instance ---------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeModel.h"
#include <cstring>
#include <gtest/gtest.h>

TEST(Arena, IsAlignedZeroAndWritable) {
  for (int64_t bytes : {int64_t(0), int64_t(1), int64_t(63), int64_t(4096), int64_t(2) << 20, (int64_t(2) << 20) + 1,
                        int64_t(9) << 20}) {
    char *memory = static_cast<char *>(gsrt_arena_alloc(bytes));
    ASSERT_NE(memory, nullptr) << bytes;
    EXPECT_EQ(reinterpret_cast<uintptr_t>(memory) % 64, 0u) << bytes;
    for (int64_t i = 0; i < bytes; i += 997)
      ASSERT_EQ(memory[i], 0) << bytes;
    memset(memory, 1, bytes);
    gsrt_arena_free(memory, bytes);
  }
}

TEST(Arena, RefusesNonsense) {
  EXPECT_EQ(gsrt_arena_alloc(-1), nullptr);
  EXPECT_EQ(gsrt_arena_alloc(INT64_MAX), nullptr);
  EXPECT_EQ(gsrt_arena_alloc(int64_t(1) << 60), nullptr);
  gsrt_arena_free(nullptr, 10);
}
