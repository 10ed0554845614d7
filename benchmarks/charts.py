# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Plots as inline SVG: grouped bars and lines.  Colours are CSS classes (`s-NAME`), so a page decides on them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape

BAR, GAP, GROUP_GAP = 13, 3, 12  # pixels


@dataclass
class Series:
    """Values of one engine.  name: colour class.  points: (x, y), rising x.  dashed: the second pattern of an engine."""

    name: str
    title: str
    points: list[tuple[float, float]]
    dashed: bool = False


def ticks(top: float, wanted: int = 5) -> list[float]:
    """Round numbers from 0 to at least `top`, about `wanted` steps."""
    rough = max(top, 1e-9) / wanted
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999)
    return [step * number for number in range(math.ceil(top / step * 0.999) + 1)]


def _text(x: float, y: float, text: str, css: str = "", anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{css}" text-anchor="{anchor}">{escape(text)}</text>'


def bars(
    groups: list[tuple[str, list[tuple[str, str, float | None, str]]]],
    marks: list[float],
    unit: str = "×",
    width: int = 520,
    label_width: int = 96,
    top: float | None = None,
) -> str:
    """Horizontal bars.

    groups: (label, bars); a bar is (colour class, title, value or None, note shown in place of a missing value).
    marks: values with a vertical line, for example 1 for "as fast as dense".
    """
    values = [value for _, entries in groups for _, _, value, _ in entries if value is not None]
    scale_ticks = ticks(max([top or 0, *values, *marks, 1e-9]))
    plot = width - label_width - 48
    height = sum(len(entries) * (BAR + GAP) + GROUP_GAP for _, entries in groups) + 22

    def x(value: float) -> float:
        return label_width + plot * value / scale_ticks[-1]

    parts = [f'<svg viewBox="0 0 {width} {height}" role="img">']
    for tick in scale_ticks:
        parts.append(f'<line class="grid" x1="{x(tick):.1f}" x2="{x(tick):.1f}" y1="0" y2="{height - 18}"/>')
        parts.append(_text(x(tick), height - 4, f"{tick:g}{unit}", "tick", "middle"))
    y = 4.0
    for label, entries in groups:
        parts.append(_text(label_width - 8, y + len(entries) * (BAR + GAP) / 2 + 3, label, "label", "end"))
        for css, title, value, note in entries:
            if value is None:
                parts.append(_text(label_width + 4, y + BAR - 3, f"{title}: {note}", "note"))
            else:
                parts.append(
                    f'<rect class="s-{css}" x="{label_width}" y="{y:.1f}" width="{max(x(value) - label_width, 1):.1f}" '
                    f'height="{BAR}" rx="2"><title>{escape(f"{label}, {title}: {value:.2f}{unit}")}</title></rect>'
                )
                parts.append(
                    _text(x(value) + 4, y + BAR - 3, f"{value:.2f}", "value strong" if css == "gsc" else "value")
                )
            y += BAR + GAP
        y += GROUP_GAP
    for mark in marks:
        parts.append(f'<line class="mark" x1="{x(mark):.1f}" x2="{x(mark):.1f}" y1="0" y2="{height - 18}"/>')
    return "".join([*parts, "</svg>"])


def lines(
    series: list[Series],
    x_ticks: list[float],
    x_label: str,
    mark: float,
    unit: str = "×",
    width: int = 420,
    height: int = 250,
) -> str:
    """Lines over `x_ticks` (shares, labelled in percent and spaced evenly), with a horizontal line at `mark`."""
    y_ticks = ticks(max([mark, *(y for entry in series for _, y in entry.points)]))
    left, right, bottom, head = 40, 14, 36, 8

    def x(value: float) -> float:
        return left + (width - left - right) * x_ticks.index(value) / max(len(x_ticks) - 1, 1)

    def y(value: float) -> float:
        return height - bottom - (height - bottom - head) * value / y_ticks[-1]

    parts = [f'<svg viewBox="0 0 {width} {height}" role="img">']
    for tick in y_ticks:
        parts.append(f'<line class="grid" x1="{left}" x2="{width - right}" y1="{y(tick):.1f}" y2="{y(tick):.1f}"/>')
        parts.append(_text(left - 6, y(tick) + 4, f"{tick:g}{unit}", "tick", "end"))
    for tick in x_ticks:
        parts.append(_text(x(tick), height - bottom + 16, f"{tick:.0%}" if tick else "dense", "tick", "middle"))
    parts.append(_text((left + width - right) / 2, height - 4, x_label, "tick", "middle"))
    parts.append(f'<line class="mark" x1="{left}" x2="{width - right}" y1="{y(mark):.1f}" y2="{y(mark):.1f}"/>')
    for entry in sorted(series, key=lambda item: item.name == "gsc"):  # gsc on top
        path = " ".join(f"{x(px):.1f},{y(py):.1f}" for px, py in entry.points)
        dash = ' stroke-dasharray="5 4"' if entry.dashed else ""
        parts.append(f'<polyline class="l-{entry.name}" points="{path}"{dash}/>')
        parts += [
            f'<circle class="s-{entry.name}" cx="{x(px):.1f}" cy="{y(py):.1f}" r="3.2">'
            f"<title>{escape(f'{entry.title}, {px:.0%}: {py:.2f}{unit}')}</title></circle>"
            for px, py in entry.points
        ]
    return "".join([*parts, "</svg>"])
