"""The records that clearance decides by: who agreed to what, who owns what, who is owed what.

Frozen values with stable ids, as they come out of the store and as scenario vectors state them. A field that nobody
filled in is None, and None never allows anything. Times are RFC 3339 UTC strings at the edge and aware datetimes here;
dates are calendar dates of the production. Not legal advice, and no claim of compliance with anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Production:
    """A production: the contract regime decides which floors and clocks apply (``S23``, ``S26``, ``none``)."""

    id: str
    title: str
    regime: str | None = None
    photography_start: date | None = None
    jurisdictions: tuple[str, ...] = ()  # "US-CA", "US-NY", "US-TN", "EU", …
    territories: tuple[str, ...] = ()  # where it is released; "world" is everywhere
    union_agreement: bool | None = None  # is union work under an agreement here
    strikes_checked_on: date | None = None  # the day on which the strike calendar was last brought up to date


@dataclass(frozen=True, slots=True, kw_only=True)
class Performer:
    """A person whose likeness or voice may be used. ``daily_rate`` is what they are engaged at."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()
    union: str | None = None
    birth_date: date | None = None
    deceased_on: date | None = None
    daily_rate: Decimal | None = None
    currency: str = "USD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Representative:
    """Who may sign for a performer: ``kind`` is ``agent``, ``guardian``, ``estate``, ``counsel`` or ``union``."""

    id: str
    performer: str
    name: str
    kind: str
    authority_sha256: str | None = None  # the document that proves it
    none_identified: bool = False  # union only: a search found no estate


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a consent allows. An empty tuple of a *limit* field allows none of it; ``("*",)`` allows any.

    ``ages`` is (youngest, oldest) portrayed, inclusive. ``prohibited`` always wins.
    """

    uses: tuple[str, ...] = ()  # kinds of PersonUse
    roles: tuple[str, ...] = ()
    scenes: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    territories: tuple[str, ...] = ()
    ages: tuple[int, int] | None = None
    first_day: date | None = None
    last_day: date | None = None
    prohibited: tuple[str, ...] = ()  # content words: "nudity", "sex", "violence", "advertising", …


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentGrant:
    """A performer's written consent, with its structured scope and the hash of the signed document."""

    id: str
    performer: str
    production: str
    type: str  # employment_replica | independent_replica | background_replica | alteration | synthetic | training
    scope: Scope
    description: str = ""
    signed_on: date | None = None
    separately_signed: bool | None = None
    conspicuous: bool | None = None
    signed_by: str | None = None  # performer's id or a representative's
    represented_by: str | None = None  # counsel or union representative at signing
    document_sha256: str | None = None
    supersedes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentEvent:
    """What became of a grant: ``granted``, ``suspended``, ``resumed`` or ``revoked``, from ``effective`` on."""

    id: str
    grant: str
    kind: str
    effective: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanSession:
    """A scan of a performer: when it was announced, why, and when it took place."""

    id: str
    performer: str
    production: str
    noticed_at: datetime | None = None
    engaged_at: datetime | None = None
    scanned_at: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replica:
    """A digital replica: ``type`` is ``employment``, ``independent``, ``background`` or ``voice``."""

    id: str
    performer: str
    production: str
    type: str
    scan: str | None = None
    custody: str = ""
    biometrics: bool = False
    sources_sha256: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """A right to use something: what, for what, until when, where."""

    id: str
    grantor: str
    uses: tuple[str, ...] = ()  # "training", "inference", "commercial", …
    first_day: date | None = None
    last_day: date | None = None
    territories: tuple[str, ...] = ("*",)
    fee: Decimal | None = None
    document_sha256: str | None = None
    spdx: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetItem:
    """One thing in a dataset: its hash, owner, licence, who is in it, and whether its owner refused mining.

    ``training_mining`` is ``allowed``, ``notAllowed``, ``constrained`` or None where nobody looked.
    ``people_cleared`` holds performers or artists whose grant covers training on this item.
    """

    sha256: str
    owner: str | None = None
    licence: str | None = None
    training_mining: str | None = None
    people: tuple[str, ...] = ()
    people_cleared: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """What a model learned from. ``complete`` is the register's statement that no item is missing."""

    id: str
    name: str
    complete: bool | None = None
    licence: str | None = None
    items: tuple[DatasetItem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model in the register, by the hash of its actual weights.

    ``about_performers`` makes it a talent model (M4). ``training_summary`` holds the AB 2013 fields that are filled in.
    """

    weights_sha256: str
    name: str
    version: str = ""
    base: str | None = None  # weights hash of the model it was tuned from
    licence: str | None = None
    datasets: tuple[str, ...] = ()
    production: str | None = None  # production lock
    about_performers: tuple[str, ...] = ()
    terms_sha256: str | None = None
    training_summary: tuple[tuple[str, str], ...] = ()
    third_party_performances: bool | None = None  # trained on performances licensed from third parties for pay
    public_commercial: bool | None = None  # a generator offered to the public


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """What is owed: ``basis`` is ``scan``, ``replica_days``, ``independent_fee`` or ``background_day``.

    ``days`` may be a fraction. ``status`` is ``recorded``, ``invoiced`` or ``paid``.
    """

    id: str
    performer: str
    production: str
    basis: str
    subject: str | None = None  # scan session, replica or shot
    days: Decimal | None = None
    rate: Decimal | None = None
    amount: Decimal | None = None
    benefit_rate: Decimal | None = None  # share of the amount contributed to benefit plans
    residuals: bool | None = None
    status: str = "recorded"
    currency: str = "USD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A notice to a union: ``kind`` is ``synthetic``, ``training_licence`` or ``transfer``."""

    id: str
    production: str
    kind: str
    union: str
    about: str = ""
    given_on: date | None = None
    bargaining_requested_on: date | None = None
    closed_on: date | None = None
    outcome: str | None = None  # "agreed", "no_request", "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """Days in which a union's members may refuse to work. ``last_day`` None: still on."""

    union: str
    first_day: date
    last_day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A replica handed to somebody else, and what they committed to."""

    id: str
    replica: str
    transferee: str
    commitments_sha256: str | None = None
    union_asked_on: date | None = None
    union_approved_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """A text that tells the audience: ``kind`` is ``deepfake`` or ``synthetic_performer``."""

    id: str
    production: str
    kind: str
    text: str
    placement: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A named person's yes, in a role, to one subject as it was: any change of the subject makes it void."""

    role: str
    person: str
    gate: str
    subject_sha256: str
    at: str  # RFC 3339, UTC
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A named, reasoned loosening of one rule for one subject; shown on the delivery report. C11 takes none."""

    rule: str
    person: str
    role: str
    reason: str
    subject_sha256: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Every record that a rule may look at for one use, as gathered from the store or stated by a vector.

    ``requesters`` is everybody who ever asked for this subject, as compared by :func:`..names.person_key`.
    """

    production: Production | None = None
    performers: tuple[Performer, ...] = ()
    representatives: tuple[Representative, ...] = ()
    grants: tuple[ConsentGrant, ...] = ()
    events: tuple[ConsentEvent, ...] = ()
    scans: tuple[ScanSession, ...] = ()
    replicas: tuple[Replica, ...] = ()
    licences: tuple[Licence, ...] = ()
    datasets: tuple[Dataset, ...] = ()
    models: tuple[Model, ...] = ()
    obligations: tuple[Obligation, ...] = ()
    notices: tuple[Notice, ...] = ()
    strikes: tuple[Strike, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    disclosures: tuple[Disclosure, ...] = ()
    approvals: tuple[Approval, ...] = ()
    overrides: tuple[Override, ...] = ()
    requesters: frozenset[str] = field(default_factory=frozenset)
