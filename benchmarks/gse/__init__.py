# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The experiment on the gather/scatter engine: layers, masks, the timing law in NumPy, the real chain, plots, page."""
