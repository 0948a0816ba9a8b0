"""The marker as a picture: how the pieces lie on the cloth, for the cutter and for whoever buys it.

Place in the flow: a marker -> here -> PNG. To be read, not to be cut from: the paper pattern is at true size.
"""

from __future__ import annotations

import io
from pathlib import Path

from setpiece.deliver.marker import Marker
from setpiece.media.files import write_bytes

_DPI = 110
_INK, _PAPER, _PIECE = "#1c1c1e", "#fbfaf7", "#dcd6c8"


def write_marker(path: Path, laid: Marker, title: str, fabric: str) -> None:
    """A PNG of the marker, lettered with metres and share used. Raises :class:`OutputFailed`."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.patches import Polygon

    wide = 11.0
    tall = max(3.0, wide * laid.width_m / max(laid.length_m, laid.width_m) * 0.92) + 1.1
    figure = Figure(figsize=(wide, tall), facecolor=_PAPER)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.06, 0.5 / tall, 0.90, 1 - 1.15 / tall))
    axes.set_facecolor(_PAPER)
    for one in laid.laid:
        axes.add_patch(Polygon(one.points, closed=True, facecolor=_PIECE, edgecolor=_INK, linewidth=0.8))
        low, high = one.points.min(0), one.points.max(0)
        middle = (low + high) / 2
        upright = float(high[1] - low[1]) > 1.4 * float(high[0] - low[0])
        axes.text(
            float(middle[0]), float(middle[1]), one.name.replace("_", " "), size=6.5, color=_INK, ha="center", va="center",
            rotation=90 if upright else 0,
        )  # fmt: skip
    axes.add_patch(Polygon([(0, 0), (laid.length_m, 0), (laid.length_m, laid.width_m), (0, laid.width_m)], fill=False, ec=_INK))
    axes.set(xlim=(-0.01, max(laid.length_m, 1.2 * laid.width_m) + 0.01), ylim=(-0.01, laid.width_m + 0.01), aspect="equal")
    axes.set_anchor("W")
    axes.tick_params(labelsize=7, colors=_INK)
    axes.set_xlabel("metres along the cloth, the grain", size=7, color=_INK)
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)
    told = (
        f"{fabric}, {100 * laid.width_m:.0f} cm wide: lies in {laid.length_m:.2f} m, buy {laid.bought_m:.1f} m; "
        f"{100 * laid.used:.0f} % is garment. Right side up, open cloth."
    )
    figure.text(0.06, 1 - 0.3 / tall, title, size=11, color=_INK)
    figure.text(0.06, 1 - 0.52 / tall, told, size=8, color=_INK)
    page = io.BytesIO()
    figure.savefig(page, format="png", dpi=_DPI, metadata={"Software": None}, facecolor=_PAPER)
    write_bytes(path, page.getvalue())
