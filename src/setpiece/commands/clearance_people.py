"""``clear suspend``, ``resume``, ``revoke``, ``override``, ``why``, ``status``, ``policy check``: rulings, where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from setpiece.commands.clearance_desk import (
    HomeOption,
    Json,
    Person,
    Reason,
    Role,
    Room,
    absent,
    room,
    standing,
    subject_of,
    tell,
)
from setpiece.core.errors import ClearanceRefused

if TYPE_CHECKING:
    from setpiece.clearance.store.kinds import LikenessUse

policy = typer.Typer(no_args_is_help=True, help="A client's stricter table.")

Grant = Annotated[str, typer.Argument(metavar="GRANT", help="Id of the consent.")]
ShotOrName = Annotated[Path, typer.Argument(metavar="SHOT", help="The shot: its folder, or its name in the records.")]


def register(app: typer.Typer) -> None:
    """Put these commands into ``clear``."""
    app.command("suspend")(suspend)
    app.command("resume")(resume)
    app.command("revoke")(revoke)
    app.command("override")(override)
    app.command("why")(why)
    app.command("status")(status)
    app.add_typer(policy, name="policy")


def suspend(grant: Grant, reason: Reason, home: HomeOption = None, as_json: Json = False) -> None:
    """Suspend a consent from now on: running work stops at its next frame, until it is resumed."""
    _event(grant, "suspended", reason, home, as_json)


def resume(grant: Grant, reason: Reason, home: HomeOption = None, as_json: Json = False) -> None:
    """Resume a suspended consent from now on. A revoked one stays revoked: a new consent is needed."""
    _event(grant, "resumed", reason, home, as_json)


def revoke(grant: Grant, reason: Reason, home: HomeOption = None, as_json: Json = False) -> None:
    """Revoke a consent for ever: running work stops at its next frame, and every take that used the likeness is marked."""
    with room(home) as here:
        _known(here, grant, reason)
        uses = here.office.revoke(grant, here.now, reason.strip())
    _tell_uses(grant, "revoked", uses, here.now, as_json)


def override(
    shot: ShotOrName,
    rule: Annotated[str, typer.Option(help="The rule that holds it up, as M1.")],
    role: Role,
    person: Person,
    reason: Reason,
    home: HomeOption = None,
    as_json: Json = False,
) -> None:
    """Loosen one rule for SHOT as it stands, by name and with a reason. It shows on the delivery report. C11 takes none."""
    about, start = subject_of(shot)
    with room(home, start) as here:
        with here.read() as tx:
            rows = standing(tx, about)
        if not rows:
            raise ClearanceRefused(f"nothing was asked about {about} yet", remedy="run the shot: the gate says what is missing")
        holding = [row for row in rows if _holds(row.body, rule)]
        given = here.office.override(rule, person, role, (holding or rows)[-1].subject_sha256, reason, here.now)
    value = {"rule": rule, "role": role, "person": given.person, "subject_sha256": given.subject_sha256, "at": given.at}
    tell(
        as_json,
        value,
        f"{given.person} overrides {rule} as {role} for {about}, subject {given.subject_sha256[:16]}: {given.reason}",
        "ask the gate again: an override counts for exactly this subject, and is printed on the delivery report",
    )


def why(shot: ShotOrName, home: HomeOption = None, as_json: Json = False) -> None:
    """Tell in plain words what holds SHOT up, what is missing, and who can give it."""
    about, start = subject_of(shot)
    with room(home, start) as here:
        lines = here.office.why(about)
    tell(as_json, {"shot": about, "lines": list(lines)}, *lines)


def status(
    shot: Annotated[Path | None, typer.Argument(metavar="[SHOT]", help="One shot. [default: all of the production]")] = None,
    home: HomeOption = None,
    as_json: Json = False,
) -> None:
    """Tell where the production stands: records, what waits and for whom, marked takes, what is not paid."""
    from setpiece.clearance.documents import KINDS
    from setpiece.clearance.records import Obligation
    from setpiece.clearance.store.kinds import LikenessUse

    about, start = (None, None) if shot is None else subject_of(shot)
    with room(home, start) as here, here.read() as tx:
        shots = [_standing_of(tx, name) for name in (_asked_about(tx) if about is None else (about,))]
        marked = sorted({use.take for use in tx.find(LikenessUse, status="revoked")})
        owed = [item for item in tx.find(Obligation, production=here.home.production) if item.status != "paid"]
        counts = {kind: _count(tx, type_) for kind, type_ in KINDS.items()} if about is None else {}
        value = {
            "production": here.home.production,
            "home": str(here.home.folder),
            "policy": here.office.policy.name,
            "certificate": "development" if here.home.chain is None else "the production's own",
            "face_matching": "off" if here.home.matcher is None else here.home.matcher.name,
            "records": counts,
            "shots": shots,
            "marked_takes": marked,
            "not_paid": sorted(item.id for item in owed),
        }
    tell(as_json, value, *_status_lines(value))


@policy.command("check")
def check(file: Annotated[Path, typer.Argument(metavar="FILE", help="The policy, TOML.")], as_json: Json = False) -> None:
    """Check a client's policy: it may only tighten. Exit code 13 where it loosens, or says what nobody knows."""
    from setpiece.clearance.policy import load

    found = load(file)
    tightened = [f"{item.rule}: {item.outcome.value}{_and(item.roles)}" for item in found.tightenings]
    value = {
        "name": found.name,
        "tightens": tightened,
        "decision_minutes": found.decision_minutes,
        "strike_calendar_days": found.strike_calendar_days,
        "floors": len(found.floors),
    }
    tell(
        as_json,
        value,
        f"{found.name} loosens nothing",
        *(f"  tightens {line}" for line in tightened),
        f"  decisions last {found.decision_minutes} minutes; a strike calendar may be {found.strike_calendar_days} days old",
        f"  {len(found.floors)} pay floors" if found.floors else "  no pay floors: where one is asked for, that blocks",
    )


def _and(roles: Sequence[str]) -> str:
    return f", approved by {' and '.join(roles)}" if roles else ""


def _event(grant: str, kind: str, reason: str, home: Path | None, as_json: bool) -> None:
    from setpiece.clearance.records import ConsentEvent
    from setpiece.clearance.store.kinds import LikenessUse
    from setpiece.clearance.times import rfc3339

    with room(home) as here:
        _known(here, grant, reason)
        event = ConsentEvent(
            id=f"{grant}:{kind}:{rfc3339(here.now)}", grant=grant, kind=kind, effective=here.now, reason=reason.strip()
        )
        if kind == "resumed":
            _refuse_resumption(here, grant)
        here.office.record(event, here.now)
        with here.read() as tx:
            uses = tx.find(LikenessUse, grant=grant)
    _tell_uses(grant, kind, uses, here.now, as_json)


def _known(here: Room, grant: str, reason: str) -> None:
    from setpiece.clearance.records import ConsentGrant

    with here.read() as tx:
        if tx.get(ConsentGrant, grant) is None:
            raise absent("consent", grant, tuple(item.id for item in tx.find(ConsentGrant)))
    if not reason.strip():
        raise ClearanceRefused("this needs its reason", remedy="state --reason in words that others will read")


def _refuse_resumption(here: Room, grant: str) -> None:
    """Nobody shall think that a revoked consent is back."""
    from setpiece.clearance.records import ConsentEvent

    with here.read() as tx:
        if tx.find(ConsentEvent, grant=grant, kind="revoked"):
            raise ClearanceRefused(
                f"consent '{grant}' was revoked, and that is for ever", remedy="enter a newly signed consent"
            )


def _tell_uses(grant: str, kind: str, uses: Sequence[LikenessUse], now: datetime, as_json: bool) -> None:
    takes = [{"take": use.take, "performer": use.performer, "status": use.status} for use in uses]
    value = {"consent": grant, "event": kind, "effective": now.isoformat(), "takes": takes}
    word = "marked" if kind == "revoked" else "concerned"
    lines = [f"  {word}: take {use.take}, likeness of {use.performer}" for use in uses]
    tell(as_json, value, f"consent {grant} is {kind} from {now.isoformat()} on", *(lines or ["  no take used it"]))


def _holds(body: Any, rule: str) -> bool:
    return any(item["rule"] == rule and item["outcome"] != "ALLOW" for item in body["decision"]["findings"])


def _count(tx: Any, type_: type) -> int:
    from sqlalchemy import func, select

    from setpiece.clearance.store.tables import TABLES

    return int(tx.connection.execute(select(func.count()).select_from(TABLES[type_])).scalar_one())


def _asked_about(tx: Any) -> tuple[str, ...]:
    """Every shot that a gate was asked about."""
    from sqlalchemy import select

    from setpiece.clearance.store.tables import decisions

    found = select(decisions.c.about).where(decisions.c.about != "").distinct().order_by(decisions.c.about)
    return tuple(tx.connection.execute(found).scalars())


def _standing_of(tx: Any, about: str) -> dict[str, Any]:
    from setpiece.clearance.office import waits_for

    rows = standing(tx, about)
    if not rows:
        return {"shot": about, "gate": None, "outcome": None, "waits_for": []}
    return {
        "shot": about,
        "gate": rows[-1].gate,
        "outcome": rows[-1].outcome,
        "waits_for": list(waits_for(tx, rows[-1])),
        "sequence": rows[-1].sequence,
    }


def _status_lines(value: dict[str, Any]) -> list[str]:
    from setpiece.clearance.likeness.embedding import OFF

    lines = [f"{value['production']}, clearance in {value['home']}, policy '{value['policy']}'"]
    if value["certificate"] == "development":
        lines.append("signs with a DEVELOPMENT certificate: it proves nothing to others. Configure [signing] before release")
    if value["face_matching"] == "off":
        lines.append(OFF)
    counts = ", ".join(f"{count} {kind}" for kind, count in value["records"].items() if count)
    if counts:
        lines.append(f"on record: {counts}")
    for shot in value["shots"]:
        if shot["gate"] is None:
            lines.append(f"{shot['shot']}: nothing was asked yet")
            continue
        waits = f", waits for {' and '.join(shot['waits_for'])}" if shot["waits_for"] else ""
        ask = "" if shot["outcome"] == "ALLOW" else f"; setpiece clear why {shot['shot']}"
        lines.append(f"{shot['shot']}: {shot['gate']} {shot['outcome']}{waits}{ask}")
    lines += [f"take {take} uses a likeness whose consent was revoked" for take in value["marked_takes"]]
    lines += [f"not paid: {id}" for id in value["not_paid"]]
    return lines
