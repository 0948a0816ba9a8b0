"""``clear``: the front of clearance, in the order in which a production meets it."""

from __future__ import annotations

import typer

from setpiece.commands import clear as gate
from setpiece.commands import clearance_documents, clearance_models, clearance_pay, clearance_people, clearance_records

app = typer.Typer(
    no_args_is_help=True,
    help="Records, consents, pay and rulings of a production. Guide: docs/tutorials/clearance.md",
)
clearance_records.register(app)
app.command("model")(clearance_models.model)
app.add_typer(clearance_documents.app, name="document")
app.add_typer(clearance_pay.app, name="pay")
app.command("approve")(gate.approve)
clearance_people.register(app)
