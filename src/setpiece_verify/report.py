"""What a verification found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that is not as it was entered: ``where`` names the row, entry or checkpoint, ``what`` says why."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The result: the log is sound where ``faults`` is empty. ``remarks`` say what could not be checked."""

    size: int
    root: str  # hex
    rows: int
    checkpoints: int
    faults: tuple[Fault, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return not self.faults

    def lines(self) -> tuple[str, ...]:
        """The report for people."""
        found = f"{self.size} entries, {self.rows} records, {self.checkpoints} signed checkpoints, root {self.root}"
        verdict = "the log is whole" if self.sound else f"NOT whole: {len(self.faults)} faults"
        return (found, *(f"fault: {fault}" for fault in self.faults), *(f"note: {note}" for note in self.remarks), verdict)
