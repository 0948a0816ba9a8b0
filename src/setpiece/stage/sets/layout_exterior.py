"""A street's own places: kerb, carriageway, pavement before the facades.

Place in the flow: under :mod:`.layout`, for exteriors whose specification has the feature ``street``. The road runs east and
west through the whole set; facades stand to the north and, where the set is deep enough, to the south.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from setpiece.core.set_spec import SetSpec
from setpiece.stage.sets.layout_candidates import Rows, Size

KERB = (
    "street_lamp",
    "lamp_post",
    "tree",
    "bollard",
    "hydrant",
    "post_box",
    "traffic",
    "parking",
    "sign_post",
    "bin",
    "telephone_box",
)
ROAD = ("car", "van", "truck", "taxi", "bus", "tram", "cart")
FACADE = ("kiosk", "newsstand", "cafe_table", "planter", "awning", "bicycle", "crate", "stall", "rubbish", "barrel")


@dataclass(frozen=True, slots=True, kw_only=True)
class Street:
    """Bands of a street, metres: pavements ``pavement_m`` deep along north and south, the road between."""

    width_m: float
    depth_m: float
    pavement_m: float

    def candidates(self, kind: str, category: str, size: Size, number: int, many: int, rng: np.random.Generator) -> Rows | None:
        """Places of a kind that has its own in a street; None for any other."""
        if _is(kind, ROAD):
            return self._parked(size, rng)
        if _is(kind, KERB):
            return self._kerb(kind, size, number, many)
        if _is(kind, FACADE) or kind == "bench" or category == "seating":
            return self._facade(size, rng, bench=kind == "bench")
        return None

    def _sides(self) -> tuple[tuple[float, float], ...]:
        """(sign, price) of the sides with a pavement."""
        return ((1.0, 0.0), (-1.0, 0.5))

    def _kerb(self, kind: str, size: Size, number: int, many: int) -> Rows:
        """Along the kerb, evenly, both sides in turn."""
        rows = []
        per_side = max(1, -(-many // 2))
        step = self.width_m / per_side
        for sign, price in self._sides():
            first = sign > 0 if number % 2 == 0 else sign < 0
            wish = -self.width_m / 2 + (number // 2 + (0.72 if "tree" in kind else 0.3)) * step
            for shift in (0.0, 0.6, -0.6, 1.4, -1.4, 2.5, -2.5, 4.0, -4.0):
                y = sign * (self.depth_m / 2 - self.pavement_m + 0.35 + size[1] / 2)
                rows.append((wish + shift, y, 0.0 if sign > 0 else 180.0, abs(shift) + price + (0.0 if first else 3.0)))
        return np.array(rows)

    def _parked(self, size: Size, rng: np.random.Generator) -> Rows:
        """At the kerb, along the road; right-hand traffic. A car's front is to -y of its own frame."""
        x = np.arange(-self.width_m / 2 + size[1] / 2 + 0.3, self.width_m / 2 - size[1] / 2 - 0.3, 0.4)
        rows = [np.empty((0, 4))]
        for sign, price in self._sides():
            y = sign * (self.depth_m / 2 - self.pavement_m - 0.3 - size[0] / 2)
            turn = -90.0 if sign > 0 else 90.0  # westward on the north side, eastward on the south side
            rows.append(np.stack([x, np.full(x.size, y), np.full(x.size, turn), rng.uniform(0, 2, x.size) + price], -1))
        return np.concatenate(rows)

    def _facade(self, size: Size, rng: np.random.Generator, *, bench: bool) -> Rows:
        """On the pavement, back to the facade; benches at the kerb look at the facade."""
        x = np.arange(-self.width_m / 2 + size[0] / 2 + 0.2, self.width_m / 2 - size[0] / 2 - 0.2, 0.3)
        rows = [np.empty((0, 4))]
        for sign, price in self._sides():
            off = 0.12 + size[1] / 2
            y = sign * (self.depth_m / 2 - off)
            turn = 0.0 if sign > 0 else 180.0
            rows.append(np.stack([x, np.full(x.size, y), np.full(x.size, turn), rng.uniform(0, 1, x.size) + price], -1))
        return np.concatenate(rows)


def street_of(spec: SetSpec) -> Street | None:
    """The street of an exterior; None for a yard or a room."""
    if not spec.exterior or "street" not in spec.features:
        return None
    return Street(width_m=spec.width_m, depth_m=spec.depth_m, pavement_m=pavement_m(spec.depth_m))


def pavement_m(depth_m: float) -> float:
    """How deep a pavement is in a street of this depth between the facades."""
    return float(min(3.0, max(1.4, depth_m * 0.2)))


def _is(kind: str, words: tuple[str, ...]) -> bool:
    parts = kind.split("_")
    return any(word == kind or (("_" not in word) and word in parts) or ("_" in word and word in kind) for word in words)
