"""Rules B1 to B3: replica data is read for a business need, biometrics for the picture, and leaves only in writing.

Source: S26, the SAG-AFTRA TV/Theatrical agreement (secondary sources, counsel to confirm). B1 and B3 stay in force
before and after the contract's term: the house keeps personal data closed at all times.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from setpiece.clearance.rules.rule import S26_FIRST_DAY, S26_LAST_DAY, Case, Rule, allow, block, needs
from setpiece.clearance.use import ROLES, PersonUse
from setpiece.core.clearance import Finding

READERS = (*ROLES, "artist", "worker")
PICTURE = ("shot", "review")
BUSINESS = (*PICTURE, "consent", "pay", "legal", "audit", "erasure")
UNION_DAYS = timedelta(days=21)


def _b1(case: Case) -> tuple[Finding, ...]:
    if case.use.action != "read_replica":
        return ()
    if not case.use.persons:
        return (block("B1", "nobody stated whose replica is read", "state the performer", missing=("person",)),)
    return tuple(found for person in case.use.persons for found in _b1_of(person))


def _b1_of(person: PersonUse) -> Iterator[Finding]:
    missing = tuple(f"person.{name}" for name in ("reader_role", "purpose") if not getattr(person, name))
    if missing:
        yield block(
            "B1", f"nobody stated who reads {person.performer}'s data, or why", f"state {', '.join(missing)}", missing=missing
        )
    elif person.reader_role not in READERS:
        yield block(
            "B1",
            f"'{person.reader_role}' may not read {person.performer}'s data",
            f"one of these may: {', '.join(READERS)}",
            clause=f"readers: {', '.join(READERS)}; asked {person.reader_role}",
        )
    elif person.purpose not in BUSINESS:
        yield block(
            "B1",
            f"'{person.purpose}' is no business need to read {person.performer}'s data",
            f"state one of {', '.join(BUSINESS)}",
            clause=f"purposes: {', '.join(BUSINESS)}; asked {person.purpose}",
        )
    else:
        yield from allow("B1", f"{person.reader_role} reads {person.performer}'s data for {person.purpose}")


def _b2(case: Case) -> tuple[Finding, ...]:
    if case.use.action != "transfer_replica":
        return ()
    found = sorted((item for item in case.facts.transfers if item.id == case.use.transfer), key=lambda item: item.transferee)
    replicas = {item.id for item in case.facts.replicas}
    if not found or any(item.replica not in replicas for item in found):
        missing = "replica" if found else "transfer"
        return (
            block(
                "B2", "nobody recorded which replica goes to whom", "record the transfer and its replica", missing=(missing,)
            ),
        )
    transfer = found[0]
    if not all(item.commitments_sha256 for item in found):
        return (
            block(
                "B2",
                f"{transfer.transferee} committed to nothing in writing",
                "have the commitments signed and record the document",
                missing=("transfer.commitments_sha256",),
            ),
        )
    asked, approved = transfer.union_asked_on, transfer.union_approved_on
    in_time = asked is not None and approved is not None and asked <= approved <= min(asked + UNION_DAYS, case.today)
    liable = (
        f"the union approved on {approved}" if in_time else "the producer stays liable: no approval of the union in 21 days"
    )
    return needs(case, "B2", f"a replica goes to {transfer.transferee}; {liable}", ("legal", "guild_liaison"))


def _b3(case: Case) -> tuple[Finding, ...]:
    biometric = {item.id for item in case.facts.replicas if item.biometrics}
    reads = case.use.action == "read_replica"
    concerned = [item for item in case.use.persons if item.biometric or (reads and item.replica in biometric)]
    return tuple(found for person in concerned for found in _b3_of(person))


def _b3_of(person: PersonUse) -> tuple[Finding, ...]:
    if not person.purpose:
        return (
            block(
                "B3",
                f"nobody stated what {person.performer}'s biometrics are for",
                "state person.purpose",
                missing=("person.purpose",),
            ),
        )
    if person.purpose not in PICTURE:
        return (
            block(
                "B3",
                f"{person.performer}'s biometrics would serve '{person.purpose}'",
                f"biometrics serve the picture only: {', '.join(PICTURE)}",
                clause=f"purposes: {', '.join(PICTURE)}; asked {person.purpose}",
            ),
        )
    return allow("B3", f"{person.performer}'s biometrics serve the picture: {person.purpose}")


RULES = (
    Rule(
        id="B1",
        family="biometrics",
        sentence="Replica data is read for a business need only.",
        source="S26",
        confidence="S",
        outcome="BLOCK",
        remedy="state who reads and why; counsel to confirm",
        test=_b1,
    ),
    Rule(
        id="B2",
        family="biometrics",
        sentence="Who receives a replica commits in writing; the producer is liable unless the union approves in 21 days.",
        source="S26",
        confidence="S",
        outcome="NEEDS(legal, guild_liaison)",
        remedy="record the commitments, and ask legal and the guild liaison; counsel to confirm",
        effective_from=S26_FIRST_DAY,
        effective_to=S26_LAST_DAY,
        test=_b2,
    ),
    Rule(
        id="B3",
        family="biometrics",
        sentence="Biometrics serve only the picture.",
        source="S26",
        confidence="S",
        outcome="BLOCK",
        remedy="read biometrics for the picture only; counsel to confirm",
        test=_b3,
    ),
)
