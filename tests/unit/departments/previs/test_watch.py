"""A set kept in view while its document is edited."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from setpiece.core.errors import BriefError, StageError
from setpiece.core.progress import Silent
from setpiece.departments.previs import watch as watching
from setpiece.departments.previs.sets import Shown, new_set


def a_set(folder: Path) -> Path:
    return new_set(folder, "A kitchen with a table. Night.", seed=1, show="s", declaration={}).brief.path


class Blender:
    """Stands in for the worker: counts how often it was started."""

    started = 0

    def __init__(self, folder: Path) -> None:
        self.folder, self.up = folder, True
        Blender.started += 1

    def close(self) -> None:
        self.up = False


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    calls: list[tuple[object, ...]] = []

    def show(folder: Path, names: tuple[str, ...], *rest: object) -> Shown:
        calls.append((names, rest[-1]))
        if len(calls) == 2:
            raise StageError("there is no light in the view", remedy="switch a lamp on")
        return Shown(version="v001", pictures=(), notes=())

    Blender.started = 0
    monkeypatch.setattr(watching, "show", show)
    monkeypatch.setattr(watching, "Worker", Blender)
    return calls


def saves(edit: Callable[[int], None], times: int) -> Callable[[Path], bool]:
    count = iter(range(times))

    def saved(path: Path) -> bool:
        number = next(count, None)
        if number is not None:
            edit(number)
        return number is not None

    return saved


def test_every_save_is_shown_and_an_error_is_told_and_waited_past(tmp_path: Path, asked: list[tuple[object, ...]]) -> None:
    path = a_set(tmp_path / "set")
    good = path.read_text()
    outcomes: list[object] = []

    def edit(number: int) -> None:
        path.write_text("nonsense: [" if number == 1 else good)

    watching.watch(path.parent, (), (48, 27), 1, Silent(), lambda: datetime.now(UTC), outcomes.append, saves(edit, 3))
    assert [type(one) for one in outcomes] == [Shown, StageError, BriefError, Shown]
    assert {names for names, _ in asked} == {("wide",)}
    assert Blender.started == 1  # one Blender for all of them
    assert not any(worker.up for _, worker in asked if isinstance(worker, Blender))  # and none is left behind


def test_a_blender_that_died_is_started_again(tmp_path: Path, asked: list[tuple[object, ...]]) -> None:
    path = a_set(tmp_path / "set")

    def edit(number: int) -> None:
        worker = asked[-1][1]
        assert isinstance(worker, Blender)
        worker.up = False

    outcomes: list[object] = []
    watching.watch(path.parent, ("wide",), (48, 27), 1, Silent(), lambda: datetime.now(UTC), outcomes.append, saves(edit, 3))
    assert len(outcomes) == 4
    assert Blender.started >= 2


def test_a_save_is_noticed_however_an_editor_writes(tmp_path: Path) -> None:
    from threading import Timer

    path = tmp_path / "brief.yaml"
    path.write_text("a")

    def replaced() -> None:
        (tmp_path / "new").write_text("b")
        path.unlink()
        (tmp_path / "new").rename(path)

    Timer(0.15, replaced).start()
    assert watching.changed(path)
    assert path.read_text() == "b"
