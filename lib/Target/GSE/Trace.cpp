//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Timelines as Chrome trace events, one cycle drawn as one microsecond.
//
//===----------------------------------------------------------------------===//
#include "gs/Target/GSE/Statistics.h"
#include "llvm/Support/JSON.h"

using namespace mlir::gse;

namespace {
enum Thread { Core = 1, Port, Engine, Arithmetic, Prefetcher, Dma };
constexpr const char *threadNames[] = {"", "core", "LSU", "engine", "FP", "prefetcher", "DMA"};
} // namespace

void mlir::gse::printTrace(llvm::ArrayRef<KernelStatistics> kernels, TimingLevel level, llvm::raw_ostream &os) {
  llvm::json::OStream json(os);
  json.object([&] {
    json.attribute("displayTimeUnit", "ms");
    json.attributeObject("otherData", [&] {
      json.attribute("unit", "one cycle is drawn as one microsecond");
      json.attribute("timing", nameOf(level));
      int64_t merged = 1, copies = 0, left = 0;
      for (const KernelStatistics &kernel : kernels) {
        merged = std::max(merged, kernel.timeline.merged);
        copies += kernel.timeline.copiesMerged;
        left += kernel.timeline.instructionsLeftOut;
      }
      json.attribute("bundles_per_event", merged);
      json.attribute("copies_merged", copies);
      json.attribute("instructions_only_as_bundles", left);
    });
    json.attributeArray("traceEvents", [&] {
      for (auto [place, kernel] : llvm::enumerate(kernels)) {
        auto process = static_cast<int64_t>(place) + 1;
        auto event = [&](llvm::StringRef phase, int64_t thread, llvm::StringRef name, double begin, double cycles,
                         llvm::function_ref<void()> arguments) {
          json.object([&] {
            json.attribute("ph", phase);
            json.attribute("pid", process);
            json.attribute("tid", thread);
            json.attribute("name", name);
            json.attribute("ts", begin);
            if (phase == "X")
              json.attribute("dur", cycles);
            json.attributeObject("args", arguments);
          });
        };
        event("M", 0, "process_name", 0, 0,
              [&] { json.attribute("name", kernel.total.name + " on " + kernel.engine.name); });
        for (int64_t thread = Core; thread <= Dma; ++thread)
          event("M", thread, "thread_name", 0, 0, [&] { json.attribute("name", threadNames[thread]); });
        const Timeline &line = kernel.timeline;
        for (const BundleSpan &span : line.bundles) {
          llvm::StringRef name = line.names[span.name];
          event("X", Core, name, span.begin, span.end - span.begin, [&] {
            json.attribute("bundles", span.bundles);
            json.attribute("groups", span.groups);
            json.attribute("occ", span.occupancy);
          });
          auto busy = [&](int64_t thread, double cycles) {
            if (cycles > 0)
              event("X", thread, name, span.begin, cycles, [&] { json.attribute("bundles", span.bundles); });
          };
          if (line.instructions.empty()) { // else each instruction is drawn
            busy(Port, span.port);
            busy(Engine, span.engine);
            busy(Arithmetic, span.arithmetic);
          }
          busy(Prefetcher, span.stream);
          event("C", Engine, "occ", span.begin, 0, [&] { json.attribute("occ", span.occupancy); });
        }
        for (const InstructionSpan &span : line.instructions) {
          int64_t thread = span.track == InstructionSpan::Port         ? Port
                           : span.track == InstructionSpan::Engine     ? Engine
                           : span.track == InstructionSpan::Arithmetic ? Arithmetic
                                                                       : 0;
          if (thread)
            event("X", thread, span.op, static_cast<double>(span.begin), static_cast<double>(span.cycles), [] {});
        }
        for (const Timeline::Copy &copy : line.copies)
          event("X", Dma, "copy", copy.begin, copy.end - copy.begin, [&] { json.attribute("bytes", copy.bytes); });
      }
    });
  });
  os << "\n";
}
