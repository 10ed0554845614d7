# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks that the documentation names only files that exist.  usage: check_links.py ROOT

Looks at relative links `[text](path)` and at `path/to/file` between backquotes whose first part is a folder of the
repository.  Names of things to come (with `<`, `*`, `X` or the word Foo in them) are left out.
"""

import re
import sys
from pathlib import Path

LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
QUOTED = re.compile(r"`([\w.+-]+(?:/[\w.+-]+)+/?)`")
PLACEHOLDER = re.compile(r"Foo|foo|/X\b|\bMyTarget|^build")


def main() -> int:
    """Prints each name of nothing with its file and line."""
    root = Path(sys.argv[1])
    folders = {path.name for path in root.iterdir() if path.is_dir()}
    pages = [*root.glob("*.md"), *(path for path in (root / "docs").rglob("*.md") if "generated" not in path.parts)]
    bad = 0
    for page in sorted(pages):
        for number, line in enumerate(page.read_text().splitlines(), 1):
            names = [(page.parent / name, name) for name in LINK.findall(line)]
            names += [(root / name, name) for name in QUOTED.findall(line) if name.split("/")[0] in folders]
            for path, name in names:
                if not PLACEHOLDER.search(name) and not path.exists():
                    print(f"{page.relative_to(root)}:{number}: there is no {name}")
                    bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
