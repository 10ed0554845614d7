//===- FakeModel.h - A model written by hand for the tests -------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef GS_UNITTESTS_RUNTIME_FAKEMODEL_H
#define GS_UNITTESTS_RUNTIME_FAKEMODEL_H

extern "C" {
#include "cli.h"
}

#include <string>

/// y[i] = 2 * x[i] + 1 and s = sum of y, computed as compiled code does: each thread takes a share of the elements into
/// the arena, meets the others, and thread 0 adds up. Inputs: x float32[3,5], "dir/n" int64[]; outputs: "y"
/// float32[3,5], "dir/s" float32[].
extern const gsrt_model kFakeModel;

/// A model whose entry is `entry`, with no tensors.
gsrt_model makeModel(gsrt_entry_fn entry, int64_t arenaBytes = 0);

/// A new empty folder, removed with its contents at the end of the test.
class TemporaryFolder {
public:
  TemporaryFolder();
  ~TemporaryFolder();
  std::string operator/(const std::string &name) const { return path + "/" + name; }
  std::string path;
};

void writeFile(const std::string &path, const std::string &bytes);
std::string readFile(const std::string &path);

/// Names of the files in a folder, sorted, separated by blanks.
std::string listFolder(const std::string &path);

#endif // GS_UNITTESTS_RUNTIME_FAKEMODEL_H
