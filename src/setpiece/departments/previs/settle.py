"""A specification after its layout: what the cameras were to frame and did not find a place is told, and they frame the set.

Place in the flow: between layout and framing. The document keeps what its designer wrote; only the view that would show nothing
is turned, and the reason said.
"""

from __future__ import annotations

from dataclasses import replace

from setpiece.core.set_spec import SetSpec
from setpiece.stage.sets.layout import Layout


def settled(spec: SetSpec, layout: Layout) -> tuple[SetSpec, tuple[str, ...]]:
    """The specification with every view on something that stands there, and a sentence for each view that was turned."""
    there = {name for spot in layout.spots for name in (spot.name, spot.furnishing)}
    views, notes = [], []
    for view in spec.views:
        if view.on is None or view.on in there or view.from_m is not None:
            views.append(view)
            continue
        views.append(replace(view, on=None))
        notes.append(f"view '{view.name}' was to frame '{view.on}', which found no place: it frames the set")
    return replace(spec, views=tuple(views)), tuple(notes)
