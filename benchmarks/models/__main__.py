# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Command line: `python -m benchmarks.models NAME --pattern block4 --sparsity 0.9 -o FILE.onnx`."""

from __future__ import annotations

import argparse
import json
import sys

import onnx

from . import MODELS, PATTERNS, build


def main() -> int:
    """Writes one model, or lists what there is."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.models", description="Builds pruned ONNX models.")
    parser.add_argument("name", nargs="?", choices=list(MODELS), help="model to build")
    parser.add_argument("--pattern", choices=PATTERNS, default="dense", help="sparsity pattern (default: dense)")
    parser.add_argument("--sparsity", type=float, default=0.9, help="share of weights set to zero (default: 0.9)")
    parser.add_argument("--small", action="store_true", help="tiny variant, for tests")
    parser.add_argument("--keep-classifier", action="store_true", help="leave the last fully connected layer dense")
    parser.add_argument("--verbose", action="store_true", help="print the achieved density of every layer")
    parser.add_argument("--list", action="store_true", help="list models and patterns")
    parser.add_argument("-o", "--output", help="file to write (default: NAME-PATTERN.onnx)")
    args = parser.parse_args()
    if args.list:
        for name, function in MODELS.items():
            print(f"{name:14} {(function.__doc__ or '').strip().splitlines()[0]}")
        print(f"patterns       {' '.join(PATTERNS)}")
        return 0
    if args.name is None:
        parser.error("NAME is required (see --list)")
    if not 0 <= args.sparsity < 1:
        parser.error(f"--sparsity {args.sparsity}: expected a number in [0, 1)")
    model = build(args.name, args.pattern, args.sparsity, args.small, not args.keep_classifier)
    output = args.output or f"{args.name}-{args.pattern}.onnx"
    onnx.save(model, output)
    if args.verbose:
        properties = {entry.key: entry.value for entry in model.metadata_props}
        for layer, density in json.loads(properties["densities"]).items():
            print(f"{layer:40} {density:.4f}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
