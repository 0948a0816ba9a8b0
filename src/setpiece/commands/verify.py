"""``verify``: what a stranger may know about a delivery. It needs nothing of the production's."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from setpiece.commands.clearance_desk import Json, tell
from setpiece.core.errors import RecordDamaged


def verify(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A delivery's folder, or one picture or movie of it.")],
    trust: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Certificates that you trust (PEM). [default: nobody's]")
    ] = None,
    as_json: Json = False,
) -> None:
    """Tell whether a delivery is whole, who approved it, under which consents, with which models. Code 11 if not whole."""
    from setpiece.deliver.verify import verify as examine
    from setpiece.media.credentials import TrustList

    report = examine(path, trust=TrustList() if trust is None else TrustList.of(trust))
    value = {
        "path": str(path),
        "whole": report.whole,
        "trusted": report.trusted,
        "development": report.credential.development,
        "files": report.files,
        "faults": [{"file": fault.file, "what": fault.what} for fault in report.faults],
        "lines": list(report.lines),
    }
    tell(as_json, value, *report.lines)
    if not report.whole:
        raise typer.Exit(RecordDamaged.exit_code)
