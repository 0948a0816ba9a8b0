"""One job on a ComfyUI server from queue to result: waiting, lost lines, restarts, time-outs, cancelling.

What counts is ``/history`` and ``/queue``; the web socket only says when to look and how far it is. A job is known by
an id that follows from what was asked (:func:`job_id`), so that a run that was killed finds its own job again.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from setpiece.core.errors import OutputFailed, SetpieceError, WorkerFailed
from setpiece.generate.engines.comfyui.client import Busy, Client, Remote, ServerAway, remote
from setpiece.generate.engines.comfyui.events import Ear
from setpiece.media.files import read_json, write_json

SCHEMA = "setpiece.comfyui-job/1"
ATTEMPTS = 2  # a job that the server lost is queued again, once
_OURS = uuid.UUID("6d1f6c1e-58b1-5a0c-9c59-5f0f3f6ad0f4")


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How long is waited, seconds. ``job_s`` counts from when the job runs, ``queue_s`` while it stands in the queue,
    ``away_s`` while the server cannot be reached; ``look_s`` lies between two looks at the history."""

    job_s: float = 3600.0
    queue_s: float = 6 * 3600.0
    away_s: float = 300.0
    look_s: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Time, as an argument."""

    now: Callable[[], float] = field(default=time.monotonic)
    sleep: Callable[[float], None] = field(default=time.sleep)


T = TypeVar("T")
Tell = Callable[[str, int, int], None]  # note, done, total


def job_id(key: str, attempt: int) -> str:
    """The id under which the ``attempt``-th (1, 2) job of ``key`` is queued: equal asks, equal ids."""
    return str(uuid.uuid5(_OURS, f"{key}/{attempt}"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is written down beside the pictures: for a run that was killed."""

    key: str
    attempt: int
    prompt_id: str
    schema: str = SCHEMA


def standing(file: Path, key: str) -> Standing | None:
    """What stands in ``file`` about ``key``; None where it is absent, damaged or of another key (it is then queued)."""
    try:
        told = read_json(file)
        if told["schema"] != SCHEMA or told["key"] != key or not 1 <= int(told["attempt"]) <= ATTEMPTS:
            return None
        return Standing(key=key, attempt=int(told["attempt"]), prompt_id=str(told["prompt_id"]))
    except (SetpieceError, KeyError, TypeError, ValueError):
        return None


def run_job(
    client: Client,
    ear: Ear,
    prompt: Callable[[int], Mapping[str, Any]],
    *,
    key: str,
    output: str,
    count: int,
    client_id: str,
    file: Path,
    waits: Waits,
    clock: Clock,
    tell: Tell,
    check: Callable[[], None],
    least: int = 1,
) -> tuple[tuple[Remote, ...], int]:
    """(the files that node ``output`` saved, the attempt that made them), ``count`` of them.

    ``prompt(attempt)`` is the workflow to queue, ``file`` where the state stands, ``check`` what is asked before
    anything is queued (the permit), ``least`` the first attempt that is good enough.

    Raises :class:`WorkerFailed` (node errors, time-outs, lost twice, interrupted).
    """
    stood = standing(file, key)
    if stood is not None and stood.attempt < least:
        stood = None
    attempt = stood.attempt if stood else least
    known = stood.prompt_id if stood else job_id(key, attempt)
    entry = answered(lambda: client.look(known), waits, clock, tell)
    adopted = False
    if entry[0] == "unknown" or (entry[0] == "done" and not _succeeded(entry[2])):
        if stood is not None and entry[0] == "unknown" and attempt < ATTEMPTS:
            attempt += 1
            tell("the server lost the job (was it restarted?): queued again", 0, 0)
        elif entry[0] == "done":  # failed in an earlier run: the user has run the command again
            _forget(client, known)
        known = _queue(client, prompt, key, attempt, client_id, file, waits, clock, tell, check)
    else:
        adopted = True
        tell("found on the server, where an earlier run queued it", 0, 0)
    try:
        while True:
            found = _wait(client, ear, known, waits, clock, tell)
            if found is not None and adopted and _was_interrupted(found):
                adopted = False  # the earlier run took it off, and its end came only now
                _forget(client, known)
                known = _queue(client, prompt, key, attempt, client_id, file, waits, clock, tell, check)
                continue
            if found is not None:
                return _outputs(found, output, count), attempt
            if attempt >= ATTEMPTS:
                raise WorkerFailed(
                    "the ComfyUI server lost the job twice", remedy="look at its log (memory?) and run the same command again"
                )
            attempt += 1
            tell("the server lost the job (was it restarted?): queued again", 0, 0)
            known = _queue(client, prompt, key, attempt, client_id, file, waits, clock, tell, check)
    except KeyboardInterrupt:
        with suppress(SetpieceError):
            client.cancel(known)
        raise


def _forget(client: Client, prompt_id: str) -> None:
    """Take a failed job out of the server's history, so that its id speaks of the next one."""
    with suppress(SetpieceError):
        client.forget(prompt_id)


def _queue(
    client: Client, prompt: Callable[[int], Mapping[str, Any]], key: str, attempt: int, client_id: str, file: Path,
    waits: Waits, clock: Clock, tell: Tell, check: Callable[[], None],
) -> str:  # fmt: skip
    """Queue; what is written down before tells a run that is killed in between where to look."""
    check()
    wanted = job_id(key, attempt)
    graph = answered(lambda: prompt(attempt), waits, clock, tell)
    write_json(file, Standing(key=key, attempt=attempt, prompt_id=wanted))

    def ask() -> str:
        state, _, entry = client.look(wanted)  # an answer may have been lost after the server had queued it
        if state in ("pending", "running") or (state == "done" and _succeeded(entry)):
            return wanted
        return client.queue(graph, prompt_id=wanted, client_id=client_id)

    given = answered(ask, waits, clock, tell)
    if given != wanted:
        write_json(file, Standing(key=key, attempt=attempt, prompt_id=given))
    return given


def answered(ask: Callable[[], T], waits: Waits, clock: Clock, tell: Tell) -> T:
    """``ask()``, again while the server is away (``away_s``) or takes nothing more (``queue_s``)."""
    since, pause = clock.now(), min(0.5, waits.look_s)
    while True:
        try:
            return ask()
        except (ServerAway, Busy) as error:
            limit = waits.queue_s if isinstance(error, Busy) else waits.away_s
            if clock.now() - since + pause > limit:
                raise
            tell("the server is full: waiting" if isinstance(error, Busy) else "the server is away: waiting", 0, 0)
            clock.sleep(pause)
            pause = min(pause * 2, waits.look_s)


def _wait(client: Client, ear: Ear, prompt_id: str, waits: Waits, clock: Clock, tell: Tell) -> Mapping[str, Any] | None:
    """The history of the job once it is done, None where the server knows it no longer."""
    since, state, hurry, said = clock.now(), "", 0, ""
    while True:
        now_state, place, entry = answered(lambda: client.look(prompt_id), waits, clock, tell)
        if now_state == "done":
            return _mapping(entry)
        if now_state == "unknown":
            return None
        if now_state != state:
            state, since = now_state, clock.now()
        limit = waits.job_s if state == "running" else waits.queue_s
        if clock.now() - since > limit:
            with suppress(SetpieceError):
                client.cancel(prompt_id)
            what = "ran" if state == "running" else "stood in the queue"
            raise WorkerFailed(
                f"the job {what} for more than {limit:.0f} s on the ComfyUI server and was cancelled",
                remedy="give it longer, or ask for a smaller window or fewer steps",
            )
        note = f"place {place} in the queue" if state == "pending" else "running"
        if note != said:
            tell(note, 0, 0)
        said = note
        hurry = _listen(ear, prompt_id, waits.look_s if hurry == 0 else 0.05, clock, tell, hurry)


def _listen(ear: Ear, prompt_id: str, seconds: float, clock: Clock, tell: Tell, hurry: int) -> int:
    """Hear what comes within ``seconds``; how many short looks are due (the end is told before the history has it)."""
    until = clock.now() + seconds
    if not ear.open():
        clock.sleep(min(seconds, 1.0))
        return max(hurry - 1, 0)
    while (rest := until - clock.now()) > 0:
        event = ear.hear(rest)
        if event is None:
            if not ear.connected:  # look at once: a restart loses jobs
                clock.sleep(min(rest, 0.05))
                return max(hurry - 1, 0)
            break
        if event.prompt_id not in ("", prompt_id):
            continue
        if event.over and event.prompt_id == prompt_id:
            return 20
        if event.kind in ("progress", "progress_state") and event.total > 0:
            tell(f"node {event.node}", int(event.done), int(event.total))
        elif event.kind == "status" and event.left == 0:
            return 1  # nobody's job is left: ours may be done, or lost
    return max(hurry - 1, 0)


def _succeeded(entry: object) -> bool:
    status = _mapping(_mapping(entry).get("status"))
    return status.get("status_str", "success") == "success" and status.get("completed", True) is True


def _was_interrupted(entry: Mapping[str, Any]) -> bool:
    """Whether a job ended because somebody took it off."""
    messages = _mapping(entry.get("status")).get("messages")
    kinds = [message[0] for message in messages if isinstance(message, list) and message] if isinstance(messages, list) else []
    return not _succeeded(entry) and "execution_interrupted" in kinds


def _outputs(entry: Mapping[str, Any], output: str, count: int) -> tuple[Remote, ...]:
    """The files that node ``output`` saved. Raises :class:`WorkerFailed` naming the node that failed, and why."""
    if not _succeeded(entry):
        raise _failed(entry)
    told = _mapping(_mapping(entry.get("outputs")).get(output))
    files = next((told[k] for k in ("images", "files", "exr", "gifs") if isinstance(told.get(k), list)), None)
    if files is None:
        files = next((v for v in told.values() if isinstance(v, list) and v and isinstance(v[0], Mapping)), [])
    if len(files) != count:
        raise OutputFailed(
            f"the node titled setpiece:output (node {output}) saved {len(files)} pictures where {count} were asked for",
            remedy="let it save every frame of the window, once: no frame is added, dropped or resampled",
        )
    return tuple(remote(file, kinds=("output", "temp")) for file in files)


def _failed(entry: Mapping[str, Any]) -> WorkerFailed:
    messages = _mapping(entry.get("status")).get("messages")
    for message in messages if isinstance(messages, list) else []:
        kind, told = (message[0], _mapping(message[1])) if isinstance(message, list) and len(message) == 2 else ("", {})
        node = f"node {told.get('node_id', '?')} ({told.get('node_type', '?')})"
        if kind == "execution_error":
            why = f"{told.get('exception_type', '')}: {told.get('exception_message', '')}".strip()[:600]
            return WorkerFailed(f"ComfyUI failed in {node}: {why}", remedy="see its log; mend the workflow and run again")
        if kind == "execution_interrupted":
            return WorkerFailed(f"somebody interrupted the job on the ComfyUI server, in {node}", remedy="run again to go on")
    return WorkerFailed("ComfyUI failed and did not say where", remedy="see its log; mend the workflow and run again")


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
