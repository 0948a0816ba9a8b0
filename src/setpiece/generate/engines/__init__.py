"""First-party engines, listed in an explicit table."""

from __future__ import annotations

from collections.abc import Callable

from setpiece.core.errors import CapabilityMissing
from setpiece.generate.contract import Engine
from setpiece.generate.retouch import Retoucher


def _house() -> Engine:
    from setpiece.generate.engines.house.engine import HouseEngine

    return HouseEngine()


def _cycles() -> Engine:
    from setpiece.generate.engines.cycles import CyclesEngine

    return CyclesEngine()


ENGINES: dict[str, Callable[[], Engine]] = {"house": _house, "cycles": _cycles}


def _makeup() -> Retoucher:
    from setpiece.generate.engines.makeup.engine import Makeup

    return Makeup()


def _propagate() -> Retoucher:
    from setpiece.generate.engines.propagate.engine import Propagate

    return Propagate()


def _learned() -> Retoucher:
    from setpiece.generate.engines.learned.engine import Learned

    return Learned()


def _fran() -> Retoucher:
    from setpiece.generate.engines.fran.engine import FranEngine

    return FranEngine()


RETOUCHERS: dict[str, Callable[[], Retoucher]] = {
    "makeup": _makeup, "propagate": _propagate, "learned": _learned, "fran": _fran,
}  # fmt: skip


def make_retoucher(name: str) -> Retoucher:
    """A fresh engine that retouches, by the name that briefs use; an unknown one is refused with the names there are."""
    if name not in RETOUCHERS:
        raise CapabilityMissing("engine", engine=name, remedy=f"choose one of: {', '.join(sorted(RETOUCHERS))}")
    return RETOUCHERS[name]()


def make_engine(name: str) -> Engine:
    """A fresh engine by the name that briefs use; an unknown one is refused with the names there are."""
    if name not in ENGINES:
        raise CapabilityMissing("engine", engine=name, remedy=f"choose one of: {', '.join(sorted(ENGINES))}")
    return ENGINES[name]()
