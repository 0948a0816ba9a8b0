"""The cameras that a set begins with: a wide, a medium on what it is about, a close; and those that the text names.

Place in the flow: under :mod:`.previs_compose`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from setpiece.core.set_spec import Furnishing, View
from setpiece.intake.previs_mentions import Mentions
from setpiece.intake.previs_places import Place

_PRIMES = (16.0, 18.0, 21.0, 24.0, 27.0, 32.0, 35.0, 40.0, 50.0, 65.0, 75.0, 85.0, 100.0, 135.0)
_SENSOR_MM = 15.74  # height of what is cut from the usual sensor
# frame height at the subject, and how much of the room's length the camera may stand back
_BACK = {"full": (2.6, 1.0), "medium": (1.9, 0.8), "close": (0.95, 0.6), "insert": (0.5, 0.5)}


def usual_lens(shot: str, size_m: tuple[float, float], *, exterior: bool = False) -> float:
    """The prime that a shot of this size takes in a room of this size: long ones where there is room to stand back.

    >>> usual_lens("medium", (4.0, 4.0)) < usual_lens("medium", (9.0, 7.0))
    True
    """
    length = max(size_m)
    if shot == "wide":
        return 28.0 if exterior else 18.0 if length < 4.0 else 21.0 if length < 6.5 else 24.0
    high, share = _BACK.get(shot, _BACK["medium"])
    wanted = min(length, 12.0) * share * _SENSOR_MM / high
    return max((lens for lens in _PRIMES if lens <= wanted), default=_PRIMES[0])


def views_of(
    said: Mentions,
    place: Place,
    furnishings: Sequence[Furnishing],
    size_m: tuple[float, float],
    assume: Callable[[str, object, str], None],
) -> tuple[View, ...]:
    """Wide, medium and close, with the lens of the text on the first; a shot size that it names comes first."""
    names = {item.name for item in furnishings}
    floor = [item for item in furnishings if item.relation.value not in ("on", "mounted", "hanging", "under")]
    first = next((item.name for item in floor), None)
    subject = place.subject if place.subject in names else first
    wanted = list(dict.fromkeys([*said.facts.get("shot", []), "wide", "medium", "close"]))
    lens = said.fact("lens")
    views = []
    for number, shot in enumerate(wanted):
        own = float(lens) if lens is not None and number == 0 else usual_lens(shot, size_m, exterior=place.exterior)
        on = None if shot == "wide" else subject
        views.append(View(name=shot, shot=shot, lens_mm=own, on=on, fstop=2.8 if shot in ("close", "insert") else 4.0))
    if lens is None:
        assume("lenses", ", ".join(f"{view.name} {view.lens_mm:g} mm" for view in views), "usual for these shot sizes")
    return tuple(views)
