//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Times straight-line code by itself: chunks of a random mask, called as the
// kernel calls them, with activations, sums and code where the options put
// them. The numbers of docs/Rationale/Goals.md and StraightLine.md come from it.
//
//===----------------------------------------------------------------------===//
#include "gs/Target/CPU/StraightLineX86.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <chrono>
#include <cmath>
#include <random>
#include <sys/mman.h>

using namespace mlir::gs;
namespace cl = llvm::cl;

namespace {

constexpr int64_t lanes = 16, vectorBytes = 64;
/// As StraightLineKernel: chunks whose code is fetched while one is running.
constexpr int64_t chunksAhead = 2;

cl::OptionCategory layerOptions("The layer and how it is timed");
using Number = cl::opt<int64_t>;
using Flag = cl::opt<bool>;
Number optRows("rows", cl::desc("Rows of the weight (26)"), cl::init(26), cl::cat(layerOptions));
Number optColumns("columns", cl::desc("Columns of the weight (512)"), cl::init(512), cl::cat(layerOptions));
cl::opt<double> optDensity("density", cl::desc("Share of weights that are kept (0.1)"), cl::init(0.1),
                           cl::cat(layerOptions));
Number optChunkRows("chunk-rows", cl::desc("Rows of a chunk; 0: equal chunks of at most 28"), cl::init(0),
                    cl::cat(layerOptions));
Number optBlock("column-block", cl::desc("Columns of a block; 0: all"), cl::init(0), cl::cat(layerOptions));
Number optTiles("tiles", cl::desc("Vectors of output columns (16)"), cl::init(16), cl::cat(layerOptions));
Number optPiece("piece", cl::desc("Tiles of a pass over all chunks; 0: all"), cl::init(0), cl::cat(layerOptions));
Number optDistance("distance", cl::desc("Bytes between the activations of two channels (64)"), cl::init(64),
                   cl::cat(layerOptions));
Number optTileDistance("tile-distance", cl::desc("The same of two tiles; 0: behind all channels"), cl::init(0),
                       cl::cat(layerOptions));
Number optTaps("taps", cl::desc("Columns of a channel, one element apart (1)"), cl::init(1), cl::cat(layerOptions));
Number optChannels("channels", cl::desc("Read the first ones again after so many; 0: never"), cl::init(0),
                   cl::cat(layerOptions));
Flag optSameTile("same-tile", cl::desc("All tiles read the activations of the first"), cl::init(false),
                 cl::cat(layerOptions));
enum class Sums { None, Store, Add };
cl::opt<Sums> optSums("sums", cl::desc("What becomes of the sums"),
                      cl::values(clEnumValN(Sums::None, "none", "they stay in registers"),
                                 clEnumValN(Sums::Store, "store", "stored, having begun at zero"),
                                 clEnumValN(Sums::Add, "add", "loaded and stored, as those of column blocks are")),
                      cl::init(Sums::Store), cl::cat(layerOptions));
Number optRowDistance("row-distance", cl::desc("Bytes between rows of sums; 0: the tiles of one"), cl::init(0),
                      cl::cat(layerOptions));
Number optOutTileDistance("out-tile-distance", cl::desc("The same between two tiles of a row of sums; 0: a vector"),
                          cl::init(0), cl::cat(layerOptions));
Flag optPrefetch("prefetch", cl::desc("Ask for the code of later chunks (true)"), cl::init(true),
                 cl::cat(layerOptions));
Number optAhead("columns-ahead", cl::desc("Ask for activations so many columns ahead; 0: never"), cl::init(0),
                cl::cat(layerOptions));
Number optTogether("together", cl::desc("Chunks that run on a tile one after the other (1)"), cl::init(1),
                   cl::cat(layerOptions));
Flag optSerpentine("serpentine", cl::desc("Every other chunk takes its columns in descending order"),
                   cl::init(false), cl::cat(layerOptions));
Flag optWindows("windows", cl::desc("Taps in windows of two vectors in registers"), cl::init(false),
                cl::cat(layerOptions));
cl::opt<double> optSeconds("seconds", cl::desc("Time to run for (1)"), cl::init(1), cl::cat(layerOptions));
Flag optCheck("check", cl::desc("Only compare the sums with those of plain loops"), cl::init(false),
              cl::cat(layerOptions));

/// Memory in pages of its own.
char *allocate(size_t bytes) {
  void *memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    llvm::errs() << "straight-line-chunk: no memory\n";
    exit(1);
  }
  return static_cast<char *>(memory);
}

/// Calls a chunk of `rows` rows: its sums begin at zero or at `from`, and are written to `to`, unless these are null.
__attribute__((target("avx512f"))) void callChunk(const char *code, const char *x, const char *next, const char *from,
                                                  char *to, int64_t rowDistance, int64_t rows) {
#define ROWS "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27"
  int64_t left = rows;
  asm volatile(".irp r," ROWS "\n vpxord %%zmm\\r, %%zmm\\r, %%zmm\\r\n .endr\n"
               "testq %[from], %[from]\n jz 2f\n"
               ".irp r," ROWS "\n decq %[left]\n js 2f\n vmovups (%[from]), %%zmm\\r\n addq %[distance], %[from]\n"
               ".endr\n"
               "2: leaq -128(%%rsp), %%rsp\n callq *%%rax\n leaq 128(%%rsp), %%rsp\n"
               "testq %[to], %[to]\n jz 3f\n movq %[rows], %[left]\n"
               ".irp r," ROWS "\n decq %[left]\n js 3f\n vmovups %%zmm\\r, (%[to])\n addq %[distance], %[to]\n"
               ".endr\n"
               "3:\n"
               : [from] "+&r"(from), [to] "+&r"(to), [left] "+&r"(left)
               : "a"(code), "D"(x), "c"(next), [distance] "r"(rowDistance), [rows] "r"(rows)
               : "rsi", "rdx", "memory", "cc", "zmm0", "zmm1", "zmm2", "zmm3", "zmm4", "zmm5", "zmm6", "zmm7", "zmm8",
                 "zmm9", "zmm10", "zmm11", "zmm12", "zmm13", "zmm14", "zmm15", "zmm16", "zmm17", "zmm18", "zmm19",
                 "zmm20", "zmm21", "zmm22", "zmm23", "zmm24", "zmm25", "zmm26", "zmm27", "zmm28", "zmm29", "zmm30",
                 "zmm31");
#undef ROWS
}

double secondsNow() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Cycles per second, by products that wait for each other, three cycles each: sums with constants may take none.
double clockRate() {
  double best = 0;
  for (int run = 0; run < 20; ++run) {
    int64_t count = 100000, sum = 0;
    double start = secondsNow();
    asm volatile("1: .rept 16\n imulq %0, %0\n .endr\n decq %1\n jnz 1b" : "+r"(sum), "+r"(count) : : "cc");
    best = std::max(best, 4.8e6 / (secondsNow() - start));
  }
  return best;
}

/// A weight with a random mask, its code, activations and sums.
class Layer {
public:
  Layer();
  void run(Sums sums) const;
  /// The greatest difference from sums computed by plain loops.
  double error() const;
  void print(double seconds) const;

private:
  /// Displacement of a column's activations, in elements.
  int64_t place(int64_t column) const {
    int64_t channel = column / optTaps;
    if (optChannels)
      channel %= optChannels;
    return channel * (optDistance / 4) + column % optTaps;
  }
  const char *input(int64_t tile) const { return x + (optSameTile ? 0 : tile) * tileDistance; }
  char *output(int64_t row, int64_t tile) const { return out + row * rowDistance + tile * outTileDistance; }

  int64_t rows = optRows, columns = optColumns, tiles = optTiles;
  int64_t chunkRows, block, piece, groups, blocks, tilesPerPass, tileDistance, rowDistance, outTileDistance;
  int64_t nonZeros = 0, vectors = 0;
  std::vector<float> weight; ///< [rows][columns]
  std::vector<int64_t> starts;
  int64_t codeBytes = 0;
  char *code, *x, *out;
};

Layer::Layer() {
  int64_t most = StraightLineX86::maxRows;
  chunkRows = optChunkRows ? optChunkRows : llvm::divideCeil(rows, llvm::divideCeil(rows, most));
  block = optBlock ? optBlock : columns;
  piece = optPiece ? optPiece : tiles;
  groups = llvm::divideCeil(rows, chunkRows);
  blocks = llvm::divideCeil(columns, block);
  tilesPerPass = std::max<int64_t>(1, piece / 2);
  tileDistance = optTileDistance ? optTileDistance : llvm::divideCeil(columns, optTaps.getValue()) * optDistance;
  rowDistance = optRowDistance ? optRowDistance : tiles * vectorBytes;
  outTileDistance = optOutTileDistance ? optOutTileDistance : vectorBytes;

  std::mt19937 random(1);
  std::uniform_real_distribution<float> share(0, 1);
  auto value = [&] { return share(random) - 0.5f; };
  weight.resize(rows * columns);
  for (float &w : weight)
    w = share(random) < optDensity ? value() : 0;

  llvm::Expected<std::unique_ptr<StraightLineX86>> encoder = StraightLineX86::create();
  if (!encoder) {
    llvm::errs() << "straight-line-chunk: " << llvm::toString(encoder.takeError()) << "\n";
    exit(1);
  }
  llvm::SmallVector<char, 0> text;
  for (int64_t b = 0; b < blocks; ++b)
    for (int64_t group = 0; group < groups; ++group) {
      std::vector<uint32_t> indices, masks;
      std::vector<float> values;
      int64_t first = group * chunkRows, count = std::min(chunkRows, rows - first);
      int64_t lo = b * block, end = std::min(columns, (b + 1) * block);
      for (int64_t i = lo; i < end; ++i) {
        int64_t column = optSerpentine && group % 2 ? lo + end - 1 - i : i;
        uint32_t mask = 0;
        for (int64_t r = 0; r < count; ++r)
          if (float w = weight[(first + r) * columns + column]; w != 0) {
            mask |= 1u << r;
            values.push_back(w);
          }
        if (!mask)
          continue;
        indices.push_back(uint32_t(place(column)));
        masks.push_back(mask);
      }
      std::vector<uint8_t> inputs(indices.size());
      llvm::ArrayRef<char> bytes(reinterpret_cast<const char *>(values.data()), values.size() * 4);
      starts.push_back(int64_t((*encoder)->emitChunk(indices, inputs, masks, bytes, unsigned(count),
                                                     optPrefetch ? vectorBytes * tilesPerPass : 0,
                                                     optWindows ? INT32_MAX : 0, uint64_t(optAhead), text)));
      while (text.size() % 64)
        text.push_back(0);
      nonZeros += int64_t(values.size());
      vectors += int64_t(indices.size());
    }
  codeBytes = int64_t(text.size());
  for (int64_t i = 0; i < std::max<int64_t>(chunksAhead, optTogether); ++i) // behind the last chunk the first follows, in the next run
    starts.push_back(codeBytes);
  code = allocate(codeBytes);
  std::copy(text.begin(), text.end(), code);
  mprotect(code, codeBytes, PROT_READ | PROT_EXEC);

  int64_t last = 0;
  for (int64_t column = 0; column < columns; ++column)
    last = std::max(last, place(column));
  int64_t inputBytes = (tiles - 1) * tileDistance + last * 4 + 3 * vectorBytes;
  x = allocate(inputBytes);
  for (int64_t i = 0; i < inputBytes / 4; ++i)
    reinterpret_cast<float *>(x)[i] = value();
  out = allocate((rows - 1) * rowDistance + (tiles - 1) * outTileDistance + vectorBytes);
}

void Layer::run(Sums sums) const {
  int64_t together = optTogether, ahead = std::max<int64_t>(chunksAhead, together);
  for (int64_t lo = 0; lo < tiles; lo += piece)
    for (int64_t first = 0; first < groups * blocks;) {
      // Chunks of one block of columns.
      int64_t end = std::min((first / groups + 1) * groups, first + together);
      for (int64_t tile = lo; tile < std::min(tiles, lo + piece); ++tile)
        for (int64_t chunk = first; chunk < end; ++chunk) {
          int64_t row = chunk % groups * chunkRows, count = std::min(chunkRows, rows - row);
          int64_t size = starts[chunk + ahead] - starts[chunk + ahead - 1];
          int64_t step = size / (vectorBytes * tilesPerPass) * vectorBytes;
          const char *next = code + starts[chunk + ahead] + (tile - lo) * step;
          char *to = sums == Sums::None ? nullptr : output(row, tile);
          callChunk(code + starts[chunk], input(tile), next, sums == Sums::Add ? to : nullptr, to, rowDistance, count);
        }
      first = end;
    }
}

double Layer::error() const {
  run(Sums::Add); // from zero, as nothing ran before
  double worst = 0;
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t tile = 0; tile < tiles; ++tile)
      for (int64_t lane = 0; lane < lanes; ++lane) {
        double sum = 0;
        for (int64_t column = 0; column < columns; ++column)
          sum += double(weight[row * columns + column]) *
                 double(reinterpret_cast<const float *>(input(tile))[place(column) + lane]);
        worst = std::max(worst, std::abs(sum - double(reinterpret_cast<const float *>(output(row, tile))[lane])));
      }
  return worst;
}

void Layer::print(double seconds) const {
  double calls = double(groups * blocks), cycles = seconds * clockRate();
  llvm::outs() << llvm::format("per call: %.0f multiply-adds, %.0f vectors, %.0f bytes of code and weights\n",
                               double(nonZeros) / calls, double(vectors) / calls, double(codeBytes) / calls)
               << llvm::format("%.0f cycles per call, %.1f us for all %.0f calls, %.0f %% of the peak of one "
                               "multiply-add per cycle\n",
                               cycles / calls / double(tiles), seconds * 1e6, calls * double(tiles),
                               100 * double(nonZeros * tiles) / cycles);
}

} // namespace

int main(int argc, char **argv) {
  cl::HideUnrelatedOptions(layerOptions);
  cl::ParseCommandLineOptions(argc, argv, "Times straight-line code of a random mask (AVX-512).\n");
  auto require = [](bool holds, const cl::Option &option, const char *range) {
    if (!holds)
      llvm::errs() << "straight-line-chunk: --" << option.ArgStr << " must be " << range << "\n";
    return holds;
  };
  bool valid =
      require(optDensity >= 0 && optDensity <= 1, optDensity, "between 0 and 1") &&
      require(optChunkRows >= 0 && optChunkRows <= StraightLineX86::maxRows, optChunkRows, "between 0 and 28") &&
      require(optDistance >= 4 && optDistance % 4 == 0, optDistance, "a positive multiple of 4");
  for (const Number *option : {&optRows, &optColumns, &optTiles, &optTaps, &optTogether})
    valid = valid && require(*option >= 1, *option, "at least 1");
  for (const Number *option :
       {&optBlock, &optPiece, &optChannels, &optTileDistance, &optRowDistance, &optOutTileDistance, &optAhead})
    valid = valid && require(*option >= 0, *option, "at least 0");
  if (!valid)
    return 1;
  if (!__builtin_cpu_supports("avx512f")) {
    llvm::errs() << "straight-line-chunk: this processor has no AVX-512\n";
    return 1;
  }
  Layer layer;
  if (optCheck) {
    bool right = layer.error() < 1e-3;
    llvm::outs() << (right ? "sums are right\n" : "sums are wrong\n");
    return !right;
  }
  double least = INFINITY, end = secondsNow() + optSeconds;
  for (int runs = 0; runs < 3 || secondsNow() < end; ++runs) {
    double start = secondsNow();
    layer.run(optSums);
    least = std::min(least, secondsNow() - start);
  }
  layer.print(least);
  return 0;
}
