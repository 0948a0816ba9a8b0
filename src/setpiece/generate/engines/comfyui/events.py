"""What a ComfyUI server tells while it works: its web socket, as values.

A socket is only for the eye: whether a job is done is asked of ``/history`` (:mod:`.client`). A lost socket therefore
loses nothing, and is opened again under the same client id.
"""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from setpiece.core.errors import DependencyMissing
from setpiece.generate.engines.comfyui.client import checked_url

MESSAGE_BYTES = 32 << 20  # previews come this way too
ENDS = frozenset({"execution_success", "execution_error", "execution_interrupted"})
KINDS = ENDS | {
    "status", "execution_start", "execution_cached", "executing", "progress", "progress_state", "executed",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One message. ``kind`` is ComfyUI's own word, ``preview`` for pictures of work in progress, ``other`` for words
    that came after us; ``node`` and ``done`` of ``total`` where it says so; ``left`` is how many jobs the server holds."""

    kind: str
    prompt_id: str = ""
    node: str = ""
    done: float = 0.0
    total: float = 0.0
    left: int | None = None

    @property
    def over(self) -> bool:
        """Whether the job it speaks of has ended, well or not."""
        return self.kind in ENDS or (self.kind == "executing" and not self.node)


def event_of(message: str | bytes) -> Event:
    """The event in a message; what is malformed is ``other``: a socket must never end a job."""
    if isinstance(message, bytes):  # 4 bytes of type, big-endian, then a picture or text
        return Event(kind="preview" if message[:4] in (b"\0\0\0\1", b"\0\0\0\2", b"\0\0\0\4") else "other")
    try:
        told = json.loads(message)
    except (ValueError, RecursionError):
        told = None
    kind = told.get("type") if isinstance(told, Mapping) else None
    data = told.get("data") if isinstance(told, Mapping) else None
    if not isinstance(kind, str) or kind not in KINDS or not isinstance(data, Mapping):
        return Event(kind="other")
    prompt_id = str(data.get("prompt_id", ""))
    node = data.get("node", data.get("node_id"))
    done, total = data.get("value"), data.get("max")
    if kind == "progress_state":
        node, done, total = _busiest(data.get("nodes"))
    return Event(
        kind=kind, prompt_id=prompt_id, node="" if node is None else str(node)[:80],
        done=_number(done), total=_number(total), left=_left(data) if kind == "status" else None,
    )  # fmt: skip


def _busiest(nodes: object) -> tuple[object, object, object]:
    """The node at work in a ``progress_state``, with how far it is."""
    for name, state in nodes.items() if isinstance(nodes, Mapping) else ():
        if isinstance(state, Mapping) and state.get("state") == "running":
            return name, state.get("value"), state.get("max")
    return None, None, None


def _left(data: Mapping[str, Any]) -> int | None:
    status = data.get("status")
    info = status.get("exec_info") if isinstance(status, Mapping) else None
    left = info.get("queue_remaining") if isinstance(info, Mapping) else None
    return left if isinstance(left, int) else None


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and 0 <= value < 1e9 else 0.0


class Ear:
    """The socket of one client id. ``hear`` never raises for what the network does: silence is its answer."""

    def __init__(self, url: str, client_id: str, *, timeout_s: float = 10.0) -> None:
        self._url = checked_url(url)
        self._client_id = client_id
        self._timeout_s = timeout_s
        self._line: Any = None
        self._held = ExitStack()

    def open(self) -> bool:
        """Connect unless connected; False where that fails (it is tried again). Raises :class:`DependencyMissing`."""
        if self._line is not None:
            return True
        try:
            from websockets.exceptions import WebSocketException
            from websockets.sync.client import connect
        except ImportError as error:
            raise DependencyMissing(
                "the Python package 'websockets' is not installed", remedy="pip install 'setpiece[comfyui]'"
            ) from error
        parts = urlsplit(self._url)
        secure = parts.scheme == "https"
        plain, held = None, ExitStack()
        try:
            assert parts.hostname is not None
            # a socket of our own: the library then follows no redirect and asks no proxy
            plain = socket.create_connection((parts.hostname, parts.port or (443 if secure else 80)), timeout=self._timeout_s)
            plain.settimeout(None)
            where = f"{'wss' if secure else 'ws'}://{parts.netloc}{parts.path}/ws?clientId={quote(self._client_id, safe='')}"
            self._line = held.enter_context(connect(
                where, sock=plain, ssl=ssl.create_default_context() if secure else None, compression=None,
                open_timeout=self._timeout_s, close_timeout=1.0, max_size=MESSAGE_BYTES,
            ))  # fmt: skip
        except (OSError, TimeoutError, WebSocketException, EOFError):
            if plain is not None:
                plain.close()
            return False
        self._held = held
        return True

    def hear(self, seconds: float) -> Event | None:
        """The next message within ``seconds``, None for silence or a lost line (which :meth:`open` opens again)."""
        if self._line is None:
            return None
        from websockets.exceptions import ConnectionClosed

        try:
            return event_of(self._line.recv(timeout=seconds))
        except TimeoutError:
            return None
        except (ConnectionClosed, OSError, EOFError, UnicodeDecodeError):
            self.close()
            return None

    @property
    def connected(self) -> bool:
        """Whether there is a line to hear from."""
        return self._line is not None

    def close(self) -> None:
        """Hang up."""
        self._line = None
        with suppress(Exception):  # a farewell that nobody hears is none of a job's business
            self._held.close()
