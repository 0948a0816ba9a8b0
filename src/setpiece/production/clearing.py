"""Everything that the gates want to know of a shot, gathered: who asks for what, what goes in, whose faces are there.

Place in the flow: between the brief and the gates. It opens the production's clearance folder (the nearest above the
shot, else the shot's own), states each use as a :class:`UseRequest`, and looks for faces in the plate and in what was
made. It rules nothing.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np

import setpiece
from setpiece.clearance.gates import Permit, Subject, admit, confirm, foresee, permit
from setpiece.clearance.home import Home, home_of, make_home
from setpiece.clearance.likeness.embedding import Thresholds, matcher_of
from setpiece.clearance.likeness.faces import Declared
from setpiece.clearance.likeness.styles import NAME as STYLES
from setpiece.clearance.likeness.styles import load_styles, named_in
from setpiece.clearance.office import Office
from setpiece.clearance.policy import Policy
from setpiece.clearance.policy import load as load_policy
from setpiece.clearance.records import Approval, Model, Performer
from setpiece.clearance.store.transaction import DecisionRow
from setpiece.clearance.use import (
    PRINCIPLES,
    Declaration,
    Export,
    InputUse,
    LikenessMatch,
    StepDecision,
    ToolUse,
    UseRequest,
    canonical_sha256,
)
from setpiece.core.clearance import Cleared, Decision, Evidence
from setpiece.core.errors import BriefError
from setpiece.core.pictures import PlateInfo
from setpiece.intake.brief import Brief
from setpiece.intake.credentials import examine_all, examine_plate
from setpiece.intake.plate import plate_files
from setpiece.media.certificates import SigningIdentity, SigningPaths, development_identity, load_identity
from setpiece.media.credentials import Clearance, ConsentShown, ModelShown, TrustList
from setpiece.media.files import sha256_file
from setpiece.production.finishing import tools_used, words_of
from setpiece.production.ingest import declaration_of, models_of, person_of, plate_of
from setpiece.production.job import ShotJob, TakeResult
from setpiece.production.likeness import Eyes, eyes_of, plate_faces, plate_likenesses, strangers
from setpiece.production.workspace import Workspace

S = TypeVar("S", bound=Subject)
Probe = Callable[[], str]  # signs a picture as delivery would; gives the word of a reader for it
NOBODY = "nobody"
BY_MODEL = "compositeWithTrainedAlgorithmicMedia"
ENGINE, SCALE = "engine ", " at scale "  # how a use names what it is made with


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A production's clearance, open: decides, and knows where keys and database are."""

    home: Home
    office: Office
    now: Callable[[], datetime]

    def close(self) -> None:
        """Close the database, and whatever looked for faces."""
        if "eyes" in self.__dict__:
            self.eyes.close()
        self.office.close()

    def identity(self) -> SigningIdentity:
        """Who signs: the production's own certificate where one is configured, else a development one, which says so."""
        home = self.home
        if home.chain is None or home.key is None:
            return development_identity(home.keys, now=self.now())
        return load_identity(
            SigningPaths(chain=home.chain, key=home.key, anchors=home.trust, timestamp_url=home.timestamp), now=self.now()
        )

    @cached_property
    def eyes(self) -> Eyes:
        """How faces are looked at. Raises ClearanceRefused for a matcher that is not registered with its whole lineage."""
        home = self.home
        if home.matcher is None:
            return eyes_of(self.office, None, None)
        thresholds = None if home.match is None or home.unsure is None else Thresholds(match=home.match, unsure=home.unsure)
        asked = UseRequest(
            gate="admit", subject_sha256="", production=home.production, models=(sha256_file(home.matcher),)
        )  # fmt: skip
        with self.office.store.read(self.now()) as tx:
            facts = tx.gather(asked)
        return eyes_of(self.office, matcher_of(home.matcher, facts, thresholds), home.references)

    def trust(self) -> TrustList:
        """Whom credentials of inputs are trusted from: whoever the production's trust list, or its own identity, names."""
        return TrustList(anchors_pem=self.identity().anchors_pem.decode("ascii"))

    def weights_by_name(self) -> dict[str, str]:
        """Hashes of the models on record, by name: what an engine that only knows names is held to."""
        with self.office.store.read(self.now()) as tx:
            return {model.name: model.weights_sha256 for model in tx.find(Model)}

    def named_in(self, words: str) -> tuple[LikenessMatch, ...]:
        """Whom a prompt may name: performers on record, artists and brands of the production's own list (styles.toml beside
        clearance.toml), and styles of anybody."""
        if not words.strip():
            return ()
        listed = self.home.folder / STYLES
        styles = load_styles(listed) if listed.is_file() else ()
        with self.office.store.read(self.now()) as tx:
            return named_in(words, tx.find(Performer), styles)

    def foresee(self, use: UseRequest, about: str) -> Decision:
        """What a gate would decide now."""
        return foresee(use, office=self.office, now=self.now(), about=about)

    def confirm(self, cleared: Cleared[S], use: UseRequest, take: str) -> S:
        """Take the token in, once; gives the value."""
        return confirm(cleared, use, office=self.office, now=self.now(), take=take)

    def permit(self, cleared: Cleared[S], use: UseRequest, take: str) -> Permit:
        """What the frame workers check."""
        return permit(cleared, use, office=self.office, database=self.home.database, take=take)


def open_desk(workspace: Workspace, production: str, now: Callable[[], datetime]) -> Desk:
    """Open the clearance of a shot; made beside the shot where no folder above it has one."""
    folder = home_of(workspace.root)
    home = make_home(folder, production=production)
    return opened(home, now)


def opened(home: Home, now: Callable[[], datetime]) -> Desk:
    """Open a clearance folder. Raises BriefError for a URL of no database, PolicyRefused, OutputFailed."""
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError

    policy = Policy() if home.policy is None else load_policy(home.policy)
    try:
        office = Office.open(home.database, home.keys, policy, clock=now)
    except (ArgumentError, NoSuchModuleError) as error:
        raise BriefError(
            "names no database that can be opened",
            file=home.file,
            remedy='write database = "sqlite:///clearance.db", or "postgresql+psycopg://USER@HOST/NAME"',
        ) from error
    return Desk(home=home, office=office, now=now)


def use_of_job(job: ShotJob, desk: Desk, workspace: Workspace) -> UseRequest:
    """The use that ``admit`` rules on: make these frames of this plate with this engine."""
    brief, info = job.brief, plate_of(job.brief)
    person = person_of(brief, desk.now().date())
    return UseRequest(
        gate="admit",
        subject_sha256=job.subject_sha256,
        production=desk.home.production,
        declaration=declaration_of(brief),
        inputs=_inputs(brief, info, desk),
        tools=(
            ToolUse(name=f"{ENGINE}{job.engine}{SCALE}{float(job.scale)!r}", external=False), *tools_used(brief, job.engine),
        ),
        models=(*desk.eyes.weights, *models_of(brief, job.engine, desk.weights_by_name)),
        steps=_steps(brief, job.engine, desk),
        persons=() if person is None else (person,),
        likenesses=(
            *plate_likenesses(plate_faces(info, workspace.stage, desk.eyes), _declared(brief)),
            *desk.named_in(words_of(brief, job.engine)),
        ),
    )  # fmt: skip


def use_of_take(
    take: TakeResult, brief: Brief, admitted: UseRequest, desk: Desk, workspace: Workspace, probe: Probe
) -> UseRequest:
    """The use that ``release`` rules on: what was admitted, with what was made and where it goes. ``probe`` signs a
    picture as delivery would and says how it reads."""
    seen = plate_faces(plate_of(brief), workspace.stage, desk.eyes)
    trained = set(admitted.models) - set(desk.eyes.weights)
    return replace(
        admitted,
        gate="release",
        subject_sha256=take.subject_sha256,
        likenesses=(*admitted.likenesses, *strangers(take, seen, admitted.likenesses, desk.eyes)),
        export=_export(admitted.declaration, brief, probe, BY_MODEL if trained else "composite"),
    )


def _steps(brief: Brief, engine: str, desk: Desk) -> tuple[StepDecision, ...]:
    """The steps before this one that the gate ruled on (D3): what was learned, and whether that was admitted."""
    if engine != "learned":
        return ()
    row = latest(desk, training_of(brief.shot.name))
    return (StepDecision(name="learning", outcome=None if row is None else row.outcome),)


def training_of(shot: str) -> str:
    """How the log calls the training on a shot."""
    return f"{shot} training"


def _declared(brief: Brief) -> tuple[Declared, ...]:
    section = brief.declaration
    if section is None or section.people is None:
        return ()
    by = section.requester or ""
    named = [Declared(performer=name, by=by) for name in section.people if name != NOBODY]
    rest = 256 if NOBODY in section.people or not section.people else 0  # everybody else is nobody identifiable
    return (*named, *(Declared(performer=None, by=by) for _ in range(rest)))


def _inputs(brief: Brief, info: PlateInfo, desk: Desk) -> tuple[InputUse, ...]:
    """Plate and pictures of the brief, with what their Content Credentials said."""
    plate = examine_plate(plate_files(info), sha256=info.sha256, name=Path(info.source).name, trust=desk.trust())
    others = examine_all([brief.resolve(path) for _, path in brief.document.files()], trust=desk.trust())
    return tuple(
        InputUse(
            sha256=item.sha256, name=item.name, sensitivity="proprietary", credential=item.word,
            training_mining=item.training_mining,
        )
        for item in (plate, *others)
    )  # fmt: skip


def _export(declaration: Declaration | None, brief: Brief, probe: Probe, source_type: str) -> Export | None:
    """What leaves and where it goes, as far as the brief says, and of which digital source type it is as a whole; only what is
    final needs it."""
    section = brief.declaration
    if declaration is None or not declaration.final or section is None:
        return None
    goes = section.export
    return Export(
        credential=probe(),
        source_type=source_type,
        territories=() if goes is None else tuple(goes.territories),
        provider_duty=None if goes is None else goes.provider_duty,
        deepfake=None if goes is None else goes.deepfake,
        advertisement=None if goes is None else goes.advertisement,
        expressive=None if goes is None else goes.expressive,
        audio_only=False,
        first_shown=None if goes is None else goes.first_shown,
    )


def latest(desk: Desk, about: str) -> DecisionRow | None:
    """The latest decision about a shot."""
    with desk.office.store.read(desk.now()) as tx:
        rows = tx.decided(about)
    return max(rows, key=lambda row: row.sequence, default=None)


def take_name(shot: str, version: int) -> str:
    """How tokens, records and log call a take: ``sh010 v001``."""
    return f"{shot} v{version:03d}"


def clearance_shown(evidence: Evidence, use: UseRequest, desk: Desk) -> Clearance:
    """What every credential of a delivery says of its clearance: roles, rules, consents and hashes, never a name."""
    decision = evidence.decision
    with desk.office.store.read(desk.now()) as tx:
        given = tx.find(Approval, subject_sha256=use.subject_sha256, gate=use.gate)
        uses = tx.gather(use)
    roles = {item.role for item in given}
    consents = tuple(
        ConsentShown(type=grant.type, document_sha256=grant.document_sha256) for grant in uses.grants if grant.document_sha256
    )
    models = tuple(
        ModelShown(name=model.name, version=model.version, weights_sha256=model.weights_sha256, licence=model.licence or "")
        for model in uses.models
    )
    return Clearance(
        gate=decision.gate,
        outcome=decision.outcome.value,
        sequence=evidence.sequence,
        leaf_sha256=evidence.entry_sha256,
        policy_sha256=decision.policy_sha256,
        subject_sha256=decision.subject_sha256,
        decided_at=decision.decided_at,
        approvals=tuple(sorted(roles)),
        consents=consents,
        models=models,
        overrides=tuple(sorted({finding.rule for finding in decision.findings if finding.overridden_by})),
        inputs_sha256=tuple(sorted({item.sha256 for item in use.inputs})),
    )


def probe_signature(identity: SigningIdentity) -> str:
    """Sign a small picture as delivery signs its own, and say how a reader finds it: ``trusted``, ``valid``…"""
    from setpiece.media.images import write_png
    from setpiece.media.signing import Claim, Layer, sign_embedded

    layer = Layer(name="probe", source_type="algorithmicMedia", description="a test of the signing certificate")
    claim = Claim(title="probe", software="Setpiece", version=setpiece.__version__, layers=(layer,))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "probe.png"
        write_png(path, np.zeros((16, 16, 3), np.uint8))
        return sign_embedded(path, path, claim, identity).word


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rehearsal:
    """A stage made by our own code, on which kernels are compiled and engines timed; nothing of it is delivered."""

    subject_sha256: str


def rehearse(folder: Path, now: Callable[[], datetime]) -> Permit:
    """A permit for a rehearsal, asked for at the gate like any other, with its own records in ``folder``."""
    desk = opened(make_home(folder, production="rehearsal"), now)
    subject = _Rehearsal(subject_sha256=canonical_sha256("rehearsal"))
    use = UseRequest(
        gate="admit",
        subject_sha256=subject.subject_sha256,
        production="rehearsal",
        declaration=Declaration(
            purpose="previs", final=False, requester="set-up", answers=tuple((name, "yes") for name in PRINCIPLES)
        ),
        tools=(ToolUse(name="engines", external=False),),
    )
    cleared = admit(subject, use, office=desk.office, now=now(), about="rehearsal")
    given = permit(cleared, use, office=desk.office, database=desk.home.database)
    desk.close()
    return given
