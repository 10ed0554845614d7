//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Code that fills the planes of gs.pack_plane.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_CONVERSION_GSTOVECTOR_PACKPLANE_H
#define GS_LIB_CONVERSION_GSTOVECTOR_PACKPLANE_H

#include "gs/Dialect/GS/IR/GSDialect.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::gs {

/// Emits the share of thread `tid` of `numThreads` of packing `channels` (batch times channels) channels from `input`,
/// where they are `inputPitch` elements apart, to `output`, both flat memrefs, with vectors of `lanes` elements.
void emitPackPlane(ImplicitLocOpBuilder &b, PlaneAttr plane, int64_t channels, int64_t inputPitch, Value input,
                   Value output, Value tid, Value numThreads, int64_t lanes);

/// The same for planes whose insides are written by others: only what lies around them is filled with zeros. The plane
/// has no phases (Destination::insideOf).
void emitPlaneBorders(ImplicitLocOpBuilder &b, PlaneAttr plane, int64_t channels, Value output, Value tid,
                      Value numThreads, int64_t lanes);

} // namespace mlir::gs

#endif // GS_LIB_CONVERSION_GSTOVECTOR_PACKPLANE_H
