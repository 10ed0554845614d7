# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks that the table of each docs/HowTo names exactly the files that scripts/new writes and extends for `Foo`.

usage: check_howto.py ROOT COPY      COPY: a folder with copies of ROOT's include and lib
"""

import re
import subprocess
import sys
from pathlib import Path

PAGES = {"pattern": "AddPattern", "strategy": "AddStrategy", "target": "AddTarget", "onnx-op": "AddONNXOp"}


def main() -> int:
    """Prints what is on one side only."""
    root, copy = map(Path, sys.argv[1:3])
    bad = 0
    for kind, page in PAGES.items():
        said = set(re.findall(r"^\| `([^`]+)` \|", (root / "docs/HowTo" / f"{page}.md").read_text(), re.MULTILINE))
        output = subprocess.run([root / "scripts/new", kind, "Foo", "--root", copy], check=True, capture_output=True,
                                text=True).stdout
        done = set(re.findall(r"^(?:wrote|added a line to) (\S+)$", output, re.MULTILINE))
        for path in sorted(said ^ done):
            print(f"docs/HowTo/{page}.md: {path} is {'not written by scripts/new' if path in said else 'missing'}")
            bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
