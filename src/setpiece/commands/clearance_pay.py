"""``clear pay``: what is owed, the statement of one performer, and what is not paid yet."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any

import typer

from setpiece.commands.clearance_desk import HomeOption, Json, absent, room, tell
from setpiece.commands.clearance_records import Form, enter, tell_entered
from setpiece.core.errors import BriefError, ClearanceRefused

app = typer.Typer(no_args_is_help=True, help="What is owed to performers.")


@app.command("statement")
def statement(
    performer: Annotated[str, typer.Argument(metavar="PERFORMER", help="Id of the performer.")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FOLDER", help="Where CSV and PDF go.")] = Path(),
    font: Annotated[Path | None, typer.Option(metavar="FILE", help="TrueType font for names in other scripts.")] = None,
    home: HomeOption = None,
    as_json: Json = False,
) -> None:
    """Write the statement of PERFORMER: everything that this production owes them, as CSV and PDF."""
    from setpiece.clearance.records import Obligation, Performer, Production
    from setpiece.clearance.statements import statement_of, to_csv, to_pdf
    from setpiece.media.files import write_bytes

    with room(home) as here, here.read() as tx:
        who = tx.get(Performer, performer)
        if who is None:
            raise absent("performer", performer, tuple(item.id for item in tx.find(Performer)))
        production = tx.get(Production, here.home.production)
        if production is None:
            raise ClearanceRefused("the production is not on record", remedy="setpiece clear production FILE")
        owed = tx.find(Obligation, performer=performer, production=production.id)
        made = statement_of(who, production, owed, as_of=here.now.date())
    name = f"statement-{performer}-{production.id}-{made.as_of.isoformat()}".replace("/", "-")
    sheets = {out / f"{name}.csv": to_csv(made), out / f"{name}.pdf": to_pdf(made, font=font)}
    for path, data in sheets.items():
        write_bytes(path, data)
    sums = [{"currency": item.currency, "amount": str(item.amount), "unpaid": str(item.unpaid)} for item in made.totals]
    value = {"performer": performer, "files": [str(path) for path in sheets], "lines": len(made.lines), "totals": sums}
    totals = [f"{item['amount']} {item['currency']} owed, {item['unpaid']} of it not paid" for item in sums]
    tell(as_json, value, *(totals or ["nothing is recorded as owed"]), *(str(path) for path in sheets))


@app.command("obligation")
def obligation(file: Form, home: HomeOption = None, as_json: Json = False) -> None:
    """Enter an obligation from a form, or what it says from now on: invoiced, paid."""
    from setpiece.clearance import documents

    record = documents.read(file, kind="obligation")
    with room(home) as here:
        entry = enter(here, record)
    tell_entered(record, entry, as_json=as_json)


@app.command("table")
def table() -> None:
    """Print a blank pay table: floors and benefit rates, each with its source. It belongs in clearance/pay.toml."""
    from setpiece.clearance.pay import blank_table

    typer.echo(blank_table(), nl=False)


@app.command("owed")
def owed(
    performer: Annotated[str, typer.Argument(metavar="PERFORMER", help="Id of the performer.")],
    basis: Annotated[str, typer.Option(help="scan, replica_days, independent_fee or background_day.")],
    subject: Annotated[str, typer.Option(metavar="ID", help="What it is for: id of the scan, the replica or the work.")],
    day: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Which day decides the rate.")],
    days: Annotated[str | None, typer.Option(help="Days scanned, or otherwise worked: 1.5.")] = None,
    fee: Annotated[str | None, typer.Option(help="What was bargained, for independent_fee.")] = None,
    id: Annotated[str | None, typer.Option(help="Id of the obligation. [default: SUBJECT-BASIS]")] = None,
    table: Annotated[Path | None, typer.Option(metavar="FILE", help="The pay table. [default: clearance/pay.toml]")] = None,
    home: HomeOption = None,
    as_json: Json = False,
) -> None:
    """Compute what PERFORMER is owed, from rate, days, floors and benefit rates, and enter it."""
    from setpiece.clearance.pay import Work, obligation, read_table
    from setpiece.clearance.records import Performer, Production

    work = Work(id=id or f"{subject}-{basis}", basis=basis, subject=subject, day=day.date(),
                days=_amount(days, "--days"), fee=_amount(fee, "--fee"))  # fmt: skip
    with room(home) as here:
        with here.read() as tx:
            who = tx.get(Performer, performer)
            known = tuple(item.id for item in tx.find(Performer))
            production = tx.get(Production, here.home.production)
        if who is None:
            raise absent("performer", performer, known)
        if production is None:
            raise ClearanceRefused("the production is not on record", remedy="setpiece clear production FILE")
        record = obligation(
            work, performer=who, production=production, table=read_table(table or here.home.folder / "pay.toml")
        )
        entry = enter(here, record)
    tell_entered(record, entry, as_json=as_json)
    if not as_json:
        plans = f", and {record.benefit_rate} of it to benefit plans" if record.benefit_rate else ""
        typer.echo(f"{record.amount} {record.currency}{plans}{', residuals follow' if record.residuals else ''}")


def _amount(text: str | None, name: str) -> Decimal | None:
    try:
        return None if text is None else Decimal(text)
    except InvalidOperation:
        raise BriefError(f"{name} {text} is no number", remedy=f"write {name} 1.5") from None


@app.command("status")
def status(home: HomeOption = None, as_json: Json = False) -> None:
    """Tell what is recorded, invoiced and paid, performer by performer; what lacks a figure blocks delivery."""
    from setpiece.clearance.records import Obligation

    with room(home) as here, here.read() as tx:
        owed = tx.find(Obligation, production=here.home.production)
    rows = [_row(item) for item in sorted(owed, key=lambda item: (item.performer, item.id))]
    lines = [
        f"{row['performer']}  {row['id']}  {row['basis']}  {row['amount'] or 'NO AMOUNT'} {row['currency']}  {row['status']}"
        for row in rows
    ]
    unpaid = [item for item in owed if item.status != "paid"]
    for currency in sorted({item.currency for item in unpaid}):
        amount = sum((item.amount or Decimal(0) for item in unpaid if item.currency == currency), Decimal(0))
        lines.append(f"not paid yet: {amount} {currency}")
    tell(as_json, rows, *(lines or ["nothing is recorded as owed"]))


def _row(item: Any) -> dict[str, str | None]:
    return {
        "performer": item.performer,
        "id": item.id,
        "basis": item.basis,
        "amount": None if item.amount is None else str(item.amount),
        "currency": item.currency,
        "status": item.status,
    }
