"""The shell of a set: floor, walls with their openings, ceiling and what architecture adds; outside, streets and ground."""

from __future__ import annotations

from setpiece.core.scene import Placed
from setpiece.core.set_spec import Opening, SetSpec


def shell(spec: SetSpec, openings: tuple[Opening, ...]) -> tuple[Placed, ...]:
    """Everything of a set that is built before the furniture comes; ``openings`` have their places."""
    raise NotImplementedError
