"""A paper pattern as DXF for cutting-room programs: a block a piece, millimetres, the layer numbers of AAMA/ASTM D6673.

Place in the flow: :mod:`.pattern_sheet` -> here. Written with ezdxf (docs/decisions/0021) as R12, which every reader of these
files takes; no dates, so that equal patterns are equal files.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from setpiece.deliver.pattern_pieces import Piece
from setpiece.deliver.pattern_sheet import GAP_M, Sheet
from setpiece.media.files import write_text

CUT, NOTCH, FOLD, GRAIN, INNER, SEAM, TEXT = "1", "4", "6", "7", "8", "14", "15"
"""Piece boundary, notches, mirror line, grain line, internal lines, sew line, annotation."""


def write_dxf(path: Path, drawn: Sheet) -> None:
    """One DXF with every piece as a block, placed as on the sheet. Raises :class:`OutputFailed`."""
    import ezdxf

    with _undated():
        document = ezdxf.new("R12", setup=False)
        _fill(document, drawn)
        stream = io.StringIO()
        document.write(stream)
    write_text(path, stream.getvalue())


@contextmanager
def _undated() -> Iterator[None]:
    """ezdxf without dates, and without its warning that R12 has no field for units: the millimetres are lettered."""
    import ezdxf

    before, told = ezdxf.options.write_fixed_meta_data_for_testing, logging.getLogger("ezdxf")
    level = told.level
    ezdxf.options.write_fixed_meta_data_for_testing = True
    told.setLevel(logging.ERROR)
    try:
        yield
    finally:
        ezdxf.options.write_fixed_meta_data_for_testing = before
        told.setLevel(level)


def _fill(document: Any, drawn: Sheet) -> None:
    for name, colour in ((CUT, 7), (NOTCH, 1), (FOLD, 5), (GRAIN, 3), (INNER, 30), (SEAM, 8), (TEXT, 7)):
        document.layers.add(name, color=colour)
    space = document.modelspace()
    for piece, (x, y) in drawn.placed:
        block = document.blocks.new(name=piece.name.upper())
        _draw(block, piece, drawn)
        space.add_blockref(block.name, (1000 * x, 1000 * y))
    wide, tall = (1000 * side for side in drawn.size_m)
    edge = 1000 * GAP_M
    for row, text in enumerate(("ASTM/D13", "UNITS: METRIC", *drawn.title)):
        _text(space, text, (edge, tall - edge - 12 * row), 7.0)
    square = [(wide - edge - 100, tall - edge - 100), (wide - edge, tall - edge - 100), (wide - edge, tall - edge),
              (wide - edge - 100, tall - edge)]  # fmt: skip
    space.add_polyline2d(square, close=True, dxfattribs={"layer": INNER})
    _text(space, "100 mm", (wide - edge - 66, tall - edge - 54), 7.0)


def _draw(block: Any, piece: Piece, drawn: Sheet) -> None:
    def line(points: np.ndarray, layer: str, *, closed: bool = False) -> None:
        flat = [(float(x), float(y)) for x, y in 1000 * np.asarray(points, float)]
        block.add_polyline2d(flat, close=closed, dxfattribs={"layer": layer})

    line(piece.cut, CUT, closed=True)
    line(piece.sewn, SEAM, closed=True)
    for (start, end), layer in [(piece.grain, GRAIN), *([] if piece.fold is None else [(piece.fold, FOLD)])]:
        ends = [tuple(float(1000 * c) for c in point) for point in (start, end)]
        block.add_line(*ends, dxfattribs={"layer": layer})
    for outer, _ in piece.notches:
        block.add_point(tuple(float(1000 * c) for c in outer), dxfattribs={"layer": NOTCH})
    for _, points in piece.lines:
        line(points, INNER)
    low, high = 1000 * piece.cut.min(0), 1000 * piece.cut.max(0)
    told = (
        f"Piece Name: {piece.title}", f"Size: {drawn.title[1] if len(drawn.title) > 1 else ''}",
        f"Quantity: {piece.count}", f"Annotation: {piece.told}",
    )  # fmt: skip
    for row, text in enumerate(told):
        _text(block, text, (float(low[0] + 0.3 * (high[0] - low[0])), float(0.5 * (low[1] + high[1]) - 7 * row)), 4.0)


def _text(space: Any, text: str, at: tuple[float, float], height: float) -> None:
    space.add_text(text, dxfattribs={"layer": TEXT, "height": height, "insert": at})
