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

/// Patterns for vectors of 16 f32 on machines on which coefficients from registers of 16 entries, one for each lane,
/// take less time than one longer polynomial for all numbers: math.erf, with an error of at most 2.2 units in the last
/// place (7.7e-8), and math.exp, 0.6. The polynomials take what is left.
void populateMathTables(RewritePatternSet &patterns, const TargetSpec &spec);

/// A GELU (x (erf(x / sqrt 2) + 1) / 2) as one function, where that takes less time: an error of at most 1.5 units in
/// the last place for positive x, and of 5e-8 |x| for negative ones, for which the formula has no more digits either.
/// To be applied before erf is replaced.
void populateGelu(RewritePatternSet &patterns, const TargetSpec &spec);

} // namespace mlir::gs

#endif // GS_LIB_CONVERSION_GSTOLLVM_MATHPOLYNOMIALS_H
