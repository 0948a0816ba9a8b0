"""Reads a workspace into the status that review speaks of, and takes approvals of what lies there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from setpiece.clearance.approvals import approve, missing_roles, waiting_about, waiting_for
from setpiece.clearance.record import Record
from setpiece.clearance.rules import Approval
from setpiece.core.errors import ClearanceRefused
from setpiece.intake.brief import load_brief
from setpiece.production.run import Order, newest, planned
from setpiece.production.take import RESULT, read_result
from setpiece.production.workspace import Workspace, take_facts
from setpiece.review.versions import ShotStatus, VersionStatus


def status_of(workspace: Workspace) -> ShotStatus:
    """Where the shot stands, by what lies on the disk and in the record."""
    brief = load_brief(workspace.brief)
    record = Record(workspace.record)
    decisions = [entry.payload["decision"] for entry in record.entries if entry.kind == "decision"]
    last = decisions[-1] if decisions else None
    strictest = [] if last is None else [item for item in last["findings"] if item["outcome"] == last["outcome"]]
    return ShotStatus(
        shot=workspace.called,
        frames=(brief.plate.first_frame, brief.plate.last_frame),
        versions=tuple(
            _version(workspace, version, brief.plate.last_frame - brief.plate.first_frame + 1)
            for version in workspace.versions()
        ),
        decision="" if last is None else f"{last['gate']}: {last['outcome']}",
        reasons=tuple(f"{item['rule']}: {item['reason']}" for item in strictest),
        waiting_for=missing_roles(record),
    )


def approve_shot(workspace: Workspace, *, role: str, person: str, now: datetime, note: str = "") -> Approval:
    """Approve what the shot waits for, as it lies there now: the frames of the take are hashed for it.

    Raises ClearanceRefused where nothing waits, where the subject was changed since the gate asked, or by rule A1.
    """
    record = Record(workspace.record)
    waiting = waiting_for(record)
    if waiting is None:
        raise ClearanceRefused(
            "no gate waits for an approval",
            file=workspace.root,
            remedy=f"run it first: setpiece run {workspace.called}",
        )
    if waiting["gate"] == "release":
        subject = read_result(workspace, newest(workspace)).subject_sha256
    else:
        about = waiting_about(record)
        order = Order(engine=str(about["engine"]), scale=float(about["scale"]))
        subject = planned(workspace, load_brief(workspace.brief), order).subject_sha256
    return approve(record, role=role, person=person, subject_sha256=subject, now=now, note=note)


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
