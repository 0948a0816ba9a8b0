"""Training on a shot's own material, through the gate: what is learned from goes on record, then the gate rules, then the
model that came of it registers itself with its whole lineage.

The dataset is what an artist painted, and nothing else; its licence is the performer's own consent to training.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from setpiece.clearance.gates import Permit, admit
from setpiece.clearance.records import ConsentGrant, Dataset, DatasetItem, Licence, Model
from setpiece.clearance.use import PersonUse, ToolUse, UseRequest, canonical_sha256
from setpiece.intake.brief import Brief, load_brief
from setpiece.production.clearing import Desk, latest, open_desk, training_of
from setpiece.production.ingest import declaration_of, person_of
from setpiece.production.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What is to be learned: of which shot, from which items (name, SHA-256), with which settings."""

    shot: str
    items: tuple[tuple[str, str], ...]
    settings_sha256: str

    @property
    def subject_sha256(self) -> str:
        """Hash of shot, items and settings."""
        return canonical_sha256([self.shot, self.items, self.settings_sha256])

    @property
    def dataset(self) -> str:
        """Id of the dataset: another set of items is another one."""
        return f"{self.shot}-keys-{canonical_sha256(sorted(self.items))[:12]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Classroom:
    """A lesson that the gate admitted: ``permit`` is checked while it runs; ``licence`` is the performer's consent."""

    lesson: Lesson
    desk: Desk
    permit: Permit
    performer: str
    licence: str

    def register(self, *, weights_sha256: str, name: str, version: str) -> None:
        """Enter the trained model: locked to this production, of this performer, from this dataset."""
        model = Model(
            weights_sha256=weights_sha256,
            name=name,
            version=version,
            licence=self.licence,
            datasets=(self.lesson.dataset,),
            production=self.desk.home.production,
            about_performers=(self.performer,),
            third_party_performances=False,
            public_commercial=False,
        )
        self.desk.office.record(model, self.desk.now())


@contextmanager
def admitted_lesson(workspace: Workspace, lesson: Lesson, now: Callable[[], datetime]) -> Iterator[Classroom]:
    """Put the dataset on record, ask the gate, and hold the desk open while the lesson runs.

    Raises ClearanceRefused with the rule and who can help: no consent of the performer to training, no lesson.
    """
    brief = load_brief(workspace.brief)
    desk = open_desk(workspace, brief.shot.show, now)
    try:
        latest(desk, training_of(lesson.shot))
        person = person_of(brief, now().date())
        performer = "" if person is None else person.performer
        grant = _grant(desk, performer)
        licence = "" if grant is None else _licence(desk, grant)
        _dataset(desk, lesson, performer, licence, cleared=grant is not None)
        use = _use(lesson, brief, desk, person)
        about = training_of(lesson.shot)
        cleared = admit(lesson, use, office=desk.office, now=desk.now(), about=about, take=about)
        desk.confirm(cleared, use, about)
        yield Classroom(lesson=lesson, desk=desk, permit=desk.permit(cleared, use, about), performer=performer, licence=licence)
    finally:
        desk.close()


def _use(lesson: Lesson, brief: Brief, desk: Desk, person: PersonUse | None) -> UseRequest:
    from dataclasses import replace

    return UseRequest(
        gate="admit",
        action="train",
        subject_sha256=lesson.subject_sha256,
        production=desk.home.production,
        declaration=declaration_of(brief),
        tools=(ToolUse(name="per-shot training", external=False),),
        persons=() if person is None else (replace(person, kind="training"),),
        dataset=lesson.dataset,
    )


def _grant(desk: Desk, performer: str) -> ConsentGrant | None:
    """The performer's consent to training in this production, the newest; None where nobody recorded one."""
    with desk.office.store.read(desk.now()) as tx:
        found = [
            grant
            for grant in tx.find(ConsentGrant, performer=performer)
            if grant.type == "training" and grant.production == desk.home.production
        ]
    return max(
        found, key=lambda grant: (grant.signed_on is not None, grant.signed_on or desk.now().date(), grant.id), default=None
    )


def _licence(desk: Desk, grant: ConsentGrant) -> str:
    """The consent as the licence of dataset and model: the same dates, the same document."""
    licence = Licence(
        id=f"{grant.id}-licence",
        grantor=grant.performer,
        uses=("training", "inference"),
        first_day=grant.scope.first_day or grant.signed_on,
        last_day=grant.scope.last_day,
        document_sha256=grant.document_sha256,
    )
    with desk.office.store.read(desk.now()) as tx:
        known = tx.get(Licence, licence.id)
    if known != licence:
        desk.office.record(licence, desk.now())
    return licence.id


def _dataset(desk: Desk, lesson: Lesson, performer: str, licence: str, *, cleared: bool) -> None:
    people = (performer,) if performer else ()
    dataset = Dataset(
        id=lesson.dataset,
        name=f"keyframes of {lesson.shot}",
        complete=True,
        licence=licence or None,
        items=tuple(
            DatasetItem(
                sha256=sha256,
                owner=desk.home.production,
                licence=licence or None,
                training_mining="notAllowed",  # by anybody else: the owner trains on its own
                people=people,
                people_cleared=people if cleared else (),
            )
            for _, sha256 in sorted(lesson.items)
        ),
    )
    with desk.office.store.read(desk.now()) as tx:
        known = tx.get(Dataset, dataset.id)
    if known != dataset:
        desk.office.record(dataset, desk.now())
