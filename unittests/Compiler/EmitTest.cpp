//===- EmitTest.cpp - Programs, libraries and objects ---------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "gs/Compiler/Emit.h"
#include "gs/Runtime/gsrt.h"
#include "gs/Target/TargetRegistry.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"
#include <cstdlib>
#include <gtest/gtest.h>

using namespace mlir;
using namespace mlir::gs;
namespace fs = llvm::sys::fs;

// y[i] = x[i] + w[i] for 16 elements, each thread a share of the vectors of 4, and a barrier.
static const char *const kAddWeights = R"(
llvm.mlir.global internal constant @weights(dense<[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0,
    14.0, 15.0, 16.0]> : tensor<16xf32>) : !llvm.array<16 x f32>
llvm.func @gsrt_barrier(!llvm.ptr)
llvm.func @gs_main_graph(%inputs: !llvm.ptr, %outputs: !llvm.ptr, %arena: !llvm.ptr, %tid: i64, %nthreads: i64,
                         %barrier: !llvm.ptr) {
  %x = llvm.load %inputs : !llvm.ptr -> !llvm.ptr
  %y = llvm.load %outputs : !llvm.ptr -> !llvm.ptr
  %w = llvm.mlir.addressof @weights : !llvm.ptr
  %four = llvm.mlir.constant(4 : i64) : i64
  %end = llvm.mlir.constant(16 : i64) : i64
  %first = llvm.mul %tid, %four : i64
  %step = llvm.mul %nthreads, %four : i64
  llvm.br ^head(%first : i64)
^head(%i: i64):
  %more = llvm.icmp "slt" %i, %end : i64
  llvm.cond_br %more, ^body, ^done
^body:
  %xp = llvm.getelementptr %x[%i] : (!llvm.ptr, i64) -> !llvm.ptr, f32
  %yp = llvm.getelementptr %y[%i] : (!llvm.ptr, i64) -> !llvm.ptr, f32
  %wp = llvm.getelementptr %w[%i] : (!llvm.ptr, i64) -> !llvm.ptr, f32
  %a = llvm.load %xp {alignment = 4 : i64} : !llvm.ptr -> vector<4xf32>
  %b = llvm.load %wp {alignment = 16 : i64} : !llvm.ptr -> vector<4xf32>
  %c = llvm.fadd %a, %b : vector<4xf32>
  llvm.store %c, %yp {alignment = 4 : i64} : vector<4xf32>, !llvm.ptr
  %next = llvm.add %i, %step : i64
  llvm.br ^head(%next : i64)
^done:
  llvm.call @gsrt_barrier(%barrier) : (!llvm.ptr) -> ()
  llvm.return
}
)";

namespace {
class EmitTest : public testing::Test {
protected:
  EmitTest() {
    context.loadDialect<LLVM::LLVMDialect>();
    (void)fs::createUniqueDirectory("gsc-emit-test", folder);
    model.name = "add-weights";
    model.inputs = {{"x", GSRT_F32, {4, 4}}};
    model.outputs = {{"y/sum", GSRT_F32, {4, 4}}};
    model.arenaBytes = 128;
    model.weightBytes = 64;
    target = *findBuiltinTarget("x86-64-v3");
  }
  ~EmitTest() override { fs::remove_directories(folder); }

  std::string in(llvm::StringRef name) {
    llvm::SmallString<128> path(folder);
    llvm::sys::path::append(path, name);
    return path.str().str();
  }

  /// Emits; the diagnostic, or "".
  std::string emit(EmitKind kind, const std::string &output, llvm::StringRef source = kAddWeights,
                   std::string runtimeDir = "") {
    OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(source, &context);
    EXPECT_TRUE(module);
    EmitOptions options;
    options.kind = kind;
    options.output = output;
    options.runtimeDir = std::move(runtimeDir);
    std::string message;
    int reports = 0;
    LogicalResult result = emitModel(*module, model, target, options, [&](const llvm::Twine &text) {
      message = text.str();
      ++reports;
    });
    EXPECT_EQ(reports, failed(result) ? 1 : 0) << message;
    return message;
  }

  /// Runs a program in the folder; its exit code.
  int run(std::vector<std::string> arguments, std::string *output = nullptr) {
    std::string log = in("log");
    llvm::SmallVector<llvm::StringRef> references(arguments.begin(), arguments.end());
    std::optional<llvm::StringRef> redirects[] = {llvm::StringRef(""), llvm::StringRef(log), llvm::StringRef(log)};
    std::string error;
    int status = llvm::sys::ExecuteAndWait(arguments.front(), references, std::nullopt, redirects, 60, 0, &error);
    if (auto text = llvm::MemoryBuffer::getFile(log); text && (output || status))
      (output ? *output : error) += (*text)->getBuffer().str();
    fs::remove(log);
    if (!output)
      EXPECT_EQ(error, "");
    return status;
  }

  std::vector<std::string> files() {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; it != end && !error; it.increment(error))
      names.push_back(llvm::sys::path::filename(it->path()).str());
    llvm::sort(names);
    return names;
  }

  void write(llvm::StringRef name, llvm::StringRef text) {
    std::error_code error;
    llvm::raw_fd_ostream(in(name), error) << text;
  }

  MLIRContext context;
  llvm::SmallString<128> folder;
  ModelInfo model;
  TargetSpec target;
};

// A C program that uses the library through its header only.
const char *const kProgram = R"(
#include "add_weights.h"
#include <stdio.h>
#include <string.h>

int main(void) {
  float x[16], y[16];
  const void *inputs[] = {x};
  void *outputs[] = {y};
  int i, run;
  add_weights_instance *one = add_weights_create(2);
  if (!one) {
    fprintf(stderr, "%s\n", add_weights_error(0));
    return 1;
  }
  if (add_weights_num_inputs() != 1 || add_weights_num_outputs() != 1 || add_weights_input(1) ||
      strcmp(add_weights_output(0)->name, "y/sum") || add_weights_input(0)->dtype != add_weights_FLOAT32 ||
      add_weights_input(0)->rank != 2 || add_weights_input(0)->shape[1] != 4 || add_weights_output(0)->bytes != 64)
    return 2;
  for (run = 0; run < 3; ++run) {
    for (i = 0; i < 16; ++i)
      x[i] = (float)(run * i);
    if (add_weights_set_threads(one, run + 1) || add_weights_num_threads(one) != run + 1)
      return 3;
    if (add_weights_run(one, inputs, outputs))
      return 4;
    for (i = 0; i < 16; ++i)
      if (y[i] != (float)(run * i + i + 1))
        return 5;
  }
  outputs[0] = 0;
  if (!add_weights_run(one, inputs, outputs) || !*add_weights_error(one))
    return 6;
  add_weights_destroy(one);
  if (add_weights_create(-1) || !strstr(add_weights_error(0), "threads"))
    return 7;
  return 0;
}
)";
} // namespace

TEST_F(EmitTest, Executable) {
  ASSERT_EQ(emit(EmitKind::Executable, in("prog")), "");
  EXPECT_EQ(files(), std::vector<std::string>{"prog"});
  std::string text;
  EXPECT_EQ(run({in("prog"), "--describe", "--json"}, &text), 0);
  EXPECT_NE(
      text.find(
          "\"name\": \"add-weights\", \"target\": \"x86-64-v3\", \"cpu_features\": [\"sse4.2\", \"popcnt\", \"avx\","),
      std::string::npos)
      << text;
  EXPECT_EQ(run({in("prog"), "--benchmark", "--seconds=0.01", "--threads=2"}), 0);
}

TEST_F(EmitTest, SharedLibrary) {
  ASSERT_EQ(emit(EmitKind::SharedLibrary, in("libadd_weights.so")), "");
  EXPECT_EQ(files(), (std::vector<std::string>{"add_weights.h", "libadd_weights.so"}));
  write("main.c", kProgram);
  ASSERT_EQ(run({GS_TEST_CC, "-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", in("main.c"),
                 in("libadd_weights.so"), "-o", in("main"), "-Wl,-rpath," + folder.str().str()}),
            0);
  EXPECT_EQ(run({in("main")}), 0);
  // Nothing but the interface is exported.
  std::string symbols;
  ASSERT_EQ(run({"/usr/bin/nm", "-D", "--defined-only", in("libadd_weights.so")}, &symbols), 0);
  llvm::SmallVector<llvm::StringRef> lines;
  llvm::StringRef(symbols).split(lines, '\n', -1, false);
  EXPECT_EQ(lines.size(), 10u);
  for (llvm::StringRef line : lines)
    EXPECT_TRUE(line.contains(" T add_weights_")) << line.str();
}

TEST_F(EmitTest, ObjectsOfTwoModelsFitInOneProgram) {
  ASSERT_EQ(emit(EmitKind::Object, in("add-weights.o")), "");
  ASSERT_EQ(emit(EmitKind::Object, in("other.o")), "");
  EXPECT_EQ(files(), (std::vector<std::string>{"add-weights.o", "add_weights.h", "other.h", "other.o"}));
  write("main.c", std::string(kProgram) + "\n#include \"other.h\"\nint other(void) { return other_num_inputs(); }\n");
  ASSERT_EQ(run({GS_TEST_CC, in("main.c"), in("add-weights.o"), in("other.o"), "-o", in("main"), "-lm", "-pthread"}),
            0);
  EXPECT_EQ(run({in("main")}), 0);
}

TEST_F(EmitTest, HeaderIsCPlusPlusToo) {
  ASSERT_EQ(emit(EmitKind::Object, in("add_weights.o")), "");
  write(
      "main.cpp",
      "#include \"add_weights.h\"\n#include \"add_weights.h\"\nint main() { return add_weights_num_inputs() - 1; }\n");
  ASSERT_EQ(run({GS_TEST_CC, in("main.cpp"), in("add_weights.o"), "-o", in("main"), "-lm", "-pthread"}), 0);
  EXPECT_EQ(run({in("main")}), 0);
}

TEST_F(EmitTest, LLVMIR) {
  ASSERT_EQ(emit(EmitKind::LLVMIR, in("add.ll")), "");
  auto text = llvm::MemoryBuffer::getFile(in("add.ll"));
  ASSERT_TRUE(text);
  EXPECT_TRUE((*text)->getBuffer().contains("\"target-cpu\"=\"x86-64-v3\""));
}

TEST_F(EmitTest, TheRefusalItselfRunsOnEveryProcessor) {
  ASSERT_EQ(emit(EmitKind::LLVMIR, in("add.ll")), "");
  auto text = llvm::MemoryBuffer::getFile(in("add.ll"));
  ASSERT_TRUE(text);
  auto [before, create] = (*text)->getBuffer().split("@add_create(");
  llvm::StringRef attributes = create.split(" {").first.rsplit('#').second;
  EXPECT_FALSE(attributes.empty());
  llvm::StringRef group =
      (*text)->getBuffer().split(("attributes #" + attributes + " = ").str()).second.split('\n').first;
  EXPECT_FALSE(group.contains("target-cpu")) << group.str();
}

TEST_F(EmitTest, FailuresLeaveNothing) {
  EXPECT_NE(emit(EmitKind::Executable, in("none/prog")).find("No such file or directory; choose another place with -o"),
            std::string::npos);
  EXPECT_NE(emit(EmitKind::Executable, folder.str().str()).find("it is a folder; name a file with -o"),
            std::string::npos);
  EXPECT_EQ(emit(EmitKind::Executable, ""), "the name of the output is empty; name a file with -o");
  EXPECT_NE(emit(EmitKind::SharedLibrary, in("l.so"), kAddWeights, "/nowhere").find("libGSRuntime.a' is missing"),
            std::string::npos);
  EXPECT_NE(
      emit(EmitKind::Object, in("l.o"), "llvm.func @other() { llvm.return }").find("does not define gs_main_graph"),
      std::string::npos);
  EXPECT_NE(
      emit(EmitKind::Object, in("l.o"), "llvm.func @gs_main_graph() { llvm.return }").find("unexpected signature"),
      std::string::npos);
  model.inputs[0].dtype = 8; // a string
  EXPECT_EQ(
      emit(EmitKind::Object, in("l.o")),
      "input 'x': element type 8 cannot be passed to a compiled model; cast it to a numeric type of at most 64 bits");
  model.inputs[0] = {"x", GSRT_F32, {int64_t(1) << 40, int64_t(1) << 40}};
  EXPECT_EQ(emit(EmitKind::Object, in("l.o")), "input 'x': its size is unknown or too large; fix its shape");
  EXPECT_EQ(files(), std::vector<std::string>{});
}

TEST_F(EmitTest, MissingOrBrokenCompiler) {
  setenv("GSC_CC", "no-such-compiler", 1);
  EXPECT_EQ(emit(EmitKind::Executable, in("prog")),
            "cannot link: GSC_CC names 'no-such-compiler', which is no program; set it to a C compiler, or unset it");
  setenv("GSC_CC", "false", 1);
  EXPECT_NE(emit(EmitKind::Executable, in("prog")).find("failed: no message; check the C compiler"), std::string::npos);
  unsetenv("GSC_CC");
  std::string undefined = kAddWeights;
  for (size_t at; (at = undefined.find("gsrt_barrier")) != std::string::npos;)
    undefined.replace(at, 12, "not_in_the_runtime");
  EXPECT_NE(emit(EmitKind::SharedLibrary, in("prog.so"), undefined).find("not_in_the_runtime"), std::string::npos);
  EXPECT_EQ(files(), std::vector<std::string>{});
}

TEST_F(EmitTest, FullDisk) {
  if (!fs::exists("/dev/full"))
    GTEST_SKIP();
  for (EmitKind kind : {EmitKind::Executable, EmitKind::LLVMIR})
    EXPECT_EQ(emit(kind, "/dev/full"),
              "cannot write '/dev/full': No space left on device; choose another place with -o");
  EXPECT_TRUE(fs::exists("/dev/full"));
}

TEST_F(EmitTest, Names) {
  EXPECT_EQ(cIdentifier("res-net.50"), "res_net_50");
  EXPECT_EQ(cIdentifier("50"), "model_50");
  EXPECT_EQ(cIdentifier(""), "model_");
  EXPECT_EQ(exportPrefix(EmitKind::SharedLibrary, "/some/libres-net.50.so"), "res_net_50");
  EXPECT_EQ(exportPrefix(EmitKind::Object, "libres.o"), "libres");
  EXPECT_EQ(defaultOutput(EmitKind::SharedLibrary, "a-b"), "liba_b.so");
  EXPECT_EQ(defaultOutput(EmitKind::Executable, ""), "model");
}
