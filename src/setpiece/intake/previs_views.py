"""The cameras that a set begins with: a wide, a medium on what it is about, a close; and those that the text names.

Place in the flow: under :mod:`.previs_compose`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from setpiece.core.set_spec import Furnishing, View
from setpiece.intake.previs_mentions import Mentions
from setpiece.intake.previs_places import Place

_LENS = {"wide": 24.0, "full": 32.0, "medium": 40.0, "close": 65.0, "insert": 85.0}


def views_of(
    said: Mentions, place: Place, furnishings: Sequence[Furnishing], assume: Callable[[str, object, str], None]
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
        own = float(lens) if lens is not None and number == 0 else _LENS[shot]
        if place.exterior and lens is None:
            own = {"wide": 28.0, "medium": 50.0, "close": 75.0}.get(shot, own)
        on = None if shot == "wide" else subject
        views.append(View(name=shot, shot=shot, lens_mm=own, on=on, fstop=2.8 if shot in ("close", "insert") else 4.0))
    if lens is None:
        assume("lenses", ", ".join(f"{view.name} {view.lens_mm:g} mm" for view in views), "usual for these shot sizes")
    return tuple(views)
