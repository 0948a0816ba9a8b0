"""The contact sheet that a training keeps up to date: does it learn what was painted, and what does it do in between?

Rows are keyframes and three frames between them; columns are the plate, the retouch as it stands and the painted frame
(where nobody painted, the gain: grey is none, white a stop more, black a stop less). Below, the curve of the loss and, where
something was held out, of that; each on its own scale. For eyes only: display-referred.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from setpiece.core.arrays import Display, Float32, Flow, Rgb
from setpiece.generate.engines.learned.features import OFFSET, decode
from setpiece.generate.keyframe import moved
from setpiece.media.colour import view
from setpiece.media.images import write_png

_CURVE = 140  # px high
_GAP = 4
_HEAD = 22  # px: the row of the columns' names
_COLUMNS = ("plate", "as it stands", "painted, or gain")
_INK = np.array([225, 225, 225], np.uint8)
_PAPER = np.array([24, 24, 26], np.uint8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A frame on its canvas: coded ``light``, the ``gain`` that is given it and the one that was ``painted``, in stops, and
    the ``warp`` (n, n, 2) px under both."""

    frame: int
    light: Rgb
    gain: Rgb
    painted: Rgb | None
    warp: Flow


def write_sheet(path: Path, rows: tuple[Row, ...], losses: list[dict[str, Any]], *, title: str = "") -> None:
    """Write the sheet as PNG, whole or not at all."""
    write_png(path, sheet(rows, losses, title=title))


def sheet(rows: tuple[Row, ...], losses: list[dict[str, Any]], *, title: str = "") -> Display:
    """The sheet's pixels."""
    strips = [_strip(row) for row in rows]
    half = (len(strips) + 1) // 2
    head = _heading(rows[0].light.shape[0])
    columns = [np.concatenate([head, *part], 0) for part in (strips[:half], strips[half:]) if part]
    height = max(column.shape[0] for column in columns)
    padded = [np.concatenate([c, _blank(height - c.shape[0], c.shape[1])], 0) for c in columns]
    top = np.concatenate([p for column in padded for p in (column, _blank(height, 2 * _GAP))][:-1], 1)
    return np.concatenate([top, _curve(losses, top.shape[1], title)], 0)


def _heading(size: int) -> Display:
    """The columns' names, over frames of ``size`` px."""
    head = _blank(_HEAD, 3 * size + 2 * _GAP)
    for number, name in enumerate(_COLUMNS):
        _write(head, name, (6 + number * (size + _GAP), 15))
    return head


def _strip(row: Row) -> Display:
    plate = decode(row.light)
    held = np.maximum(moved(plate, row.warp), 0) + np.float32(OFFSET)
    now = held * np.exp2(row.gain) - np.float32(OFFSET)
    if row.painted is not None:
        third = view(held * np.exp2(row.painted) - np.float32(OFFSET), view="plain")
        label = f"{row.frame} keyframe"
    else:
        third = (np.clip(0.5 + row.gain / 2, 0, 1) * 255 + 0.5).astype(np.uint8)
        label = f"{row.frame} between"
    size = row.light.shape[0]
    gap = _blank(size, _GAP)
    strip = np.concatenate([view(plate, view="plain"), gap, view(now.astype(np.float32), view="plain"), gap, third], 1)
    _write(strip, label, (6, 16))
    return np.concatenate([strip, _blank(_GAP, strip.shape[1])], 0)


def _curve(losses: list[dict[str, Any]], width: int, title: str) -> Display:
    """Loss over steps on logarithmic paper, and the held-out errors, in stops, where there are any; a name stands only beside
    a curve."""
    import cv2

    paper = _blank(_CURVE, width)
    series = {
        "loss": ([(line["step"], line["loss"]) for line in losses if line["loss"] > 0], (200, 200, 200)),
        "held out, network": (_held(losses, "alone"), (240, 160, 70)),
        "held out, propagated": (_held(losses, "propagated"), (110, 160, 240)),
        "held out, fused": (_held(losses, "fused"), (110, 200, 120)),
    }
    shown = [(name, points, ink) for name, (points, ink) in series.items() if points]
    last = max((line["step"] for line in losses), default=1)
    held = [value for name, points, _ in shown for _, value in points if name != "loss"]
    for number, (name, points, ink) in enumerate(shown):
        values = [value for _, value in points] if name == "loss" else held
        low, high = math.log(min(values)), math.log(max(values)) + 1e-6
        at = [
            (12 + (width - 24) * step / last, _CURVE - 12 - (_CURVE - 42) * (math.log(value) - low) / (high - low))
            for step, value in points
        ]
        line = np.round(np.array(at)).astype(np.int32)
        cv2.polylines(paper, [line.reshape(-1, 1, 2)], False, ink, 1, cv2.LINE_AA)
        cv2.circle(paper, (int(line[-1][0]), int(line[-1][1])), 3, ink, -1, cv2.LINE_AA)
        _write(paper, f"{name} {points[-1][1]:.4f}", (8 + 230 * number, 18), ink)
    _write(paper, title, (8 + 230 * len(shown), 18))
    return paper


def _held(losses: list[dict[str, Any]], name: str) -> list[tuple[int, float]]:
    found = [
        (line["step"], float(np.mean([exam[name] for exam in line["held_out"]]))) for line in losses if line.get("held_out")
    ]
    return [(step, value) for step, value in found if value > 0]


def _blank(height: int, width: int) -> Display:
    return np.broadcast_to(_PAPER, (height, width, 3)).copy()


def _write(paper: Display | Float32[np.ndarray, "h w 3"], text: str, at: tuple[int, int], ink: Any = None) -> None:
    import cv2

    colour = tuple(int(v) for v in (_INK if ink is None else ink))
    cv2.putText(paper, text, (at[0] + 1, at[1] + 1), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (0, 0, 0), 2, cv2.LINE_AA)
    cv2.putText(paper, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.45, colour, 1, cv2.LINE_AA)
