//===- CommandLineTest.cpp - The executable of a model -----------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeModel.h"
#include <cstring>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

namespace {
struct Result {
  int code;
  std::string out, err;
};

class CommandLine : public testing::Test {
protected:
  CommandLine() {
    float x[15];
    for (int i = 0; i < 15; ++i)
      x[i] = static_cast<float>(i);
    const int64_t n = 7;
    save("x.npy", kFakeModel.inputs[0], x);
    save("n.npy", kFakeModel.inputs[1], &n);
  }

  void save(const std::string &name, const gsrt_tensor_desc &desc, const void *data) {
    gsrt_npy_file file;
    gsrt_error_text error;
    ASSERT_EQ(gsrt_npy_stage(&file, (folder / name).c_str(), &desc, data, &error), 0);
    ASSERT_EQ(gsrt_npy_commit(&file, &error), 0);
    gsrt_npy_discard(&file);
  }

  /// Runs main with these arguments; '@' stands for the folder.
  Result run(std::vector<std::string> arguments, const gsrt_model &model = kFakeModel) {
    arguments.insert(arguments.begin(), "fake");
    std::vector<char *> argv;
    for (std::string &argument : arguments) {
      if (size_t at = argument.find('@'); at != std::string::npos)
        argument.replace(at, 1, folder.path);
      argv.push_back(argument.data());
    }
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    Result result;
    result.code = gsrt_main(&model, static_cast<int>(argv.size()), argv.data());
    result.out = testing::internal::GetCapturedStdout();
    result.err = testing::internal::GetCapturedStderr();
    for (size_t at; (at = result.err.find(folder.path)) != std::string::npos;)
      result.err.replace(at, folder.path.size(), "@");
    return result;
  }

  /// The diagnostic of a run that must fail with one line.
  std::string error(std::vector<std::string> arguments, const gsrt_model &model = kFakeModel) {
    Result result = run(std::move(arguments), model);
    EXPECT_EQ(result.code, 1);
    EXPECT_EQ(result.out, "");
    const std::string prefix = "fake: error: ";
    EXPECT_EQ(result.err.rfind(prefix, 0), 0u) << result.err;
    EXPECT_EQ(result.err.find('\n'), result.err.size() - 1) << result.err;
    return result.err.substr(prefix.size(), result.err.size() - prefix.size() - 1);
  }

  TemporaryFolder folder;
};
} // namespace

TEST_F(CommandLine, WritesOutputs) {
  Result result = run({"--input", "x=@/x.npy", "--input=dir/n=@/n.npy", "--output-dir", "@/out", "--threads", "3"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out + result.err, "");
  EXPECT_EQ(listFolder(folder / "out"), "dir_s.npy y.npy");
  float y[15], s = 0;
  gsrt_error_text text;
  ASSERT_EQ(gsrt_npy_read((folder / "out/y.npy").c_str(), &kFakeModel.outputs[0], y, &text), 0) << text.text;
  ASSERT_EQ(gsrt_npy_read((folder / "out/dir_s.npy").c_str(), &kFakeModel.outputs[1], &s, &text), 0) << text.text;
  for (int i = 0; i < 15; ++i)
    EXPECT_EQ(y[i], 2 * i + 1);
  EXPECT_EQ(s, 225);
}

TEST_F(CommandLine, PrintsOutputsWithoutFolder) {
  Result result = run({"--input", "x=@/x.npy", "--input", "dir/n=@/n.npy"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out, "y float32[3,5]: min 1 at 0, max 29 at 14, values 1 3 5 7 9 11 13 15 ...\n"
                        "dir/s float32[]: min 225 at 0, max 225 at 0, values 225\n");
}

TEST_F(CommandLine, Describes) {
  EXPECT_EQ(run({"--describe", "--json"}).out,
            "{\"name\": \"fake\", \"target\": \"x86-64-v3\", \"cpu_features\": [], \"weight_bytes\": 0, "
            "\"arena_bytes\": 60, \"inputs\": [{\"name\": \"x\", \"dtype\": \"float32\", \"shape\": [3, 5], \"bytes\": "
            "60}, {\"name\": \"dir/n\", \"dtype\": \"int64\", \"shape\": [], \"bytes\": 8}], \"outputs\": [{\"name\": "
            "\"y\", \"dtype\": \"float32\", \"shape\": [3, 5], \"bytes\": 60}, {\"name\": \"dir/s\", \"dtype\": "
            "\"float32\", \"shape\": [], \"bytes\": 4}]}\n");
  EXPECT_NE(run({"--describe"}).out.find("  dir/n                  int64[]\n"), std::string::npos);
}

TEST_F(CommandLine, Benchmarks) {
  // A busy machine has 2 s for 20 runs that take microseconds.
  Result result = run({"--benchmark", "--seconds", "0.5", "--threads=2", "--json"});
  EXPECT_EQ(result.code, 0) << result.err;
  double least = 0, median = 0;
  unsigned long runs = 0;
  int threads = 0;
  ASSERT_EQ(sscanf(result.out.c_str(), "{\"min_ms\": %lf, \"median_ms\": %lf, \"runs\": %lu, \"threads\": %d}", &least,
                   &median, &runs, &threads),
            4)
      << result.out;
  EXPECT_GT(least, 0);
  EXPECT_LE(least, median);
  EXPECT_GE(runs, 20u);
  EXPECT_EQ(threads, 2);
  EXPECT_NE(run({"--benchmark", "--seconds=0.01", "--input", "x=@/x.npy"}).out.find(" runs, "), std::string::npos);
}

static void sleepPerLayer(void *const *, void *const *, void *, int64_t tid, int64_t, void *barrier) {
  for (int64_t layer = 0; layer < 2; ++layer) {
    gsrt_layer(barrier, tid, layer);
    usleep(static_cast<useconds_t>(layer && tid == 0 ? 2000 : 1));
    gsrt_barrier(barrier);
  }
  gsrt_layer(barrier, tid, 2);
}

TEST_F(CommandLine, BenchmarksLayers) {
  EXPECT_EQ(error({"--benchmark", "--layers"}),
            "this program does not measure its layers; gsc bench --layers makes one that does");
  gsrt_model model = makeModel(sleepPerLayer);
  const char *names[] = {"short", "\"long\""};
  model.num_layers = 2;
  model.layer_names = names;
  const std::string out = run({"--benchmark", "--layers", "--json", "--seconds=0.1", "--threads=2"}, model).out;
  double shortest[2] = {}, median[2] = {}, waits[2][2] = {};
  const size_t at = out.find(", \"layers\": [");
  ASSERT_NE(at, std::string::npos) << out;
  ASSERT_EQ(
      sscanf(out.c_str() + at,
             ", \"layers\": [{\"node\": \"short\", \"min_us\": %lf, \"median_us\": %lf, \"waits_us\": [%lf, %lf]}, "
             "{\"node\": \"\\\"long\\\"\", \"min_us\": %lf, \"median_us\": %lf, \"waits_us\": [%lf, %lf]}]}",
             &shortest[0], &median[0], &waits[0][0], &waits[0][1], &shortest[1], &median[1], &waits[1][0],
             &waits[1][1]),
      8)
      << out;
  EXPECT_GE(shortest[1], 2000);
  EXPECT_LT(shortest[0], shortest[1]);
  // The second thread waits while the first one sleeps.
  EXPECT_GT(waits[1][1], waits[1][0]);
  for (auto &layer : waits)
    for (double wait : layer)
      EXPECT_GE(wait, 0);
  const std::string one = run({"--benchmark", "--layers", "--seconds=0.01", "--threads=1"}, model).out;
  EXPECT_NE(one.find(" us  short\n"), std::string::npos) << one;
  const std::string two = run({"--benchmark", "--layers", "--seconds=0.01", "--threads=2"}, model).out;
  EXPECT_NE(two.find(" us  short; threads wait "), std::string::npos) << two;
}

// A kernel of both layers, in three strips.
static void sleepPerPart(void *const *, void *const *, void *, int64_t tid, int64_t, void *barrier) {
  gsrt_layer_part(0); // outside of all layers: nobody's time
  gsrt_layer(barrier, tid, 1);
  for (int strip = 0; strip < 3; ++strip) {
    gsrt_layer_part(0);
    gsrt_layer_part(1);
    usleep(1000);
  }
  gsrt_barrier(barrier);
  gsrt_layer(barrier, tid, 2);
}

TEST_F(CommandLine, BenchmarksPartsOfLayers) {
  gsrt_model model = makeModel(sleepPerPart);
  const char *names[] = {"short", "long"};
  model.num_layers = 2;
  model.layer_names = names;
  const std::string out = run({"--benchmark", "--layers", "--json", "--seconds=0.1", "--threads=1"}, model).out;
  double shortest[2] = {}, median[2] = {};
  const size_t at = out.find(", \"layers\": [");
  ASSERT_NE(at, std::string::npos) << out;
  ASSERT_EQ(sscanf(out.c_str() + at,
                   ", \"layers\": [{\"node\": \"short\", \"min_us\": %lf, \"median_us\": %lf}, "
                   "{\"node\": \"long\", \"min_us\": %lf, \"median_us\": %lf}]}",
                   &shortest[0], &median[0], &shortest[1], &median[1]),
            4)
      << out;
  EXPECT_GT(shortest[0], 0);
  EXPECT_LT(shortest[0], 1000);
  EXPECT_GE(shortest[1], 3000);
}

TEST_F(CommandLine, HelpNamesEveryOptionAndTensor) {
  const std::string help = run({"--help"}).out;
  for (const char *word : {"--input", "--output-dir", "--benchmark", "--seconds", "--json", "--describe", "--threads",
                           "--layers", "--help", "dir/n", "dir/s", "GSC_NUM_THREADS"})
    EXPECT_NE(help.find(word), std::string::npos) << word;
}

TEST_F(CommandLine, RefusesBadOptions) {
  EXPECT_EQ(error({"--frobnicate"}), "unknown option '--frobnicate'; see --help");
  EXPECT_EQ(error({"--inputs", "x=@/x.npy"}), "unknown option '--inputs'; see --help");
  EXPECT_EQ(error({"x.npy"}), "unknown argument 'x.npy'; see --help");
  EXPECT_EQ(error({"--threads"}), "--threads needs a value; see --help");
  EXPECT_EQ(error({"--threads", "0"}), "--threads 0: expected a number from 1 to 256");
  EXPECT_EQ(error({"--threads", "2x"}), "--threads 2x: expected a number from 1 to 256");
  EXPECT_EQ(error({"--benchmark", "--seconds", "-1"}), "--seconds -1: expected a number above 0 and up to 86400");
  EXPECT_EQ(error({"--benchmark", "--seconds", "nan"}), "--seconds nan: expected a number above 0 and up to 86400");
  EXPECT_EQ(error({"--seconds", "1"}), "--seconds needs --benchmark");
  EXPECT_EQ(error({"--json"}), "--json needs --describe or --benchmark");
  EXPECT_EQ(error({"--describe", "--benchmark"}), "--describe and --benchmark exclude each other; give one of them");
  EXPECT_EQ(error({"--benchmark", "--output-dir", "@/o"}),
            "--output-dir has no meaning with --benchmark; leave it out");
  EXPECT_EQ(error({"--output-dir=@/o", "--output-dir=@/p"}), "--output-dir is given twice; give it once");
}

TEST_F(CommandLine, RefusesBadInputs) {
  EXPECT_EQ(error({"--input", "x"}), "--input x: expected NAME=FILE.npy");
  EXPECT_EQ(error({"--input", "z=f.npy"}), "--input z=f.npy: the model has no such input; --describe lists them");
  EXPECT_EQ(error({"--input", "x="}), "--input x=: the file name is empty");
  EXPECT_EQ(error({"--input", "x=a", "--input", "x=b"}), "input 'x' is given twice; give it once");
  EXPECT_EQ(error({}), "input 'x' (float32[3,5]) is missing; give it with --input x=FILE.npy");
  EXPECT_EQ(error({"--input", "x=@/x.npy"}), "input 'dir/n' (int64[]) is missing; give it with --input dir/n=FILE.npy");
  EXPECT_EQ(error({"--input", "x=@/n.npy", "--input", "dir/n=@/n.npy"}),
            "@/n.npy: 'x' takes float32[3,5], but the file holds int64[]");
}

TEST_F(CommandLine, RefusesCpuButDescribes) {
  gsrt_model model = kFakeModel;
  model.cpu_features = 1u << 31;
  EXPECT_EQ(error({"--benchmark"}, model).rfind("this CPU lacks bit31, which model 'fake'", 0), 0u);
  EXPECT_EQ(run({"--describe"}, model).code, 0);
}

TEST_F(CommandLine, UnwritableFolderLeavesNothing) {
  writeFile(folder / "file", "");
  EXPECT_EQ(error({"--input", "x=@/x.npy", "--input", "dir/n=@/n.npy", "--output-dir", "@/file"}),
            "@/file/y.npy: cannot write: Not a directory; choose a writable folder with --output-dir");
  EXPECT_EQ(error({"--input", "x=@/x.npy", "--input", "dir/n=@/n.npy", "--output-dir", "@/none/out"}),
            "@/none/out: cannot make the folder: No such file or directory; choose another --output-dir");
  EXPECT_EQ(listFolder(folder.path), "file n.npy x.npy");
}

// A limit on the size of files stands for a full disk: write() fails in the middle.
TEST_F(CommandLine, ShortWriteLeavesNothing) {
  rlimit before, small;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
  small = before;
  small.rlim_cur = 100; // the header and one part of the data of 'y'
  gsrt_error_text text = {};
  gsrt_buffers buffers;
  ASSERT_EQ(gsrt_buffers_alloc(&buffers, &kFakeModel, &text), 0);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const int status = gsrt_write_outputs(&buffers, (folder / "out").c_str(), &text);
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, handler);
  gsrt_buffers_free(&buffers);
  EXPECT_EQ(status, -1);
  EXPECT_EQ(std::string(text.text), folder / "out/y.npy: writing failed: File too large; free some space or choose "
                                             "another --output-dir");
  EXPECT_EQ(listFolder(folder.path), "n.npy x.npy");
}

TEST_F(CommandLine, OutputNamesAreSafe) {
  const int64_t one[] = {1};
  float value = 1;
  const char *names[] = {"a/b", "a_b", "../up", "", "..", "a:b"};
  std::vector<gsrt_tensor_desc> descs;
  std::vector<void *> data;
  for (const char *name : names) {
    descs.push_back({name, GSRT_F32, 1, one, 4});
    data.push_back(&value);
  }
  gsrt_model model = makeModel(nullptr);
  model.num_outputs = static_cast<int>(descs.size());
  model.outputs = descs.data();
  gsrt_buffers buffers = {&model, nullptr, data.data()};
  gsrt_error_text text = {};
  ASSERT_EQ(gsrt_write_outputs(&buffers, (folder / "out").c_str(), &text), 0) << text.text;
  EXPECT_EQ(listFolder(folder / "out"), "_..4.npy _._up.2.npy a:b.npy a_b.0.npy a_b.npy output3.npy");
  EXPECT_EQ(listFolder(folder.path), "n.npy out x.npy");
}
