"""What the make-up department asks for: how many years, when, and how much of it where.

Place in the flow: the ``look`` of a request to engine ``makeup``. Strength 1 is as made, 0 leaves that part untouched.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from itertools import pairwise

from setpiece.core.errors import BriefError

YOUNGEST_YEARS, OLDEST_YEARS = -40.0, 30.0
MOST = 2.0  # strength of a region, as made is 1


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeupRegions:
    """Strength 0..2 per region of the face; 1 as made, 0 untouched."""

    forehead: float = 1.0
    glabella: float = 1.0
    crows_feet: float = 1.0
    under_eye: float = 1.0
    nasolabial: float = 1.0
    marionette: float = 1.0
    jaw: float = 1.0
    neck: float = 1.0
    lips: float = 1.0
    teeth: float = 1.0
    brows: float = 1.0
    hair: float = 1.0

    def __post_init__(self) -> None:
        _in_range(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeupGeometry:
    """Strength 0..2 of the change of form per feature; 1 as made, 0 in its place."""

    jaw: float = 1.0
    cheeks: float = 1.0
    eyes: float = 1.0
    lips: float = 1.0
    nose: float = 1.0

    def __post_init__(self) -> None:
        _in_range(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeupLook:
    """``years``: (frame, years) in ascending frames, -40 (younger) .. +30 (older), eased between and held beyond.

    ``regions`` and ``geometry`` are strengths; ``pores`` 0..1 is how much of the skin's finest texture must stay (1: all
    of it); ``tone`` 0..2 how far colour and blotches are evened (younger) or mottled (older).
    """

    years: tuple[tuple[int, float], ...]
    regions: MakeupRegions = field(default_factory=MakeupRegions)
    geometry: MakeupGeometry = field(default_factory=MakeupGeometry)
    pores: float = 1.0
    tone: float = 1.0

    def __post_init__(self) -> None:
        if not self.years or any(b[0] <= a[0] for a, b in pairwise(self.years)):
            raise BriefError("the age curve has no ascending frames", remedy="write [[1001, -20], [1048, -10]]")
        for frame, years in self.years:
            if not YOUNGEST_YEARS <= years <= OLDEST_YEARS:
                raise BriefError(
                    f"{years:g} years at frame {frame} is beyond make-up ({YOUNGEST_YEARS:g} .. +{OLDEST_YEARS:g})",
                    remedy="ask for less, or paint keyframes",
                )
        if not 0 <= self.pores <= 1 or not 0 <= self.tone <= MOST:
            raise BriefError("pores is 0..1 and tone 0..2", remedy="1 is as made")

    def years_at(self, frame: int) -> float:
        """Years in ``frame``: monotone cubic between the stops (Fritsch and Carlson 1980), still at both ends.

        >>> MakeupLook(years=((1001, 0.0), (1011, -20.0))).years_at(1006)
        -10.0
        """
        stops = self.years
        if frame <= stops[0][0]:
            return float(stops[0][1])
        if frame >= stops[-1][0]:
            return float(stops[-1][1])
        slopes = _slopes(stops)
        k = max(i for i, stop in enumerate(stops) if stop[0] <= frame)
        (x0, y0), (x1, y1) = stops[k], stops[k + 1]
        span = x1 - x0
        t = (frame - x0) / span
        rise = (3 - 2 * t) * t * t
        return float(y0 + (y1 - y0) * rise + span * t * (1 - t) * (slopes[k] * (1 - t) - slopes[k + 1] * t))


def _slopes(stops: tuple[tuple[int, float], ...]) -> list[float]:
    """Years a frame at each stop: 0 at the ends and at turning points, else the harmonic mean of both sides."""
    rises = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in pairwise(stops)]
    inner = [2 * a * b / (a + b) if a * b > 0 else 0.0 for a, b in pairwise(rises)]
    return [0.0, *inner, 0.0]


def _in_range(strengths: MakeupRegions | MakeupGeometry) -> None:
    for each in fields(strengths):
        value = getattr(strengths, each.name)
        if not math.isfinite(value) or not 0 <= value <= MOST:
            raise BriefError(
                f"the strength of '{each.name}' is {value:g}", remedy=f"0 is untouched, 1 as made, {MOST:g} the most"
            )
