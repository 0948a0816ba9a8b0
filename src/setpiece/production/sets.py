"""A set through the first gate: its document goes on record, names in its text are looked for, then the gate rules.

Place in the flow: between a set's document and its first picture. Nobody is shown in a set: no face is looked for; the
name of an artist, a brand or a performer in the text is told to the gate, which rules on it like on any likeness. It rules
nothing itself, and makes no picture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from setpiece.clearance.gates import Permit, admit, release
from setpiece.clearance.use import ToolUse, UseRequest
from setpiece.core.clearance import Cleared
from setpiece.core.set_spec import SetSpec
from setpiece.intake.previs_document import SetBrief
from setpiece.media.credentials import Clearance
from setpiece.media.files import sha256_value
from setpiece.production.clearing import ENGINE, SCALE, Desk, clearance_shown, latest, open_desk
from setpiece.production.ingest import declared
from setpiece.production.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class SetJob:
    """A set to be shown: its name, its text, its specification, the engine, and who declared what by hash."""

    name: str
    text: str
    spec: SetSpec
    engine: str
    declaration_sha256: str

    @property
    def subject_sha256(self) -> str:
        """Hash of everything that decides what is shown."""
        return sha256_value([self.name, self.text, self.spec, self.engine, self.declaration_sha256])


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSet:
    """What leaves of a set: its files by name and hash."""

    name: str
    files: tuple[tuple[str, str], ...]

    @property
    def subject_sha256(self) -> str:
        """Hash of every file."""
        return sha256_value([self.name, sorted(self.files)])


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmittedSet:
    """A job that the gate let through: evidence for provenance, a permit for whoever makes pictures."""

    cleared: Cleared[SetJob]
    permit: Permit
    desk: Desk
    use: UseRequest
    about: str

    def released(self, shown: ShownSet) -> tuple[Cleared[ShownSet], Clearance]:
        """What was made through the second gate, with what its credentials say. Raises ClearanceRefused."""
        use = replace(self.use, gate="release", subject_sha256=shown.subject_sha256)
        office, now = self.desk.office, self.desk.now()
        cleared = release(shown, use, admitted=self.cleared.evidence, office=office, now=now, about=shown.name, take=self.about)
        self.desk.confirm(cleared, use, self.about)
        return cleared, clearance_shown(cleared.evidence, use, self.desk)


def job_of(brief: SetBrief, engine: str) -> SetJob:
    """What is asked of the gate for a document."""
    stated = declared(brief.declaration)
    return SetJob(
        name=brief.name,
        text=brief.text,
        spec=brief.spec,
        engine=engine,
        declaration_sha256="" if stated is None else stated.sha256,
    )


@contextmanager
def admitted_set(
    workspace: Workspace, brief: SetBrief, engine: str, take: str, now: Callable[[], datetime]
) -> Iterator[AdmittedSet]:
    """Ask the gate for a set's pictures, and hold the desk open while they are made.

    Raises ClearanceRefused with the rule and who can help, RecordDamaged.
    """
    job = job_of(brief, engine)
    desk = open_desk(workspace, brief.show, now)
    try:
        latest(desk, job.name)
        about = f"{job.name} {take}"
        use = UseRequest(
            gate="admit",
            subject_sha256=job.subject_sha256,
            production=desk.home.production,
            declaration=declared(brief.declaration),
            tools=(ToolUse(name=f"{ENGINE}{engine}{SCALE}1.0", external=False),),
            likenesses=desk.named_in(brief.text),
        )
        cleared = admit(job, use, office=desk.office, now=desk.now(), about=job.name, take=about)
        desk.confirm(cleared, use, about)
        yield AdmittedSet(cleared=cleared, permit=desk.permit(cleared, use, about), desk=desk, use=use, about=about)
    finally:
        desk.close()
