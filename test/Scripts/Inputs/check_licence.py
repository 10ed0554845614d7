# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Lists the source files whose first ten lines do not name the licence.  usage: check_licence.py ROOT"""

import sys
from pathlib import Path

FOLDERS = ("include", "lib", "tools", "unittests", "benchmarks", "examples", "scripts", "test", ".ci")
SUFFIXES = {".h", ".c", ".cpp", ".td", ".def", ".py", ""}
TAG = "SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception"


def is_source(path: Path) -> bool:
    """Scripts have no suffix; data without one (licences, symbolic links) has no first line `#!`."""
    if not path.is_file() or path.suffix not in SUFFIXES or "__pycache__" in path.parts:
        return False
    return bool(path.suffix) or path.read_bytes()[:2] == b"#!"


def main() -> int:
    """Prints the offending files."""
    root = Path(sys.argv[1])
    bad = [path for folder in FOLDERS for path in sorted((root / folder).rglob("*"))
           if is_source(path) and TAG not in "\n".join(path.read_text().splitlines()[:10])]
    for path in bad:
        print(f"{path.relative_to(root)}: the licence header is missing")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
