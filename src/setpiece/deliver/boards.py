"""Presentation boards of a set and its wardrobe: A3 pages as one PDF and as PNG.

Place in the flow: last. Pages: the first view with palette and materials; the other views with their lenses; the plan with
cameras; four elevations with heights; the line-up of looks; the list of quantities. Drawings are vectors in the PDF. The same
board writes the same bytes. Display-referred, for eyes only.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from setpiece.core.arrays import Display
from setpiece.core.scene import Scene, SceneCamera
from setpiece.core.set_spec import Look, SetSpec, Side
from setpiece.deliver.drafting import Drawing, draw_camera, elevation, plan
from setpiece.deliver.quantities import Quantity
from setpiece.media.files import write_bytes

A3_IN = (16.54, 11.69)
PNG_DPI = 120
_INK, _PALE, _PAPER = "#1c1c1e", "#8b8d92", "#fbfaf7"
_FILL = {"face": _PAPER, "edge": "none", "wall": "#2c2c2f", "cut": "#d9d6cf"}
_LINE = {"face": "none", "edge": _INK, "wall": _INK, "cut": _INK}
_VIEWS_A_PAGE, _LOOKS_A_PAGE, _VARIATIONS_A_PAGE, _ROWS_A_COLUMN = 4, 6, 9, 34
_CAMERA = "#b3261e"


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewPicture:
    """A finished view: its camera, and the picture (h, w, 3) uint8 sRGB."""

    camera: SceneCamera
    picture: Display


@dataclass(frozen=True, slots=True, kw_only=True)
class LookPicture:
    """A look as it stands: picture (h, w, 3), and one line for each garment (what, fabric, cloth)."""

    look: Look
    picture: Display
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VariationPicture:
    """A variation of the set: its theme, and the picture (h, w, 3) uint8 sRGB of its first view."""

    theme: str
    picture: Display


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Everything that goes on the pages. ``version`` as v001; ``notes`` are lines in plain words (what was assumed);
    ``mark`` is what the clearance wants said on every page."""

    spec: SetSpec
    scene: Scene
    version: str
    views: tuple[ViewPicture, ...]
    looks: tuple[LookPicture, ...] = ()
    variations: tuple[VariationPicture, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    notes: tuple[str, ...] = ()
    show: str = ""
    mark: str = ""


def write_boards(folder: Path, name: str, board: Board) -> tuple[Path, ...]:
    """Write ``name_boards_v001.pdf`` and a PNG of each page into ``folder``; their paths, the PDF first.

    Raises :class:`OutputFailed`; :class:`StageError` for a scene that holds nothing.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_pdf import PdfPages

    stem = f"{name}_boards_{board.version}"
    document = io.BytesIO()
    pages: list[tuple[Path, bytes]] = []
    with PdfPages(document, metadata={"Title": f"{board.spec.title} {board.version}", "CreationDate": None}) as pdf:
        for number, figure in enumerate(_pages(board), start=1):
            FigureCanvasAgg(figure)
            pdf.savefig(figure)
            png = io.BytesIO()
            figure.savefig(png, format="png", dpi=PNG_DPI, metadata={"Software": None})
            pages.append((folder / f"{stem}.{number:02d}.png", png.getvalue()))
    written = [(folder / f"{stem}.pdf", document.getvalue()), *pages]
    for path, data in written:
        write_bytes(path, data)
    return tuple(path for path, _ in written)


def _pages(board: Board) -> Iterator[Any]:
    if board.views:
        yield _first_page(board)
    rest = board.views[1:]
    for begin in range(0, len(rest), _VIEWS_A_PAGE):
        yield _view_page(board, rest[begin : begin + _VIEWS_A_PAGE])
    yield _plan_page(board)
    yield _elevation_page(board)
    for begin in range(0, len(board.looks), _LOOKS_A_PAGE):
        yield _look_page(board, board.looks[begin : begin + _LOOKS_A_PAGE])
    for begin in range(0, len(board.variations), _VARIATIONS_A_PAGE):
        yield _variation_page(board, board.variations[begin : begin + _VARIATIONS_A_PAGE])
    if board.quantities:
        yield _quantity_page(board)


def _page(board: Board, what: str) -> Any:
    """An empty page with its heading and foot."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=A3_IN, facecolor=_PAPER)
    scenes = f"scenes {', '.join(board.spec.scenes)}" if board.spec.scenes else ""
    figure.text(0.035, 0.955, board.spec.title.upper(), size=20, weight="bold", color=_INK, va="center")
    figure.text(0.965, 0.955, "  ·  ".join(word for word in (board.show, scenes, board.version) if word), size=11,
                color=_PALE, ha="right", va="center")  # fmt: skip
    figure.text(0.035, 0.03, what, size=10, color=_PALE, va="center")
    light = board.spec.light
    hour, minute = divmod(round(light.hour * 60), 60)
    facts = f"{board.spec.era}  ·  {light.weather}, {hour:02d}:{minute:02d}  ·  seed {board.spec.seed}"
    figure.text(0.965, 0.03, f"{board.mark}   {facts}".strip(), size=10, color=_PALE, ha="right", va="center")
    return figure


def _picture(figure: Any, box: tuple[float, float, float, float], picture: Display, caption: str = "") -> None:
    """A picture fitted into ``box`` (left, bottom, width, height), shares of the page, its caption beneath."""
    left, bottom, wide, high = box
    page = A3_IN[0] * wide / (A3_IN[1] * high)
    aspect = picture.shape[1] / picture.shape[0]
    if aspect > page:
        fitted = (left, bottom + high * (1 - page / aspect) / 2, wide, high * page / aspect)
    else:
        fitted = (left + wide * (1 - aspect / page) / 2, bottom, wide * aspect / page, high)
    axes = figure.add_axes(fitted)
    axes.imshow(np.asarray(picture), interpolation="lanczos", aspect="auto")
    axes.set_axis_off()
    if caption:
        figure.text(fitted[0], fitted[1] - 0.012, caption, size=9, color=_INK, va="top")


def _caption(camera: SceneCamera) -> str:
    stop = f", T{camera.fstop:g}" if camera.fstop is not None else ""
    return f"{camera.name}: {camera.lens_mm:g} mm on {camera.sensor}{stop}, eye at {camera.position_m[2]:.2f} m"


def _first_page(board: Board) -> Any:
    figure = _page(board, "Set")
    first = board.views[0]
    _picture(figure, (0.035, 0.2, 0.93, 0.72), first.picture, _caption(first.camera))
    palette = board.spec.palette
    roles = ("wall", "floor", "ceiling", "wood", "metal", "fabric", "fabric_2", "accent", "trim")
    for number, role in enumerate(roles):
        axes = figure.add_axes((0.035 + number * 0.053, 0.085, 0.05, 0.06), facecolor=getattr(palette, role))
        axes.set_xticks([])
        axes.set_yticks([])
        for spine in axes.spines.values():
            spine.set_visible(False)
        figure.text(0.035 + number * 0.053, 0.077, role.replace("_", " "), size=7.5, color=_PALE, va="top")
    surfaces = (("walls", board.spec.walls), ("floor", board.spec.floor), ("ceiling", board.spec.ceiling))
    made = [f"{name}: {surface.kind.replace('_', ' ')}, {surface.colour}" for name, surface in surfaces]
    lines = [*made, *(f"assumed: {note}" for note in board.notes[:4])]
    figure.text(0.54, 0.148, "\n".join(lines), size=8.5, color=_INK, va="top", linespacing=1.5)
    return figure


def _view_page(board: Board, views: Sequence[ViewPicture]) -> Any:
    figure = _page(board, "Views")
    cells = [(0.035, 0.52), (0.515, 0.52), (0.035, 0.1), (0.515, 0.1)]
    for (left, bottom), view in zip(cells, views, strict=False):
        _picture(figure, (left, bottom, 0.45, 0.38), view.picture, _caption(view.camera))
    return figure


def _draw(axes: Any, drawing: Drawing, margin_m: float) -> None:
    from matplotlib.collections import PolyCollection

    kinds = [kind for _, kind in drawing.strokes]
    axes.add_collection(
        PolyCollection(
            [points for points, _ in drawing.strokes],
            facecolors=[_FILL[kind] for kind in kinds],
            edgecolors=[_LINE[kind] for kind in kinds],
            linewidths=[0.9 if kind == "wall" else 0.35 for kind in kinds],
        )
    )
    left, bottom, right, top = drawing.box_m
    axes.set_xlim(left - margin_m, right + margin_m)
    axes.set_ylim(bottom - margin_m, top + margin_m)
    axes.set_aspect("equal")
    axes.set_axis_off()


def _dimension(axes: Any, first: tuple[float, float], second: tuple[float, float], away: tuple[float, float]) -> None:
    """A dimension line from ``first`` to ``second``, set off by ``away``, its length in metres upon it."""
    a, b, off = np.array(first), np.array(second), np.array(away)
    axes.annotate("", xy=tuple(b + off), xytext=tuple(a + off), arrowprops={"arrowstyle": "<->", "lw": 0.7, "color": _PALE})
    for point in (a, b):
        axes.plot(*np.stack([point + 0.25 * off, point + 1.15 * off]).T, lw=0.5, color=_PALE)
    upright = abs(b[1] - a[1]) > abs(b[0] - a[0])
    axes.text(*((a + b) / 2 + 1.25 * off), f"{np.linalg.norm(b - a):.2f}", size=8.5, color=_INK, ha="center", va="center",
              rotation=90 if upright else 0)  # fmt: skip


def _plan_page(board: Board) -> Any:
    figure = _page(board, "Plan, cut at 1.20 m. Dimensions in metres.")
    axes = figure.add_axes((0.035, 0.08, 0.93, 0.84))
    width, depth, _ = board.scene.room_m
    margin = 0.16 * max(width, depth) + 0.3
    _draw(axes, plan(board.scene), margin)
    _dimension(axes, (-width / 2, -depth / 2), (width / 2, -depth / 2), (0, -0.55 * margin))
    _dimension(axes, (-width / 2, -depth / 2), (-width / 2, depth / 2), (-0.55 * margin, 0))
    for camera in board.scene.cameras:
        draw_camera(axes, camera, 0.22 * max(width, depth), _CAMERA)
    north = np.radians(board.spec.light.north_deg)
    tail = np.array([width / 2 + 0.55 * margin, depth / 2 + 0.1 * margin])
    head = tail + 0.4 * margin * np.array([-np.sin(north), np.cos(north)])
    axes.annotate("N", xy=tuple(tail), xytext=tuple(head), ha="center", va="center", size=12, color=_INK,
                  arrowprops={"arrowstyle": "<|-", "color": _INK})  # fmt: skip
    return figure


def _elevation_page(board: Board) -> Any:
    figure = _page(board, "Elevations, from inside. Heights in metres.")
    for number, side in enumerate(Side):
        row, column = divmod(number, 2)
        box = (0.035 + column * 0.48, 0.52 - row * 0.43, 0.45, 0.38)
        axes = figure.add_axes(box)
        drawing = elevation(board.scene, side)
        left, bottom, right, top = drawing.box_m
        margin = 0.12 * max(right - left, top - bottom)
        _draw(axes, drawing, margin)
        _dimension(axes, (left, bottom), (left, top), (-0.6 * margin, 0))
        _dimension(axes, (left, bottom), (right, bottom), (0, -0.6 * margin))
        figure.text(box[0], box[1] + 0.385, side.value, size=11, weight="bold", color=_INK, va="bottom")
    return figure


def _look_page(board: Board, looks: Sequence[LookPicture]) -> Any:
    figure = _page(board, "Line-up")
    wide = 0.93 / max(len(looks), 3)
    for number, look in enumerate(looks):
        left = 0.035 + number * wide
        _picture(figure, (left, 0.24, 0.96 * wide, 0.68), look.picture)
        figure.text(left + 0.01, 0.215, look.look.name, size=12, weight="bold", color=_INK, va="top")
        size = look.look.size.replace("_", " ")
        figure.text(left + 0.01, 0.187, "\n".join((size, *look.lines)), size=8, color=_INK, va="top", linespacing=1.45)
    return figure


def _variation_page(board: Board, variations: Sequence[VariationPicture]) -> Any:
    figure = _page(board, "Variations: the same text, other answers")
    for number, one in enumerate(variations):
        row, column = divmod(number, 3)
        _picture(figure, (0.035 + column * 0.318, 0.66 - row * 0.285, 0.295, 0.235), one.picture, one.theme)
    return figure


def _quantity_page(board: Board) -> Any:
    figure = _page(board, "Quantities, as built")
    lines: list[tuple[str, str, bool]] = []
    section = ""
    for row in board.quantities:
        if row.section != section:
            section = row.section
            lines.append((section.upper(), "", True))
        amount = f"{row.amount:g}" if row.unit == "off" else f"{row.amount:.1f}"
        note = f"   ({row.note})" if row.note else ""
        lines.append((f"{row.what.replace('_', ' ')}{note}", f"{amount} {row.unit}", False))
    columns = max(2, -(-len(lines) // _ROWS_A_COLUMN))
    wide = 0.93 / columns
    for number, (what, amount, heading) in enumerate(lines):
        column, line = divmod(number, _ROWS_A_COLUMN)
        left, height = 0.035 + column * wide, 0.9 - line * 0.0245
        size = 9.5 if columns == 2 else 8.0
        figure.text(left, height, what, size=size, weight="bold" if heading else "normal", color=_INK, va="center")
        figure.text(left + 0.9 * wide, height, amount, size=size, color=_INK, va="center", ha="right")
    return figure
