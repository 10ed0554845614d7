# ===----------------------------------------------------------------------===#
#
# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""Calls every kernel once per thread, one thread after the other: their shares must make up the whole.

    threads.py N < lowered.mlir > threads.mlir
"""
import re
import sys

call = re.compile(r"(\s*)(?:func\.)?call (@(?:matmul|conv|pack_plane)\w*\(.*), %\S+, %\S+\) : (.*)")
threads = int(sys.argv[1])
for number, line in enumerate(sys.stdin):
    match = call.fullmatch(line.rstrip("\n"))
    if not match:
        print(line, end="")
        continue
    indent, head, types = match.groups()
    print(f"{indent}%threads_{number} = arith.constant {threads} : index")
    for thread in range(threads):
        print(f"{indent}%thread_{number}_{thread} = arith.constant {thread} : index")
        print(f"{indent}call {head}, %thread_{number}_{thread}, %threads_{number}) : {types}")
