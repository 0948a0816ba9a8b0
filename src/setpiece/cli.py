"""The front door: ``setpiece``. Turns errors into one line and a remedy, with an exit code for each class."""

from __future__ import annotations

import gc
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

import setpiece
from setpiece.commands import clear, clearance, deage, ledger, make, models, previs, shot, verify
from setpiece.core.errors import Interrupted, SetpieceError

_STORY = """A plate and a brief become a finished collapse shot, cleared at both ends.

\b
1  shot new   a folder with a commented brief.yaml for your plate, and your word on five questions
2  (edit it)  whatever says 'auto' will be worked out
3  run        solve, admit, stage, frames, release, delivery
4  status     where the shot stands and what comes next
5  approve    for final use: studio and legal say yes to these very frames
6  deliver    movies, contact sheet, report, USD

\b
setpiece shot new sh010 --plate street.jpg --storeys 4 --declare yes
setpiece run sh010

\b
Or in one line:
setpiece collapse street.jpg -o sh010 --declare yes

Ctrl-C is safe: the same command goes on where it stopped.
"""
_ORDER = (
    "shot",
    "run",
    "status",
    "approve",
    "deliver",
    "deage",
    "previs",
    "collapse",
    "demo",
    "clear",
    "models",
    "ledger",
    "verify",
    "record",
    "doctor",
)


# typer carries its own copy of click: its errors are found through the one that it exports.
_WrongCall = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")


class _InOrder(TyperGroup):
    """Commands in the order of the flow."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Known ones first, in their order."""
        names = super().list_commands(ctx)
        return [name for name in _ORDER if name in names] + [name for name in names if name not in _ORDER]


app = typer.Typer(
    name="setpiece",
    cls=_InOrder,
    help=_STORY,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(shot.app, name="shot", rich_help_panel="The flow, in order")
app.command(rich_help_panel="The flow, in order")(make.run)
app.command(rich_help_panel="The flow, in order")(clear.status)
app.command(rich_help_panel="The flow, in order")(clear.approve)
app.command(rich_help_panel="The flow, in order")(make.deliver)
app.add_typer(deage.app, name="deage", rich_help_panel="The flow, in order")
app.add_typer(previs.app, name="previs", rich_help_panel="The flow, in order")
app.command(rich_help_panel="All at once")(make.collapse)
app.command(rich_help_panel="All at once")(make.demo)
app.add_typer(clearance.app, name="clear", rich_help_panel="Clearance")
app.add_typer(ledger.app, name="ledger", rich_help_panel="Clearance")
app.add_typer(models.app, name="models", rich_help_panel="Clearance")
app.command(rich_help_panel="Clearance")(verify.verify)
app.add_typer(clear.record, name="record", rich_help_panel="Looking after it")


@app.command(rich_help_panel="Looking after it")
def doctor() -> None:
    """Check that every library loads and the disk has room; name what is missing and how to get it."""
    from setpiece.doctor import main as examine

    raise typer.Exit(examine())


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"setpiece {setpiece.__version__}")
        raise typer.Exit


@app.callback()
def front(
    version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_version)] = False,
) -> None:
    """Options before the command."""


front.__doc__ = None  # the story above is the help


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit: 0, the class of a SetpieceError, 2 for a wrong call, 130 for Ctrl-C, 70 else."""
    gc.set_threshold(20_000)  # most of what a command makes while it starts stays: looking for what does not costs a sixth
    signal.signal(signal.SIGTERM, _as_interrupt)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # else a shell told its background job to ignore it
        signal.signal(signal.SIGINT, _as_interrupt)
    sys.exit(run(None if arguments is None else list(arguments)))


def run(arguments: list[str] | None) -> int:
    """Run the command line and return its exit code."""
    try:
        result = app(arguments, standalone_mode=False)
        if result == Interrupted.exit_code:  # how typer hands on Ctrl-C
            raise KeyboardInterrupt
        return result if isinstance(result, int) else 0
    except SetpieceError as error:
        _tell(error)
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        _tell(Interrupted("stopped", remedy="run the same command again: it goes on where it stopped"))
        return Interrupted.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except Exception as error:
        if isinstance(error, _WrongCall):
            error.show()  # type: ignore[attr-defined]
            return int(error.exit_code)  # type: ignore[attr-defined]
        return _apologise(error)


def _tell(error: SetpieceError) -> None:
    where = "" if error.file is None else f"{error.file}: "
    when = "" if error.frame is None else f"frame {error.frame}: "
    print(f"error: {where}{when}{error.message}", file=sys.stderr)
    print(f"remedy: {error.remedy}", file=sys.stderr)


def _apologise(error: Exception) -> int:
    """Keep the traceback for a report and say where; the user's terminal gets one line."""
    handle, name = tempfile.mkstemp(prefix="setpiece-", suffix=".traceback.txt")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(f"setpiece {setpiece.__version__}\n{' '.join(sys.argv)}\n\n")
        traceback.print_exception(error, file=stream)
    print(f"error: a fault of the program, sorry: {type(error).__name__}: {error}", file=sys.stderr)
    print(f"remedy: report it with {Path(name)}; finished frames are kept", file=sys.stderr)
    return 70


class _Stopped(KeyboardInterrupt):
    """A signal to stop. One that passes through ``exec`` of a text (every dataclass is made by one) as KeyboardInterrupt
    itself is remembered by CPython 3.11 as unhandled: ``python -m`` then ends by the signal, whatever exit code we return."""


def _as_interrupt(signum: int, frame: object) -> None:
    raise _Stopped


if __name__ == "__main__":
    main()
