"""Reads a workspace into the status that review speaks of, and takes approvals of what lies there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from setpiece.clearance.home import NAME, home_of
from setpiece.clearance.office import waits_for
from setpiece.clearance.records import Approval
from setpiece.clearance.store.transaction import DecisionRow
from setpiece.core.clearance import Outcome
from setpiece.core.errors import ClearanceRefused
from setpiece.intake.brief import Brief, load_brief
from setpiece.production.clearing import ENGINE, SCALE, latest, open_desk
from setpiece.production.run import Order, newest, planned
from setpiece.production.take import RESULT, read_result
from setpiece.production.workspace import Workspace, take_facts
from setpiece.review.versions import ShotStatus, VersionStatus


def status_of(workspace: Workspace, now: Callable[[], datetime]) -> ShotStatus:
    """Where the shot stands, by what lies on the disk and in the records."""
    brief = load_brief(workspace.brief)
    last: DecisionRow | None = None
    waiting: tuple[str, ...] = ()
    if (home_of(workspace.root) / NAME).is_file():
        desk = open_desk(workspace, brief.shot.show, now)
        last = latest(desk, brief.shot.name)
        if last is not None:
            with desk.office.store.read(now()) as tx:
                waiting = waits_for(tx, last)
        desk.close()
    decision = {} if last is None else last.body["decision"]
    strictest = [item for item in decision.get("findings", ()) if item["outcome"] == decision["outcome"]]
    return ShotStatus(
        shot=workspace.called,
        frames=(brief.plate.first_frame, brief.plate.last_frame),
        versions=tuple(
            _version(workspace, version, brief.plate.last_frame - brief.plate.first_frame + 1)
            for version in workspace.versions()
        ),
        decision="" if last is None else f"{last.gate}: {last.outcome}",
        reasons=tuple(f"{item['rule']}: {item['reason']}" for item in strictest),
        waiting_for=waiting,
    )


def approve_shot(workspace: Workspace, *, role: str, person: str, now: Callable[[], datetime], note: str = "") -> Approval:
    """Approve what the shot waits for, as it lies there now: the frames of the take are hashed for it.

    Raises ClearanceRefused where nothing waits, where the subject was changed since the gate asked, or by rule A1.
    """
    brief = load_brief(workspace.brief)
    desk = open_desk(workspace, brief.shot.show, now)
    try:
        row = latest(desk, brief.shot.name)
        if row is None or row.outcome != Outcome.NEEDS.value:
            raise ClearanceRefused(
                "no gate waits for an approval",
                file=workspace.root,
                remedy=f"run it first: setpiece run {workspace.called}",
            )
        if row.gate == "release":
            subject = read_result(workspace, newest(workspace)).subject_sha256
        else:
            subject = row.subject_sha256 if _same_job(workspace, brief, row) else ""
        return desk.office.approve(role, person, subject, row.gate, now(), note)
    finally:
        desk.close()


def _same_job(workspace: Workspace, brief: Brief, row: DecisionRow) -> bool:
    """Whether the brief still says what the gate was asked about, with the engine that it was asked for."""
    named = next(str(tool["name"]) for tool in row.body["use"]["tools"] if str(tool["name"]).startswith(ENGINE))
    engine, _, scale = named.removeprefix(ENGINE).partition(SCALE)
    return planned(workspace, brief, Order(engine=engine, scale=float(scale))).subject_sha256 == row.subject_sha256


def _version(workspace: Workspace, version: int, total: int) -> VersionStatus:
    folder = workspace.take(version)
    known = workspace.take_settings(version) is not None
    facts: dict[str, Any] = take_facts(workspace, version) if known else {"engine": "unknown", "scale": 0.0}
    return VersionStatus(
        version=version,
        engine=str(facts["engine"]),
        scale=float(facts["scale"]),
        made=len([path for path in folder.rglob("*_comp_*.exr") if not path.name.startswith(".")]),
        total=total,
        finished=(folder / RESULT).is_file(),
    )
