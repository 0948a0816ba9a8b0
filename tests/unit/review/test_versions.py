from __future__ import annotations

import pytest

from setpiece.review.versions import ShotStatus, VersionStatus

DONE = VersionStatus(version=1, engine="house", scale=0.5, made=48, total=48, finished=True)
HALF = VersionStatus(version=2, engine="cycles", scale=1.0, made=7, total=48, finished=False)


def status(*versions: VersionStatus, decision: str = "", waiting: tuple[str, ...] = ()) -> ShotStatus:
    return ShotStatus(
        shot="sh010", frames=(1001, 1048), versions=versions, decision=decision, reasons=("G4: final",), waiting_for=waiting
    )


@pytest.mark.parametrize(
    ("given", "step"),
    [
        (status(), "setpiece run sh010"),
        (status(DONE, HALF, decision="admit: ALLOW"), "setpiece run sh010"),
        (status(DONE, decision="release: ALLOW"), "look at it"),
        (status(DONE, decision="release: NEEDS", waiting=("legal",)), "setpiece approve sh010 --role legal --person NAME"),
        (status(DONE, decision="release: NEEDS"), "setpiece deliver sh010"),
        (status(decision="admit: NEEDS"), "setpiece run sh010"),
        (status(DONE, decision="admit: BLOCK"), "mend what the gate names in brief.yaml, then run it again"),
    ],
)
def test_the_next_step_follows_from_where_the_shot_stands(given: ShotStatus, step: str) -> None:
    assert given.next_step == step


def test_a_status_tells_frames_versions_reasons_and_the_next_step() -> None:
    told = "\n".join(status(DONE, HALF, decision="release: NEEDS", waiting=("legal",)).lines())
    for words in ("1001-1048", "v001  house  scale 0.5  48/48 frames  finished", "v002  cycles", "7/48", "G4: final", "next:"):
        assert words in told
