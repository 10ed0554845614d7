//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// exp, erf and tanh of f32 scalars and vectors without branches or calls.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_CONVERSION_GSTOLLVM_MATHPOLYNOMIALS_H
#define GS_LIB_CONVERSION_GSTOLLVM_MATHPOLYNOMIALS_H

#include "gs/Target/TargetSpec.h"
#include "mlir/IR/PatternMatch.h"

namespace mlir::gs {

/// Patterns that replace math.exp, math.erf and math.tanh of f32. Errors against the exact value, in units in the last
/// place: exp 1, tanh 3, erf 4 (at most 1.7e-7). NaN stays NaN, infinities have their limits; a result of exp below the
/// smallest normal number is zero.
void populateMathPolynomials(RewritePatternSet &patterns);

/// Whether coefficients from registers of 16 entries, one for each lane, take less time on this machine than one longer
/// polynomial for all numbers.
bool prefersTables(const TargetSpec &spec);

/// Patterns for such machines: math.erf of a vector of 16 f32, with an error of at most 2.2 units in the last place
/// (7.7e-8). The polynomials take what is left.
void populateMathTables(RewritePatternSet &patterns);

} // namespace mlir::gs

#endif // GS_LIB_CONVERSION_GSTOLLVM_MATHPOLYNOMIALS_H
