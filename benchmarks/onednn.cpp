// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Times oneDNN's dense kernels, one layer per line of the standard input:
//
//   conv NAME groups IC OC  IN...  KERNEL...  STRIDE...  DILATION...  PADS_BEGIN...  PADS_END...    (1 to 3 numbers
//   each) matmul NAME M N K
//
// Every list of numbers is comma-separated.  Answers per line: NAME, kernel, least time in microseconds.  Layouts are
// the library's choice for input, weights and output; reordering is not counted.  Built by layers.py.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <limits>
#include <oneapi/dnnl/dnnl.hpp>
#include <sstream>
#include <string>
#include <unordered_map>
#include <vector>

using dnnl::memory;
using Dims = memory::dims;

namespace {

constexpr auto kAny = memory::format_tag::any;
constexpr auto kF32 = memory::data_type::f32;

struct Result {
  std::string kernel = "none";
  double microseconds = std::numeric_limits<double>::infinity();
};

memory filled(const memory::desc &desc, const dnnl::engine &engine) {
  memory result(desc, engine);
  auto *values = static_cast<float *>(result.get_data_handle());
  for (size_t i = 0, count = desc.get_size() / sizeof(float); i < count; ++i)
    values[i] = static_cast<float>(static_cast<int>(i % 13) - 6) * 0.125f;
  return result;
}

/// The least time of a run over about `seconds`, after two runs to warm up.
void time(const std::string &kernel, double seconds, const std::function<void()> &run, Result &best) {
  using Clock = std::chrono::steady_clock;
  run();
  run();
  double least = std::numeric_limits<double>::infinity();
  auto end = Clock::now() + std::chrono::duration<double>(seconds);
  for (int runs = 0; runs < 5 || Clock::now() < end; ++runs) {
    auto start = Clock::now();
    run();
    least = std::min(least, std::chrono::duration<double, std::micro>(Clock::now() - start).count());
  }
  if (least < best.microseconds)
    best = {kernel, least};
}

Dims numbers(const std::string &text) {
  Dims result;
  std::stringstream stream(text);
  for (std::string part; std::getline(stream, part, ',');)
    result.push_back(std::stoll(part));
  return result;
}

Result convolution(std::istream &in, double seconds, const dnnl::engine &engine, dnnl::stream &stream) {
  int64_t groups, inputs, outputs;
  std::string texts[6];
  in >> groups >> inputs >> outputs;
  for (std::string &text : texts)
    in >> text;
  Dims image = numbers(texts[0]), kernel = numbers(texts[1]), strides = numbers(texts[2]),
       dilations = numbers(texts[3]), begin = numbers(texts[4]), end = numbers(texts[5]);
  Dims source{1, inputs}, weights, target{1, outputs};
  if (groups > 1)
    weights.push_back(groups);
  weights.insert(weights.end(), {outputs / groups, inputs / groups});
  for (size_t i = 0; i < image.size(); ++i) {
    source.push_back(image[i]);
    weights.push_back(kernel[i]);
    target.push_back((image[i] + begin[i] + end[i] - dilations[i] * (kernel[i] - 1) - 1) / strides[i] + 1);
    --dilations[i]; // oneDNN counts the positions left out
  }
  memory::desc x(source, kF32, kAny), w(weights, kF32, kAny), y(target, kF32, kAny);
  Result best;
  for (auto algorithm : {dnnl::algorithm::convolution_direct, dnnl::algorithm::convolution_winograd}) {
    try {
      dnnl::convolution_forward::desc desc(dnnl::prop_kind::forward_inference, algorithm, x, w, y, strides, dilations,
                                           begin, end);
      dnnl::convolution_forward::primitive_desc primitive(desc, engine);
      dnnl::convolution_forward run(primitive);
      std::unordered_map<int, memory> arguments{{DNNL_ARG_SRC, filled(primitive.src_desc(), engine)},
                                                {DNNL_ARG_WEIGHTS, filled(primitive.weights_desc(), engine)},
                                                {DNNL_ARG_DST, filled(primitive.dst_desc(), engine)}};
      time(primitive.impl_info_str(), seconds, [&] { run.execute(stream, arguments), stream.wait(); }, best);
    } catch (const dnnl::error &) {
      // The library has no such kernel for this shape.
    }
  }
  return best;
}

Result product(std::istream &in, double seconds, const dnnl::engine &engine, dnnl::stream &stream) {
  int64_t m, n, k;
  in >> m >> n >> k;
  Result best;
  // A constant weight may stand on either side: activations as rows, or as columns.
  for (bool swapped : {false, true}) {
    Dims a{swapped ? n : m, k}, b{k, swapped ? m : n}, c{swapped ? n : m, swapped ? m : n};
    dnnl::matmul::primitive_desc primitive({{a, kF32, kAny}, {b, kF32, kAny}, {c, kF32, kAny}}, engine);
    dnnl::matmul run(primitive);
    std::unordered_map<int, memory> arguments{{DNNL_ARG_SRC, filled(primitive.src_desc(), engine)},
                                              {DNNL_ARG_WEIGHTS, filled(primitive.weights_desc(), engine)},
                                              {DNNL_ARG_DST, filled(primitive.dst_desc(), engine)}};
    time(primitive.impl_info_str(), seconds, [&] { run.execute(stream, arguments), stream.wait(); }, best);
  }
  return best;
}

} // namespace

int main(int argc, char **argv) {
  double seconds = argc > 1 ? std::atof(argv[1]) : 0.2;
  dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  dnnl::stream stream(engine);
  const dnnl_version_t *version = dnnl_version();
  std::printf("oneDNN %d.%d.%d\n", version->major, version->minor, version->patch);
  for (std::string line; std::getline(std::cin, line);) {
    std::stringstream in(line);
    std::string kind, name;
    in >> kind >> name;
    Result result;
    try {
      result = kind == "conv" ? convolution(in, seconds, engine, stream) : product(in, seconds, engine, stream);
    } catch (const dnnl::error &error) {
      result.kernel = std::string("failed: ") + error.what();
    }
    std::printf("%s\t%s\t%.3f\n", name.c_str(), result.kernel.c_str(), result.microseconds);
    std::fflush(stdout);
  }
  return 0;
}
