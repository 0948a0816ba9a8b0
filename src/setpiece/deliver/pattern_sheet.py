"""Pieces side by side on a roll of paper, at their true size: what SVG and DXF draw.

Place in the flow: pieces -> here -> :mod:`.pattern_svg`, :mod:`.pattern_dxf`. Nothing is scaled, nothing turned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from setpiece.deliver.pattern_pieces import Piece

PAPER_M = 0.914
"""A plotter's roll, 36 inches: a wider piece widens the sheet."""
GAP_M = 0.03
HEAD_M = 0.16
"""Room above for the title and the test square."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """``placed`` are pieces with where their own origin lies on the sheet; ``size_m`` is its width and height."""

    title: tuple[str, ...]
    placed: tuple[tuple[Piece, tuple[float, float]], ...]
    size_m: tuple[float, float]


def sheet(title: Sequence[str], pieces: Sequence[Piece], *, paper_m: float = PAPER_M) -> Sheet:
    """Pieces in rows, the tallest first, y up; the title and the 10 cm square go above them."""
    sizes = [piece.cut.max(0) - piece.cut.min(0) for piece in pieces]
    wide = max(paper_m, max(float(size[0]) for size in sizes) + 2 * GAP_M)
    order = sorted(range(len(pieces)), key=lambda n: (-round(float(sizes[n][1]), 4), n))
    x, y, tall = GAP_M, GAP_M, 0.0
    placed: dict[int, tuple[float, float]] = {}
    for n in order:
        width, height = (float(side) for side in sizes[n])
        if x > GAP_M and x + width + GAP_M > wide:
            x, y, tall = GAP_M, y + tall + GAP_M, 0.0
        low = pieces[n].cut.min(0)
        placed[n] = (x - float(low[0]), y - float(low[1]))
        x, tall = x + width + GAP_M, max(tall, height)
    return Sheet(
        title=tuple(title),
        placed=tuple((piece, placed[n]) for n, piece in enumerate(pieces)),
        size_m=(wide, y + tall + GAP_M + HEAD_M),
    )
