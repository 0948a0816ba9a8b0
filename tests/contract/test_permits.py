"""No engine makes a pixel that no gate cleared, however it is called."""

from __future__ import annotations

from dataclasses import replace

import pytest
from small_stage import Granted, small_request

from setpiece.core.errors import ClearanceRefused
from setpiece.generate.engines import make_engine


class Revoked(Granted):
    """Holds for a while."""

    def __init__(self, times: int) -> None:
        self.left = times

    def check(self) -> None:
        """Refuses when its time is up."""
        self.left -= 1
        if self.left < 0:
            raise ClearanceRefused("the consent was revoked", remedy="stop")


@pytest.mark.parametrize("name", ["house", "cycles"])
def test_an_engine_called_directly_refuses(name: str) -> None:
    with pytest.raises(ClearanceRefused, match="no gate cleared this"):
        make_engine(name).prepare(replace(small_request(grit=False), permit=None))


def test_a_revocation_stops_an_engine_at_the_next_frame() -> None:
    request = small_request()
    engine = make_engine("house")
    engine.prepare(replace(request, permit=Revoked(2)))
    engine.render(request.frames.first)
    with pytest.raises(ClearanceRefused, match="revoked"):
        engine.render(request.frames.first + 1)
