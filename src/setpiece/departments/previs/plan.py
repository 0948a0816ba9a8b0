"""The plan that a designer reads at a glance: every thing named in its place, doors and their swing, cameras and their view.

Place in the flow: drawn from specification and layout alone, in a second, before anything is built or rendered. PNG or SVG by
the file's name; the same layout draws the same bytes.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from setpiece.core.errors import OutputFailed
from setpiece.core.scene import SceneCamera
from setpiece.core.set_spec import Opening, Relation, SetSpec, Side
from setpiece.deliver.drafting import draw_camera
from setpiece.media.files import write_bytes
from setpiece.stage.sets.layout import Layout, Spot
from setpiece.stage.sets.layout_candidates import Room
from setpiece.stage.sets.layout_openings import is_passage
from setpiece.stage.sets.layout_plan import boxes, corners

_INK, _PALE, _PAPER, _CAMERA, _LAMP = "#1c1c1e", "#9a9ca1", "#fbfaf7", "#b3261e", "#c58a2a"
_DPI = 110


def draw_plan(path: Path, spec: SetSpec, layout: Layout, cameras: Sequence[SceneCamera] = ()) -> Path:
    """Write the plan to ``path`` (.png or .svg); gives the path. Raises OutputFailed."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    form = path.suffix.removeprefix(".").lower()
    if form not in ("png", "svg"):
        raise OutputFailed(f"a plan is no .{form}", file=path, remedy="name it .png or .svg")
    aspect = (spec.depth_m + 2.4) / (spec.width_m + 2.4)
    figure = Figure(figsize=(11, max(4.0, 11 * aspect)), facecolor=_PAPER)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.02, 0.02, 0.96, 0.92))
    _room(axes, spec, layout)
    for spot in sorted(layout.spots, key=lambda one: one.position_m[2]):
        _thing(axes, spot)
    for camera in cameras:
        draw_camera(axes, camera, 0.3 * max(spec.width_m, spec.depth_m), _CAMERA)
    axes.set_xlim(-spec.width_m / 2 - 1.2, spec.width_m / 2 + 1.2)
    axes.set_ylim(-spec.depth_m / 2 - 1.2, spec.depth_m / 2 + 1.2)
    axes.set_aspect("equal")
    axes.set_axis_off()
    size = f"{spec.width_m:.2f} x {spec.depth_m:.2f} x {spec.height_m:.2f} m"
    figure.text(0.02, 0.965, f"{spec.title}   {size}   {spec.era}   seed {spec.seed}", size=13, color=_INK, va="center")
    page = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "setpiece", "svg.fonttype": "none"}):
        plain = {"Software": None} if form == "png" else {"Date": None, "Creator": None}
        figure.savefig(page, format=form, dpi=_DPI, metadata=plain)
    write_bytes(path, page.getvalue())
    return path


def _room(axes: Any, spec: SetSpec, layout: Layout) -> None:
    from matplotlib.patches import Polygon

    half_w, half_d = spec.width_m / 2, spec.depth_m / 2
    outline = [(-half_w, -half_d), (half_w, -half_d), (half_w, half_d), (-half_w, half_d)]
    axes.add_patch(Polygon(outline, closed=True, facecolor="white", edgecolor=_INK, lw=1.0 if spec.exterior else 4.0))
    room = Room(width_m=spec.width_m, depth_m=spec.depth_m, height_m=spec.height_m)
    for one in layout.openings:
        _opening(axes, room, one)


def _opening(axes: Any, room: Room, one: Opening) -> None:
    at, half = one.at_m or 0.0, one.width_m / 2
    ends = np.array([[float(value) for value in room.on_wall(one.wall, place, 0.0)] for place in (at - half, at + half)])
    axes.plot(*ends.T, color=_PAPER, lw=5.0, solid_capstyle="butt", zorder=3)
    if not is_passage(one):
        axes.plot(*ends.T, color="#5d8db8", lw=2.2, solid_capstyle="butt", zorder=4)
        return
    hinge, latch = ends
    along = latch - hinge
    inward = {Side.NORTH: (0, -1), Side.SOUTH: (0, 1), Side.EAST: (-1, 0), Side.WEST: (1, 0)}[one.wall]
    start = math.atan2(along[1], along[0])
    stop = math.atan2(inward[1], inward[0])
    turn = (stop - start + math.pi) % (2 * math.pi) - math.pi
    arc = hinge + one.width_m * np.stack(
        [np.cos(start + turn * np.linspace(0, 1, 24)), np.sin(start + turn * np.linspace(0, 1, 24))], -1
    )
    axes.plot(*arc.T, color=_PALE, lw=0.8, zorder=4)
    axes.plot(*np.stack([hinge, arc[-1]]).T, color=_INK, lw=1.4, zorder=4)


def _thing(axes: Any, spot: Spot) -> None:
    from matplotlib.patches import Polygon

    row = boxes(*spot.position_m[:2], spot.turn_deg, spot.size_m, spot.position_m[2])
    outline = corners(row)[0]
    hanging, flat = spot.relation is Relation.HANGING, spot.size_m[2] <= 0.06
    face = "none" if hanging else "#f1ede4" if flat else "#e3ddd0" if spot.on is None else "#cfc6b4"
    edge, style, above = (
        (_LAMP if hanging else _INK),
        ("--" if hanging or flat else "-"),
        (1 if flat else 2 + spot.position_m[2]),
    )
    axes.add_patch(Polygon(outline, closed=True, facecolor=face, edgecolor=edge, lw=0.9, ls=style, zorder=above))
    if not flat and spot.on is None and not hanging:
        axes.plot(*outline[:2].T, color="#7a4a1e", lw=2.0, zorder=5)  # its front
    if max(spot.size_m[:2]) > 0.28:
        x, y = spot.position_m[:2]
        upright = abs(math.sin(math.radians(spot.turn_deg))) > 0.7
        long = spot.size_m[0] >= spot.size_m[1]
        turn = 90 if upright == long else 0
        axes.text(x, y, spot.name.replace("_", " "), size=5.5, color=_INK, ha="center", va="center", rotation=turn, zorder=9)
