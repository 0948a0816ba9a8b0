"""A paper pattern as SVG in millimetres, a layer for each kind of line, named as Inkscape and cutters' programs name layers.

Place in the flow: :mod:`.pattern_sheet` -> here. Print it at 100 %; the square must measure 100 mm.
"""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from setpiece.deliver.pattern_pieces import Piece
from setpiece.deliver.pattern_sheet import GAP_M, Sheet
from setpiece.media.files import write_text

LAYERS = ("cut", "seam", "fold", "grain", "notches", "darts", "marks", "labels", "scale")
_LOOKS = {
    "cut": 'stroke="#000" stroke-width="0.6"',
    "seam": 'stroke="#555" stroke-width="0.35" stroke-dasharray="4 2"',
    "fold": 'stroke="#07c" stroke-width="0.9" stroke-dasharray="12 3 2 3"',
    "grain": 'stroke="#000" stroke-width="0.35"',
    "notches": 'stroke="#000" stroke-width="0.6"',
    "darts": 'stroke="#555" stroke-width="0.35" stroke-dasharray="4 2"',
    "marks": 'stroke="#a30" stroke-width="0.35" stroke-dasharray="2 1.5"',
    "labels": 'stroke="none" font-family="sans-serif" font-size="7"',
    "scale": 'stroke="#000" stroke-width="0.35" font-family="sans-serif" font-size="7"',
}


def write_svg(path: Path, drawn: Sheet) -> None:
    """One SVG with every piece at true size. Raises :class:`OutputFailed`."""
    wide, tall = (1000 * side for side in drawn.size_m)
    layers: dict[str, list[str]] = {name: [] for name in LAYERS}
    for piece, (x, y) in drawn.placed:
        _piece(layers, piece, np.array([1000 * x, tall - 1000 * y]))
    _head(layers, drawn, wide)
    rows = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" '
        f'width="{wide:.2f}mm" height="{tall:.2f}mm" viewBox="0 0 {wide:.2f} {tall:.2f}">',
        f"<title>{escape(' - '.join(drawn.title))}</title>",
    ]
    for name, inside in layers.items():
        fill = "#000" if name == "labels" else "none"
        rows.append(
            f'<g id="{name}" inkscape:groupmode="layer" inkscape:label="{name}" fill="{fill}" '
            f'stroke-linejoin="round" {_LOOKS[name]}>'
        )
        rows += [*inside, "</g>"]
    write_text(path, "\n".join([*rows, "</svg>", ""]))


def _piece(layers: dict[str, list[str]], piece: Piece, at: np.ndarray) -> None:
    def line(layer: str, points: np.ndarray, *, closed: bool = False, name: str = "") -> None:
        flat = at + 1000 * np.asarray(points, float) * (1.0, -1.0)
        steps = " L".join(f"{x:.3f} {y:.3f}" for x, y in flat)
        called = f" id={quoteattr(name)}" if name else ""
        layers[layer].append(f'<path{called} d="M{steps}{" Z" if closed else ""}"/>')

    line("cut", piece.cut, closed=True, name=f"cut_{piece.name}")
    line("seam", piece.sewn, closed=True, name=f"seam_{piece.name}")
    if piece.fold is not None:
        line("fold", piece.fold)
    line("grain", piece.grain)
    for end, other in ((0, 1), (1, 0)):  # arrowheads
        tip = piece.grain[end].astype(float)
        way = piece.grain[other] - tip
        way = way / np.hypot(*way)
        side = np.array([-way[1], way[0]])
        line("grain", np.stack([tip + 0.008 * way + 0.003 * side, tip, tip + 0.008 * way - 0.003 * side]))
    for notch in piece.notches:
        line("notches", notch)
    for name, points in piece.lines:
        line("darts" if name.startswith("dart") else "marks", points)
    size = float(np.clip(1000 * np.ptp(piece.cut[:, 0]) / 24, 2.6, 9.0))
    middle = at + 1000 * np.asarray(piece.grain, float).mean(0) * (1.0, -1.0) + (0.6 * size, -size)
    for row, text in enumerate((piece.title, piece.told)):
        layers["labels"].append(
            f'<text x="{middle[0]:.2f}" y="{middle[1] + 1.3 * size * row:.2f}" font-size="{size:.2f}">{escape(text)}</text>'
        )


def _head(layers: dict[str, list[str]], drawn: Sheet, wide: float) -> None:
    """The title, and a square of 10 cm to check the printer by."""
    edge = 1000 * GAP_M
    for row, text in enumerate(drawn.title):
        layers["labels"].append(
            f'<text x="{edge:.2f}" y="{edge + 14 * row + 8:.2f}" font-size="{11 if row == 0 else 7}">{escape(text)}</text>'
        )
    layers["scale"].append(
        f'<rect id="square_100_mm" x="{wide - edge - 100:.3f}" y="{edge:.3f}" width="100.000" height="100.000"/>'
        f'<text x="{wide - edge - 50:.2f}" y="{edge + 54:.2f}" text-anchor="middle" stroke="none" fill="#000">100 mm</text>'
    )
