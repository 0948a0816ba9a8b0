"""The report of a take: one HTML file that holds its own pictures and can be mailed, archived and printed.

Place in the flow: after movies and contact sheet, before the manifest. It reads no clock and no network, runs no script
and names no folder that it is not given. Everything that was guessed stands there with its confidence, and every
decision of clearance with its findings.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from setpiece.core.arrays import Display
from setpiece.core.clearance import Evidence, Outcome
from setpiece.core.timing import FrameRange
from setpiece.deliver.burn_in import rate_text
from setpiece.deliver.frames import Provenance
from setpiece.deliver.lettering import fitted
from setpiece.media.files import write_text

SCHEMA = "setpiece.report/1"
_WIDEST = 1920  # px: wider pictures are scaled down before they are embedded


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A picture (h, w, 3), uint8, with what it shows."""

    title: str
    caption: str
    pixels: Display


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One setting or inferred value. ``stated``: it came from a person. ``confidence`` in 0..1, None where there is
    nothing to be unsure about. ``note`` says how it was found."""

    name: str
    value: str
    stated: bool = True
    confidence: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Values under one heading: "Camera", "Building", "Dust" ..."""

    title: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One thing delivered: its role, its path relative to the report, its size; "" where a folder has no one hash."""

    role: str
    path: str
    size: int
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything the report says. ``date`` and timings are passed in. ``machine`` describes what it ran on in words."""

    provenance: Provenance
    frames: FrameRange
    size: tuple[int, int]
    date: str
    plate: str
    plate_sha256: str
    hero: Display | None
    contact_sheet: Display | None
    figures: tuple[Figure, ...]
    sections: tuple[Section, ...]
    timings_s: tuple[tuple[str, float], ...]
    clearance: tuple[Evidence, ...]
    warnings: tuple[str, ...]
    outputs: tuple[Output, ...]
    hashes: tuple[tuple[str, str], ...] = ()
    machine: str = ""


def render_report(report: Report) -> str:
    """The HTML of a report; equal reports give equal text."""
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

    environment = Environment(
        loader=PackageLoader("setpiece.deliver", "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(bytes=bytes_text, seconds=seconds_text, picture=embedded, short=lambda text: text[:12])
    total = sum(seconds for _, seconds in report.timings_s)
    return environment.get_template("report.html.j2").render(
        r=report,
        schema=SCHEMA,
        rate=rate_text(report.frames.rate),
        duration=f"{float(len(report.frames) / report.frames.rate):.2f} s",
        inferred=[(section.title, value) for section in report.sections for value in section.values if not value.stated],
        total_s=total,
        longest_s=max((seconds for _, seconds in report.timings_s), default=0.0),
        per_frame_s=total / len(report.frames),
        verdict=verdict(report.clearance),
    )


def write_report(path: Path, report: Report) -> Path:
    """Write the report, whole or not at all. Raises :class:`OutputFailed`."""
    write_text(path, render_report(report))
    return path


def verdict(clearance: Sequence[Evidence]) -> str:
    """The strictest outcome among decisions, BLOCK where there is none: what nobody decided is not allowed.

    >>> verdict(())
    'BLOCK'
    """
    order = [Outcome.ALLOW, Outcome.NEEDS, Outcome.BLOCK]
    outcomes = [evidence.decision.outcome for evidence in clearance]
    return max(outcomes, key=order.index, default=Outcome.BLOCK).value


def embedded(pixels: Display) -> str:
    """A picture as a ``data:`` address: JPEG, 4:4:4, at most 1920 px wide."""
    from PIL import Image

    height, width = pixels.shape[:2]
    if width > _WIDEST:
        pixels, _ = fitted(pixels, (_WIDEST, round(height * _WIDEST / width)))
    packed = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(packed, "JPEG", quality=88, subsampling=0, optimize=True)
    return "data:image/jpeg;base64," + base64.b64encode(packed.getvalue()).decode("ascii")


def bytes_text(size: int) -> str:
    """A size as people read it.

    >>> bytes_text(812), bytes_text(4_700_000), bytes_text(2_310_000_000)
    ('812 B', '4.7 MB', '2.31 GB')
    """
    if size < 1000:
        return f"{size} B"
    if size < 1_000_000:
        return f"{size / 1e3:.0f} kB"
    if size < 1_000_000_000:
        return f"{size / 1e6:.1f} MB"
    return f"{size / 1e9:.2f} GB"


def seconds_text(seconds: float) -> str:
    """A duration as people read it.

    >>> seconds_text(0.042), seconds_text(8.31), seconds_text(134)
    ('0.04 s', '8.3 s', '2 min 14 s')
    """
    if seconds < 1:
        return f"{seconds:.2f} s"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s"
