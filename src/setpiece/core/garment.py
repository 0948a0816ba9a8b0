"""A garment: its pattern as flat panels, the cloth it is cut from, and how it hangs once sewn and draped.

What :mod:`setpiece.stage.wardrobe` cuts, sews and drapes; patterns on paper, yardage, boards and scenes read it.
Flat lengths in metres, y up the grain. A form stands at the origin, z up, facing -y; the wearer's left is +x.

Where a panel lies flat says where it is worn. Panels of the trunk and the legs (``bodice_front``, ``skirt_back_left``,
``leg_front_right`` …): y is the height above the floor, x the distance from the centre front or back along the cloth, + to the
wearer's left (on the back too: it is drawn as seen through the body). Sleeves (``sleeve_left``, ``sleeve_right``, an upper and
an under one where it is cut in two): y 0 at the armpit, the cap above, the wrist below; x 0 on the line from shoulder point to
little finger, + to the front. What goes about the neck, the waist or the wrist (``collar``, ``waistband``, ``cuff_left``): y 0
on its seam, x 0 at the centre back (cuffs: at the little finger). Left and right of a pair are both there, mirrored.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from setpiece.core.arrays import Float32, frozen
from setpiece.core.errors import StageError
from setpiece.core.scene import PolyMesh, SceneMaterial


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelEdge:
    """A named side of a panel: ``points`` (n, 2) metres, n >= 2, along the outline counter-clockwise. ``allowance_m`` is added
    outside it where the pattern is drawn for cutting (a hem has more than a seam)."""

    name: str
    points: Float32[np.ndarray, "n 2"]
    allowance_m: float = 0.015

    def __post_init__(self) -> None:
        frozen(self.points)
        if len(self.points) < 2:
            raise StageError(f"the edge '{self.name}' has no length", remedy="report this: its garment is wrong")


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A flat piece, cut ``count`` times (twice: the second turned over). Its edges follow one another counter-clockwise and
    close: each begins where the one before ended, to 0.1 mm. ``on_fold`` names the edge that lies on the fold where half
    is drawn; the panel here is whole. ``cloth`` is shell, lining, collar or facing. ``marks`` are notches, darts, pockets and
    buttonholes: open polylines on the flat panel, drawn and stitched on, not cut."""

    name: str
    edges: tuple[PanelEdge, ...]
    count: int = 1
    grain_deg: float = 90.0
    cloth: str = "shell"
    on_fold: str | None = None
    marks: tuple[tuple[str, Float32[np.ndarray, "m 2"]], ...] = ()

    def __post_init__(self) -> None:
        for edge, after in zip(self.edges, (*self.edges[1:], *self.edges[:1]), strict=True):
            if np.abs(edge.points[-1] - after.points[0]).max() > 1e-4:
                raise StageError(f"panel '{self.name}' is open between '{edge.name}' and '{after.name}'",
                                 remedy="report this: its garment is wrong")  # fmt: skip

    @property
    def outline(self) -> Float32[np.ndarray, "p 2"]:
        """The whole outline, counter-clockwise, each corner once."""
        return np.concatenate([edge.points[:-1] for edge in self.edges]).astype(np.float32)

    def edge(self, name: str) -> PanelEdge:
        """The edge of this name. Raises StopIteration."""
        return next(edge for edge in self.edges if edge.name == name)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all edges, in order."""
        return tuple(edge.name for edge in self.edges)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seam:
    """Two edges sewn together, (panel, edge) each; ``turned``: the second is walked from its end. Where they differ in length
    the longer is eased or gathered into the shorter."""

    one: tuple[str, str]
    other: tuple[str, str]
    turned: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Fastening:
    """A button, hook or zip. ``panel`` and ``at`` (x, y) say where it is sewn on; ``size_m`` its diameter, a zip's length."""

    kind: str
    panel: str
    at: tuple[float, float]
    size_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A garment cut to a body. ``kind`` and ``values`` are what it was drafted from, automatic choices filled in."""

    kind: str
    size: str
    panels: tuple[Panel, ...]
    seams: tuple[Seam, ...]
    fastenings: tuple[Fastening, ...] = ()
    values: tuple[tuple[str, float | str], ...] = ()

    def panel(self, name: str) -> Panel:
        """The panel of this name. Raises StopIteration."""
        return next(panel for panel in self.panels if panel.name == name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloth:
    """A fabric as it is bought and as it behaves. ``weight_kg_m2``; ``stretch_n_m`` resistance along warp and weft,
    ``shear_n_m`` on the bias, ``bending`` as the solver's own number (0.02 silk .. 20 leather); ``thickness_m``; ``width_m``
    of the bolt; ``material`` is how it looks, its colourway set."""

    name: str
    weight_kg_m2: float
    stretch_n_m: float
    shear_n_m: float
    bending: float
    thickness_m: float
    width_m: float
    material: SceneMaterial


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How a draped garment came out: what its seams still gape (metres), how far it is inside the form or a layer below
    (metres, the deepest), how much it is stretched (1: not at all; the 99th percentile of edges, ``torn`` the worst one) and
    its lowest and highest points (metres above the floor)."""

    gap_m: float
    inside_m: float
    stretch: float
    low_m: float
    high_m: float
    torn: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Draped:
    """A garment on its form, sewn: ``mesh`` in the form's frame, its ``uv`` the flat pattern in metres (the weave runs with the
    grain); ``details`` are buttons, stitching and such; ``fit`` is measured, not assumed."""

    pattern: Pattern
    cloth: Cloth
    mesh: PolyMesh
    details: tuple[tuple[PolyMesh, SceneMaterial], ...]
    fit: Fit
