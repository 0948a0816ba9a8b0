"""First-party engines, listed in an explicit table."""

from __future__ import annotations

from collections.abc import Callable

from setpiece.core.errors import CapabilityMissing
from setpiece.generate.contract import Engine


def _house() -> Engine:
    from setpiece.generate.engines.house.engine import HouseEngine

    return HouseEngine()


def _cycles() -> Engine:
    from setpiece.generate.engines.cycles import CyclesEngine

    return CyclesEngine()


ENGINES: dict[str, Callable[[], Engine]] = {"house": _house, "cycles": _cycles}


def make_engine(name: str) -> Engine:
    """A fresh engine by the name that briefs use; an unknown one is refused with the names there are."""
    if name not in ENGINES:
        raise CapabilityMissing("engine", engine=name, remedy=f"choose one of: {', '.join(sorted(ENGINES))}")
    return ENGINES[name]()
