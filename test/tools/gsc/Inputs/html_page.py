# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks a page of gsc explain --html: one element of data, one script, nothing from elsewhere.

usage: html_page.py FILE NODE
"""

import json
import re
import sys
from html.parser import HTMLParser


class Page(HTMLParser):
    """Collects the scripts and the balance of elements."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.scripts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not {"src", "href"} & {name for name, _ in attrs}, (tag, attrs)
        if tag not in ("meta", "br"):
            self.open.append(tag)
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            self.scripts[-1] += data


def main() -> None:
    """Reads the page, or fails with the assertion that does not hold."""
    path, node = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        text = file.read()
    page = Page()
    page.feed(text)
    page.close()
    assert not page.open, page.open
    data, script = page.scripts
    assert "<" not in data and "http" not in re.sub("[^ -~]", "", text)
    report = json.loads(data)
    assert node in {layer["node"] for layer in report["layers"]}
    ids = set(re.findall(r'id="([a-z]+)"', text))
    assert set(re.findall(r'\$\("([a-z]+)"\)', script)) <= ids
    print("layers:", len(report["layers"]))


if __name__ == "__main__":
    main()
