//===- NpyTest.cpp - Files of NumPy ------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeModel.h"
#include <cstring>
#include <gtest/gtest.h>
#include <sys/stat.h>

static const int64_t kShape[] = {2, 3};
static const gsrt_tensor_desc kMatrix = {"m", GSRT_F32, 2, kShape, 24};
static const float kValues[6] = {1, 2, 3, 4, 5, 6};

/// A file with this header text (padded) and data.
static std::string npy(std::string header, const std::string &data, int version = 1) {
  header += "\n";
  std::string length(version == 1 ? 2 : 4, '\0');
  length[0] = static_cast<char>(header.size() & 0xff);
  length[1] = static_cast<char>(header.size() >> 8);
  return std::string("\x93NUMPY") + static_cast<char>(version) + '\0' + length + header + data;
}

static std::string dict(const std::string &descr, const std::string &order, const std::string &shape) {
  return "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }";
}

static std::string data() { return {reinterpret_cast<const char *>(kValues), sizeof kValues}; }

namespace {
class Npy : public testing::Test {
protected:
  /// Reads a file with these bytes as `desc`; the error without the folder, or "".
  std::string read(const std::string &bytes, const gsrt_tensor_desc &desc = kMatrix) {
    writeFile(folder / "f.npy", bytes);
    gsrt_error_text error = {};
    memset(values, 0, sizeof values);
    if (gsrt_npy_read((folder / "f.npy").c_str(), &desc, values, &error) == 0)
      return "";
    std::string text = error.text;
    EXPECT_EQ(text.rfind(folder / "f.npy: ", 0), 0u) << text;
    return text.substr((folder / "f.npy: ").size());
  }
  TemporaryFolder folder;
  alignas(64) float values[16];
};
} // namespace

TEST_F(Npy, ReadsBothVersionsAndAnyDictionary) {
  const std::string plain = dict("<f4", "False", "(2, 3)");
  for (const std::string &file :
       {npy(plain, data()), npy(plain, data(), 2),
        npy("{\"shape\":(2,3),\"fortran_order\":False,\"descr\":\"<f4\"}", data()),
        npy("  { 'descr' : '<f4' , 'shape' : ( 2L , 3L ) , 'fortran_order' : False }   ", data())}) {
    EXPECT_EQ(read(file), "");
    EXPECT_EQ(memcmp(values, kValues, sizeof kValues), 0);
  }
}

TEST_F(Npy, RefusesWhatItDoesNotKnow) {
  const std::string plain = dict("<f4", "False", "(2, 3)");
  const std::string notNpy = "not a .npy file; write it with numpy.save";
  EXPECT_EQ(read(""), notNpy);
  EXPECT_EQ(read("PK\x03\x04 something else"), notNpy);
  EXPECT_EQ(read("\x93NUMPY"), notNpy);
  EXPECT_EQ(read(npy(plain, data(), 3)), ".npy version 3.0 is not supported; write version 1.0 or 2.0");
  EXPECT_EQ(read(npy(plain, "").substr(0, 40)), "truncated in its header; write the file again");
  EXPECT_EQ(read(std::string("\x93NUMPY\x02\x00\xff\xff\xff\xff{}", 14)),
            "its header claims 4294967295 bytes; the file is damaged, write it again");
  EXPECT_EQ(read(npy(dict("<f4", "True", "(2, 3)"), data())),
            "column-major data (fortran_order); save numpy.ascontiguousarray of it");
  EXPECT_EQ(read(npy(dict(">f4", "False", "(2, 3)"), data())), "big-endian data ('>f4'); save it as '<f4'");
  EXPECT_EQ(read(npy(dict("<c8", "False", "(2, 3)"), data())), "type '<c8' is not supported; 'm' takes float32[2,3]");
  EXPECT_EQ(read(npy(dict("<f4", "False", "(3, 2)"), data())),
            "'m' takes float32[2,3], but the file holds float32[3,2]");
  EXPECT_EQ(read(npy(dict("<f4", "False", "(6,)"), data())), "'m' takes float32[2,3], but the file holds float32[6]");
  EXPECT_EQ(read(npy(dict("<f8", "False", "(2, 3)"), data())),
            "'m' takes float32[2,3], but the file holds float64[2,3]");
  EXPECT_EQ(read(npy(plain, data().substr(1))), "truncated: 23 of 24 bytes of data; write the file again");
  EXPECT_EQ(read(npy(plain, data() + "x")), "bytes after the last element; write the file again, with one array");
}

TEST_F(Npy, RefusesDamagedHeaders) {
  for (const char *header :
       {"", "{", "{}", "[]", "{'descr': '<f4'}", "{'descr': '<f4', 'fortran_order': Maybe, 'shape': (2, 3), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, -3), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2 3), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 99999999999999999999), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), 'more': 1}",
        "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 3), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } trailing",
        "{'descr': 'a name that is far too long for a type of an array', 'fortran_order': False, 'shape': (2, 3), }"})
    EXPECT_EQ(read(npy(header, data())), "its header does not describe a plain array; write it with numpy.save")
        << header;
  // A NUL inside must not hide the rest.
  EXPECT_NE(read(npy(dict("<f4", "False", "(2, 3)") + std::string(1, '\0') + "x", data())), "");
}

// Every prefix of a good file is an error, never a crash.
TEST_F(Npy, RefusesEveryPrefix) {
  const std::string file = npy(dict("<f4", "False", "(2, 3)"), data());
  for (size_t length = 0; length < file.size(); ++length)
    EXPECT_NE(read(file.substr(0, length)), "") << length;
}

TEST_F(Npy, MissingFileAndFolder) {
  gsrt_error_text error;
  EXPECT_EQ(gsrt_npy_read((folder / "none.npy").c_str(), &kMatrix, values, &error), -1);
  EXPECT_EQ(std::string(error.text), folder / "none.npy: No such file or directory; 'm' needs a readable .npy file");
  EXPECT_EQ(gsrt_npy_read(folder.path.c_str(), &kMatrix, values, &error), -1);
}

TEST_F(Npy, WritesWhatItReads) {
  struct {
    int32_t dtype;
    int bytes;
  } types[] = {{GSRT_F32, 4}, {GSRT_F64, 8}, {GSRT_F16, 2}, {GSRT_BF16, 2}, {GSRT_I8, 1},  {GSRT_I16, 2}, {GSRT_I32, 4},
               {GSRT_I64, 8}, {GSRT_U8, 1},  {GSRT_U16, 2}, {GSRT_U32, 4},  {GSRT_U64, 8}, {GSRT_BOOL, 1}};
  for (auto type : types)
    for (int rank = 0; rank <= 3; ++rank) {
      const int64_t shape[] = {1, 2, 2};
      gsrt_tensor_desc desc = {"t", type.dtype, rank, shape, type.bytes};
      for (int d = 0; d < rank; ++d)
        desc.bytes *= shape[d];
      unsigned char out[32], in[32] = {};
      for (int i = 0; i < 32; ++i)
        out[i] = static_cast<unsigned char>(i * 37 + 1);
      gsrt_npy_file file;
      gsrt_error_text error;
      const std::string path = folder / "t.npy";
      ASSERT_EQ(gsrt_npy_stage(&file, path.c_str(), &desc, out, &error), 0) << error.text;
      EXPECT_EQ(listFolder(folder.path).rfind("t.npy.", 0), 0u); // not under its own name yet
      ASSERT_EQ(gsrt_npy_commit(&file, &error), 0) << error.text;
      gsrt_npy_discard(&file);
      EXPECT_EQ(listFolder(folder.path), "t.npy");
      EXPECT_EQ((readFile(path).size() - desc.bytes) % 64, 0u);
      ASSERT_EQ(gsrt_npy_read(path.c_str(), &desc, in, &error), 0) << error.text;
      EXPECT_EQ(memcmp(in, out, desc.bytes), 0);
      unlink(path.c_str());
    }
}

TEST_F(Npy, FailedWritesLeaveNothing) {
  gsrt_npy_file file;
  gsrt_error_text error;
  EXPECT_EQ(gsrt_npy_stage(&file, (folder / "none/t.npy").c_str(), &kMatrix, kValues, &error), -1);
  EXPECT_NE(std::string(error.text).find("No such file or directory; choose a writable folder"), std::string::npos);
  // The target name is a folder: the rename fails, the temporary goes.
  mkdir((folder / "t.npy").c_str(), 0777);
  ASSERT_EQ(gsrt_npy_stage(&file, (folder / "t.npy").c_str(), &kMatrix, kValues, &error), 0);
  EXPECT_EQ(gsrt_npy_commit(&file, &error), -1);
  gsrt_npy_discard(&file);
  EXPECT_EQ(listFolder(folder.path), "t.npy");
}
