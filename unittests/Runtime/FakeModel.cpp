//===- FakeModel.cpp - A model written by hand for the tests -----------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeModel.h"

#include <algorithm>
#include <cstdlib>
#include <dirent.h>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <unistd.h>
#include <vector>

static void fakeEntry(void *const *inputs, void *const *outputs, void *arena, int64_t tid, int64_t nthreads,
                      void *barrier) {
  const float *x = static_cast<const float *>(inputs[0]);
  float *doubled = static_cast<float *>(arena), *y = static_cast<float *>(outputs[0]);
  for (int64_t i = tid; i < 15; i += nthreads)
    doubled[i] = 2 * x[i];
  gsrt_barrier(barrier);
  for (int64_t i = tid; i < 15; i += nthreads)
    y[14 - i] = doubled[14 - i] + 1; // Elements that, with several threads, another thread has doubled.
  gsrt_barrier(barrier);
  if (tid == 0) {
    float sum = 0;
    for (int i = 0; i < 15; ++i)
      sum += y[i];
    *static_cast<float *>(outputs[1]) = sum;
  }
}

static const int64_t kMatrix[] = {3, 5};
static const gsrt_tensor_desc kInputs[] = {{"x", GSRT_F32, 2, kMatrix, 60}, {"dir/n", GSRT_I64, 0, nullptr, 8}};
static const gsrt_tensor_desc kOutputs[] = {{"y", GSRT_F32, 2, kMatrix, 60}, {"dir/s", GSRT_F32, 0, nullptr, 4}};
const gsrt_model kFakeModel = {GSRT_ABI_VERSION, 2,       2,        0,         0,  0, "fake",
                               "x86-64-v3",      kInputs, kOutputs, fakeEntry, 60, 0, nullptr};

gsrt_model makeModel(gsrt_entry_fn entry, int64_t arenaBytes) {
  return {GSRT_ABI_VERSION, 0, 0, 0, 0, 0, "made", "x86-64-v3", nullptr, nullptr, entry, arenaBytes, 0, nullptr};
}

TemporaryFolder::TemporaryFolder() {
  path = testing::TempDir() + "gsrt-test-XXXXXX";
  if (!mkdtemp(path.data()))
    ADD_FAILURE() << "no folder can be made in " << testing::TempDir();
}

static std::vector<std::string> folderNames(const std::string &path) {
  std::vector<std::string> names;
  if (DIR *folder = opendir(path.c_str())) {
    while (dirent *entry = readdir(folder))
      if (std::string name = entry->d_name; name != "." && name != "..")
        names.push_back(name);
    closedir(folder);
  }
  std::sort(names.begin(), names.end());
  return names;
}

static void removeAll(const std::string &path) {
  for (const std::string &name : folderNames(path))
    removeAll(path + "/" + name);
  if (unlink(path.c_str()))
    rmdir(path.c_str());
}

TemporaryFolder::~TemporaryFolder() { removeAll(path); }

void writeFile(const std::string &path, const std::string &bytes) { std::ofstream(path, std::ios::binary) << bytes; }

std::string readFile(const std::string &path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string listFolder(const std::string &path) {
  std::string list;
  for (const std::string &name : folderNames(path))
    list += (list.empty() ? "" : " ") + name;
  return list;
}
