//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// exp, erf and tanh of f32 scalars and vectors without branches, tables or calls.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_CONVERSION_GSTOLLVM_MATHPOLYNOMIALS_H
#define GS_LIB_CONVERSION_GSTOLLVM_MATHPOLYNOMIALS_H

#include "mlir/IR/PatternMatch.h"

namespace mlir::gs {

/// Patterns that replace math.exp, math.erf and math.tanh of f32. Errors against the exact value, in units in the last
/// place: exp 1, tanh 3, erf 4 (at most 1.7e-7). NaN stays NaN, infinities have their limits; a result of exp below the
/// smallest normal number is zero.
void populateMathPolynomials(RewritePatternSet &patterns);

} // namespace mlir::gs

#endif // GS_LIB_CONVERSION_GSTOLLVM_MATHPOLYNOMIALS_H
