"""What a set costs by measure: areas, openings, things by kind, practicals, cloth. For whoever must price it.

Place in the flow: after the stage, beside boards. It counts what was built; it knows no prices.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from setpiece.core.scene import Scene
from setpiece.core.set_spec import SetSpec
from setpiece.media.files import write_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """One line of the list: ``amount`` of ``unit`` of ``what``, with ``note`` on how it is made up."""

    section: str
    what: str
    amount: float
    unit: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Yardage:
    """Cloth of one garment: metres of a fabric of a stated width, cutting waste included."""

    look: str
    garment: str
    fabric: str
    length_m: float
    width_m: float


def quantities(spec: SetSpec, scene: Scene, cloth: tuple[Yardage, ...] = ()) -> tuple[Quantity, ...]:
    """The list of a set: surfaces, openings, things by category, practicals, cloth by fabric, in that order."""
    width, depth, height = scene.room_m
    openings = sum(opening.width_m * opening.height_m for opening in spec.openings)
    gross = 2 * (width + depth) * height
    level, upright = f"{width:.2f} x {depth:.2f} m", f"{gross:.1f} m2 less {openings:.1f} m2 of openings"
    net = max(0.0, gross - openings)
    rows = [
        Quantity(section="surfaces", what=f"floor, {spec.floor.kind}", amount=width * depth, unit="m2", note=level),
        Quantity(section="surfaces", what=f"walls, {spec.walls.kind}", amount=net, unit="m2", note=upright),
    ]
    if not spec.exterior:
        rows.append(Quantity(section="surfaces", what=f"ceiling, {spec.ceiling.kind}", amount=width * depth, unit="m2"))
    kinds = Counter((opening.kind, f"{opening.width_m:.2f} x {opening.height_m:.2f} m") for opening in spec.openings)
    rows += [
        Quantity(section="openings", what=kind, amount=n, unit="off", note=size) for (kind, size), n in sorted(kinds.items())
    ]
    for layer in ("furniture", "dressing"):
        things = Counter(placed.category for placed in scene.placed if placed.layer == layer)
        rows += [Quantity(section=layer, what=category, amount=count, unit="off") for category, count in sorted(things.items())]
    lamps = Counter(placed.category for placed in scene.placed if placed.thing.lamps)
    for category, count in sorted(lamps.items()):
        lumens = sum(lamp.lumens for placed in scene.placed if placed.category == category for lamp in placed.thing.lamps)
        rows.append(Quantity(section="practicals", what=category, amount=count, unit="off", note=f"{lumens:.0f} lm together"))
    by_fabric: dict[tuple[str, float], float] = {}
    for piece in cloth:
        by_fabric[piece.fabric, piece.width_m] = by_fabric.get((piece.fabric, piece.width_m), 0.0) + piece.length_m
    rows += [
        Quantity(section="cloth", what=fabric, amount=length, unit="m", note=f"{100 * wide:.0f} cm wide, waste included")
        for (fabric, wide), length in sorted(by_fabric.items())
    ]
    return tuple(rows)


def write_quantities(path: Path, rows: tuple[Quantity, ...]) -> None:
    """The list as CSV (UTF-8, comma, one heading line). Raises :class:`OutputFailed`."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("section", "what", "amount", "unit", "note"))
    writer.writerows(
        (row.section, row.what, f"{row.amount:g}" if row.unit == "off" else f"{row.amount:.2f}", row.unit, row.note)
        for row in rows
    )
    write_text(path, text.getvalue())


def write_yardage(path: Path, rows: tuple[Yardage, ...]) -> None:
    """What each garment takes, as CSV (UTF-8, comma, one heading line). Raises :class:`OutputFailed`."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("look", "garment", "fabric", "length_m", "width_m"))
    writer.writerows((row.look, row.garment, row.fabric, f"{row.length_m:.2f}", f"{row.width_m:.2f}") for row in rows)
    write_text(path, text.getvalue())
