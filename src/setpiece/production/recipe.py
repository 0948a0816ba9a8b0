"""What a department gives to production: one recipe, three methods."""

from __future__ import annotations

from typing import Protocol

from setpiece.core.clearance import Cleared, Permit
from setpiece.core.progress import Progress
from setpiece.intake.brief import Brief
from setpiece.media.certificates import SigningIdentity
from setpiece.media.credentials import Clearance
from setpiece.production.job import Delivery, ShotJob, TakeResult
from setpiece.production.workspace import Workspace


class Recipe(Protocol):
    """How a department turns a brief into a take. Everything it makes lies in the workspace; all of it can resume.

    ``sources`` names the modules whose code, with all that they import of ours, decides a frame: a take is begun and
    finished by one version of it.
    """

    @property
    def sources(self) -> tuple[str, ...]:
        """As for :meth:`setpiece.production.steps.Steps.once`."""

    def infer(self, workspace: Workspace, brief: Brief, progress: Progress) -> None:
        """Fill in what the brief leaves open (camera, scale, matte, light…), from ``brief.stated()``, and write it
        back with :func:`setpiece.intake.brief.write_inferred`. Makes no pixel of the take."""

    def make_take(self, job: Cleared[ShotJob], permit: Permit, workspace: Workspace, progress: Progress) -> TakeResult:
        """Make the frames of the job that are not there yet, under ``workspace.take(job.value.version)``, and return
        the take with all of the job's frames. ``permit`` is checked before each frame, by whoever makes it."""

    def deliver(
        self,
        take: Cleared[TakeResult],
        shown: Clearance,
        identity: SigningIdentity,
        workspace: Workspace,
        progress: Progress,
    ) -> Delivery:
        """Movies, contact sheet, report, USD…: whatever the brief asks for, marked as the evidence says, and signed by
        ``identity`` with ``shown`` in every credential."""
