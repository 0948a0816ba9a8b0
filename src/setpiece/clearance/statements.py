"""A performer's statement: everything owed to one person by one production, as CSV and as a PDF to sign off.

Place in the flow: whenever the performer, their representative or payroll asks. The same record gives the same bytes.
Totals stand per currency and are never added across currencies. Refuses: obligations of somebody else, an amount that
nobody recorded, a name that the font can't write (a statement with a wrong name is worse than none).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from setpiece.clearance.pay import benefits_of
from setpiece.clearance.records import Obligation, Performer, Production
from setpiece.core.errors import CapabilityMissing, ClearanceRefused, DependencyMissing

HEADINGS = ("id", "basis", "for", "days", "rate", "amount", "benefits", "residuals", "status", "currency")
_WORDS = {
    "scan": "scan session",
    "replica_days": "digital replica: days otherwise worked",
    "independent_fee": "independently created replica: fee",
    "background_day": "background replica: day",
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run instead of show


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One obligation as it stands on the statement."""

    id: str
    basis: str
    subject: str
    days: Decimal | None
    rate: Decimal | None
    amount: Decimal
    benefits: Decimal
    residuals: bool
    status: str
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """The sums of one currency. ``unpaid`` is the amount that is recorded or invoiced, not paid."""

    currency: str
    amount: Decimal
    benefits: Decimal
    unpaid: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a production owes a performer as of a day."""

    performer: Performer
    production: Production
    as_of: date
    lines: tuple[Line, ...]
    totals: tuple[Total, ...]


def statement_of(performer: Performer, production: Production, obligations: Iterable[Obligation], *, as_of: date) -> Statement:
    """The statement over ``obligations``, sorted by id whatever their order.

    Raises :class:`ClearanceRefused` where one belongs to somebody else or lacks amount, benefit rate or residual flag.
    """
    lines = tuple(_line(item, performer, production) for item in sorted(obligations, key=lambda item: item.id))
    totals = []
    for currency in sorted({line.currency for line in lines}):
        own = [line for line in lines if line.currency == currency]
        totals.append(
            Total(
                currency=currency,
                amount=sum((line.amount for line in own), Decimal(0)),
                benefits=sum((line.benefits for line in own), Decimal(0)),
                unpaid=sum((line.amount for line in own if line.status != "paid"), Decimal(0)),
            )
        )
    return Statement(performer=performer, production=production, as_of=as_of, lines=lines, totals=tuple(totals))


def _line(owed: Obligation, performer: Performer, production: Production) -> Line:
    if (owed.performer, owed.production) != (performer.id, production.id):
        raise ClearanceRefused(
            f"obligation '{owed.id}' is owed to {owed.performer} by {owed.production}", remedy="state one person's own only"
        )
    if owed.residuals is None:
        raise ClearanceRefused(f"obligation '{owed.id}' does not say whether residuals are due", remedy="record yes or no")
    benefits = benefits_of(owed)
    assert owed.amount is not None  # benefits_of refuses otherwise
    return Line(
        id=owed.id,
        basis=owed.basis,
        subject=owed.subject or "",
        days=owed.days,
        rate=owed.rate,
        amount=owed.amount,
        benefits=benefits,
        residuals=owed.residuals,
        status=owed.status,
        currency=owed.currency,
    )


def to_csv(statement: Statement) -> bytes:
    """The statement as CSV, UTF-8: one row an obligation, then a row of totals for each currency."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("performer", "production", "as of", *HEADINGS))
    who = (_safe(statement.performer.name), _safe(statement.production.title), statement.as_of.isoformat())
    for line in statement.lines:
        table.writerow((*who, *(_safe(cell) for cell in _cells(line))))
    for total in statement.totals:
        sums = ("TOTAL", "", "", "", "", f"{total.amount:f}", f"{total.benefits:f}", "", f"unpaid {total.unpaid:f}")
        table.writerow((*who, *sums, total.currency))
    return text.getvalue().encode("utf-8")


def _cells(line: Line) -> tuple[str, ...]:
    days = "" if line.days is None else f"{line.days:f}"
    rate = "" if line.rate is None else f"{line.rate:f}"
    residuals = "yes" if line.residuals else "no"
    money = (days, rate, f"{line.amount:f}", f"{line.benefits:f}")
    return (line.id, _WORDS.get(line.basis, line.basis), line.subject, *money, residuals, line.status, line.currency)


def _safe(cell: str) -> str:
    """``cell`` so that a spreadsheet shows it and doesn't run it."""
    return "'" + cell if cell.startswith(_FORMULA) else cell


def to_pdf(statement: Statement, *, font: Path | None = None) -> bytes:
    """The statement as PDF, A4, the same bytes each time. ``font``: a TrueType file for names in other scripts.

    Raises :class:`CapabilityMissing` where the font lacks a letter, :class:`DependencyMissing` without reportlab.
    """
    page = _Page(font, statement)
    page.text(16, "Statement of compensation")
    page.text(10, f"{statement.performer.name}   /   {statement.production.title}   /   as of {statement.as_of.isoformat()}")
    page.gap()
    page.row(HEADINGS)
    for line in statement.lines:
        page.row(_cells(line))
    page.gap()
    for total in statement.totals:
        page.text(
            10, f"Total {total.currency} {total.amount:f}, benefit contributions {total.benefits:f}, unpaid {total.unpaid:f}"
        )
    if not statement.lines:
        page.text(10, "Nothing is recorded as owed.")
    page.gap()
    page.text(8, "Residuals are due beyond these sums where marked. Amounts before deductions. Not a legal opinion.")
    return page.finished()


class _Page:
    """A cursor that goes down A4 pages, landscape; sizes in points."""

    WIDTH, HEIGHT, MARGIN, LEADING = 842.0, 595.0, 40.0, 14.0
    COLUMNS = (40.0, 110.0, 300.0, 400.0, 440.0, 500.0, 570.0, 635.0, 690.0, 750.0)

    def __init__(self, font: Path | None, statement: Statement) -> None:
        try:
            import reportlab  # type: ignore[import-untyped]
            from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]
            from reportlab.pdfbase.ttfonts import TTFError, TTFont  # type: ignore[import-untyped]
            from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]
        except ImportError as error:
            raise DependencyMissing("reportlab is not installed", remedy="pip install reportlab, or export CSV") from error
        file = font or Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"
        self.font = f"Statement-{file.stem}"
        try:
            made = TTFont(self.font, str(file))
        except (TTFError, OSError) as error:
            raise ClearanceRefused("is no TrueType font", file=file, remedy="name another font file") from error
        self.letters: Any = made.face.charToGlyph
        self.metrics: Any = pdfmetrics
        pdfmetrics.registerFont(made)
        self.buffer = io.BytesIO()
        self.canvas: Any = Canvas(self.buffer, pagesize=(self.WIDTH, self.HEIGHT), invariant=1)
        self.canvas.setTitle(f"Statement {statement.performer.id} {statement.production.id} {statement.as_of.isoformat()}")
        self.y = self.HEIGHT - self.MARGIN

    def text(self, size: int, text: str) -> None:
        self._down(size + 6)
        self._write(self.MARGIN, text, size)

    def row(self, cells: Sequence[str]) -> None:
        self._down(self.LEADING)
        ends = (*self.COLUMNS[1:], self.WIDTH - self.MARGIN)
        for x, end, cell in zip(self.COLUMNS, ends, cells, strict=True):
            size = 8.0
            while size > 3 and self.metrics.stringWidth(cell, self.font, size) > end - x - 4:
                size -= 0.5
            self._write(x, cell, size)

    def gap(self) -> None:
        self._down(self.LEADING)

    def finished(self) -> bytes:
        self.canvas.save()
        return self.buffer.getvalue()

    def _down(self, by: float) -> None:
        self.y -= by
        if self.y < self.MARGIN:
            self.canvas.showPage()
            self.y = self.HEIGHT - self.MARGIN - by

    def _write(self, x: float, text: str, size: float) -> None:
        lacking = sorted({letter for letter in text if ord(letter) not in self.letters})
        if lacking:
            raise CapabilityMissing(
                f"the letters {' '.join(lacking)}",
                engine="statement font",
                remedy="name a TrueType font that has them, or export CSV",
            )
        self.canvas.setFont(self.font, size)
        self.canvas.drawString(x, self.y, text)
