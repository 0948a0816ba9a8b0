"""A garment's pattern for the cutting room: paper at true size as SVG and DXF, the marker, the yardage.

Place in the flow: a drafted pattern and its cloth -> here -> files for a cutter, lines for the list of costs. It takes
values and draws them; what garments there are, the stage knows.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from setpiece.core.garment import Cloth, Pattern
from setpiece.deliver.marker import TRIES, Marker, marker
from setpiece.deliver.marker_drawing import write_marker
from setpiece.deliver.pattern_dxf import write_dxf
from setpiece.deliver.pattern_pieces import pieces
from setpiece.deliver.pattern_sheet import sheet
from setpiece.deliver.pattern_svg import write_svg
from setpiece.deliver.quantities import Yardage


@dataclass(frozen=True, slots=True, kw_only=True)
class CutterFiles:
    """What was written for a garment, and what it takes."""

    svg: Path
    dxf: Path
    marker_png: Path
    laid: Marker
    yardage: Yardage


def garment_marker(pattern: Pattern, cloth: Cloth, *, one_way: bool = False) -> Marker:
    """A garment laid on its cloth. Raises :class:`StageError` for a piece wider than the bolt."""
    return marker(pieces(pattern), cloth.width_m, one_way=one_way)


def yardage(look: str, pattern: Pattern, cloth: Cloth, *, one_way: bool = False, laid: Marker | None = None) -> Yardage:
    """What a garment takes of its cloth, waste included; raises as :func:`garment_marker`."""
    found = garment_marker(pattern, cloth, one_way=one_way) if laid is None else laid
    return Yardage(look=look, garment=pattern.kind, fabric=cloth.name, length_m=found.bought_m, width_m=cloth.width_m)


def write_patterns(
    folder: Path,
    stem: str,
    look: str,
    pattern: Pattern,
    cloth: Cloth,
    *,
    version: str,
    one_way: bool = False,
    tries: int = TRIES,
) -> CutterFiles:
    """``<stem>.svg``, ``<stem>.dxf`` and ``<stem>_marker.png`` in ``folder``, which is made where it is not there.

    ``version`` is lettered on them all. Raises :class:`StageError` for a piece wider than the bolt, :class:`OutputFailed`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paper = pieces(pattern)
    laid = marker(paper, cloth.width_m, one_way=one_way, tries=tries)
    kind = pattern.kind.replace("_", " ")
    values = ", ".join(f"{name.removesuffix('_m')} {value:g}" if isinstance(value, float) else f"{name} {value}"
                       for name, value in pattern.values)  # fmt: skip
    title = (
        f"{look}: {kind}", pattern.size.replace("_", " "), f"version {version}", values,
        f"{cloth.name}, {100 * cloth.width_m:.0f} cm wide: {laid.bought_m:.1f} m", "metres; allowances drawn",
    )  # fmt: skip
    files = CutterFiles(
        svg=folder / f"{stem}.svg",
        dxf=folder / f"{stem}.dxf",
        marker_png=folder / f"{stem}_marker.png",
        laid=laid,
        yardage=yardage(look, pattern, cloth, laid=laid),
    )
    drawn = sheet(title, paper)
    write_svg(files.svg, drawn)
    write_dxf(files.dxf, drawn)
    write_marker(files.marker_png, laid, f"{look}: {kind}, {pattern.size}, version {version}", cloth.name)
    return files
