"""Speaks to a running ComfyUI server: HTTP and nothing but HTTP. Its web socket is heard in :mod:`.events`.

The routes are those of ComfyUI 0.3.64 (``server.py``, October 2025; see ``docs/engines/comfyui.md``), a version that
names the single running job in ``/interrupt`` and lets a client choose its ``prompt_id``. Nothing of ComfyUI is imported: it is
GPL-3.0 and runs in a process of its own, wherever the production has it.

Refused: every URL but http and https, user names in URLs, redirects to another host, answers longer than a stated
bound, file names that are more than a name. What the other side says is data, never a path on this machine.
"""

from __future__ import annotations

import http.client
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote, urlencode, urljoin, urlsplit

from setpiece.core.errors import DependencyMissing, PlateUnreadable, StageError, WorkerFailed

API_VERSION = "0.3.64"
NAME = "comfyui"
JSON_BYTES = 64 << 20  # the longest JSON answer that is read: an /object_info of a laden server has some 5 MB
ERROR_BYTES = 1 << 20
REDIRECTS = 3
SLOWEST = 20  # a whole answer may take this many times the time of its first byte
_PLAIN = re.compile(r"[^/\\\x00-\x1f\x7f:]{1,200}")


class ServerAway(WorkerFailed):
    """The server cannot be reached, or hung up: worth waiting for."""


class Busy(WorkerFailed):
    """The server (or what stands before it) takes no further job for now: worth waiting for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """What ``/system_stats`` says: ComfyUI's version, the first device, its memory, bytes. "unknown" where it does not."""

    version: str
    device: str
    total_bytes: int
    free_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """A file on the server, by the three words that ComfyUI names it with; checked by :func:`remote`."""

    filename: str
    subfolder: str
    kind: str  # output, temp or input

    @property
    def value(self) -> str:
        """How an input of a node names it."""
        return f"{self.subfolder}/{self.filename}" if self.subfolder else self.filename


def remote(told: object, *, kinds: tuple[str, ...]) -> Remote:
    """The file that the server names in ``told``. Raises :class:`WorkerFailed` for names that are more than a name."""
    if not isinstance(told, Mapping):
        raise _broken(f"names a file as {told!r:.80}")
    name, folder, kind = told.get("filename", told.get("name")), told.get("subfolder", ""), told.get("type", "output")
    if not isinstance(name, str) or not _PLAIN.fullmatch(name) or name in (".", ".."):
        raise _broken(f"names a file {name!r:.80}, which is no plain file name")
    parts = folder.replace("\\", "/").split("/") if isinstance(folder, str) and folder else []
    if not isinstance(folder, str) or any(not _PLAIN.fullmatch(part) or part in (".", "..") for part in parts):
        raise _broken(f"names a folder {folder!r:.80}, which leaves its place")
    if kind not in kinds:
        raise _broken(f"names a file of kind {kind!r:.40}, where only {', '.join(kinds)} was asked for")
    return Remote(filename=name, subfolder="/".join(parts), kind=str(kind))


def checked_url(url: str) -> str:
    """``url`` without its trailing slash. Raises :class:`StageError` unless it is http(s), with a host and no user name."""
    try:
        parts = urlsplit(url.strip())
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None and parts.port != 0
        fine = fine and not parts.query and not parts.fragment and re.search(r"[\s\x00-\x1f]", url.strip()) is None
    except ValueError:
        fine = False
    if not fine:
        raise StageError(
            f"'{url}' is not the address of a ComfyUI server",
            remedy="state it as http://host:8188 or https://host, without user name or query",
        )
    return url.strip().rstrip("/")


class Client:
    """The HTTP side of one server. Holds no connection: every call opens one, so that a restarted server is no event.

    ``timeout_s`` is for one answer, not for a job. No proxy of the environment is used.
    """

    def __init__(self, url: str, *, timeout_s: float = 30.0) -> None:
        self.url = checked_url(url)
        self.timeout_s = timeout_s

    def server(self) -> Server:
        """Version and memory. Raises :class:`ServerAway`, :class:`WorkerFailed`."""
        told = self._json("GET", "/system_stats")
        system, devices = _mapping(told.get("system")), told.get("devices")
        first = _mapping(devices[0]) if isinstance(devices, list) and devices else {}
        return Server(
            version=str(system.get("comfyui_version", "unknown"))[:40],
            device=str(first.get("name", "unknown"))[:120],
            total_bytes=_whole(first.get("vram_total")),
            free_bytes=_whole(first.get("vram_free")),
        )

    def node(self, class_type: str) -> Mapping[str, Any]:
        """What the server knows of a node class. Raises :class:`DependencyMissing` where it has none."""
        told = self._json("GET", f"/object_info/{quote(class_type, safe='')}")
        if not isinstance(told.get(class_type), Mapping):
            raise DependencyMissing(
                f"the server at {self.url} has no node '{class_type}'",
                remedy="install the custom node that brings it there, or take it out of the workflow",
            )
        return _mapping(told[class_type])

    def classes(self) -> frozenset[str]:
        """The names of every node class that the server has: some megabytes."""
        return frozenset(map(str, self._json("GET", "/object_info")))

    def upload(self, name: str, data: bytes, *, subfolder: str) -> Remote:
        """Put ``data`` into the server's input folder; the file as the server calls it."""
        boundary = "setpiece-7f6b3c0e5a1d"
        while boundary.encode() in data:
            boundary += "x"
        fields = {"subfolder": subfolder, "type": "input", "overwrite": "true"}
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in fields.items()
        ]
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="image"; filename="{name}"\r\n'
        kind = "image/png" if name.endswith(".png") else "application/octet-stream"
        body = b"".join([*parts, f"{head}Content-Type: {kind}\r\n\r\n".encode(), data, f"\r\n--{boundary}--\r\n".encode()])
        told = self._json("POST", "/upload/image", body, f"multipart/form-data; boundary={boundary}")
        return remote(told, kinds=("input",))

    def queue(self, prompt: Mapping[str, Any], *, prompt_id: str, client_id: str) -> str:
        """Queue a workflow; the id under which the server keeps it (ours, but for versions that choose their own).

        Raises :class:`StageError` naming node and input where the server finds it invalid, :class:`Busy` where it
        takes no more.
        """
        sent = json.dumps({"prompt": prompt, "client_id": client_id, "prompt_id": prompt_id}).encode()
        status, raw = self._ask("POST", "/prompt", sent, "application/json", limit=JSON_BYTES)
        if status in (429, 503):
            raise Busy(f"{self.url} takes no further job (HTTP {status})", remedy="wait for its queue to empty")
        told = _parsed(raw, "/prompt")
        if status == 400 or told.get("node_errors"):
            raise StageError(f"ComfyUI refused the workflow: {refusal(told, prompt)}", remedy="correct it and export it again")
        if status != 200 or not isinstance(told.get("prompt_id"), str):
            raise _status(status, "/prompt", raw)
        return str(told["prompt_id"])[:200]

    def look(self, prompt_id: str) -> tuple[Literal["done", "running", "pending", "unknown"], int, Mapping[str, Any]]:
        """Where a job is: its state, its place in the queue (1 is next, 0 where it does not wait), its history."""
        for _ in range(2):  # a job may step from the queue into the history between two questions
            history = self._json("GET", f"/history/{quote(prompt_id, safe='')}")
            if isinstance(history.get(prompt_id), Mapping):
                return "done", 0, _mapping(history[prompt_id])
            waiting = self._json("GET", "/queue")
            if any(_id(item) == prompt_id for item in _items(waiting, "queue_running")):
                return "running", 0, {}
            pending = sorted(_items(waiting, "queue_pending"), key=_number)
            for place, item in enumerate(pending, 1):
                if _id(item) == prompt_id:
                    return "pending", place + len(_items(waiting, "queue_running")), {}
        return "unknown", 0, {}

    def cancel(self, prompt_id: str) -> None:
        """Take a job out of the queue, or stop it if it runs. Somebody else's job is never stopped."""
        self._ask("POST", "/queue", json.dumps({"delete": [prompt_id]}).encode(), "application/json", limit=ERROR_BYTES)
        running = _items(self._json("GET", "/queue"), "queue_running")
        if any(_id(item) == prompt_id for item in running):  # older servers stop whatever runs
            sent = json.dumps({"prompt_id": prompt_id}).encode()
            self._ask("POST", "/interrupt", sent, "application/json", limit=ERROR_BYTES)

    def forget(self, prompt_id: str) -> None:
        """Take a job out of the server's history."""
        self._ask("POST", "/history", json.dumps({"delete": [prompt_id]}).encode(), "application/json", limit=ERROR_BYTES)

    def fetch(self, file: Remote, *, limit: int) -> bytes | None:
        """The bytes of ``file``, None where the server has it no longer. Raises :class:`WorkerFailed` beyond ``limit``."""
        query = urlencode({"filename": file.filename, "subfolder": file.subfolder, "type": file.kind})
        status, raw = self._ask("GET", f"/view?{query}", limit=limit)
        if status == 404:
            return None
        if status != 200:
            raise _status(status, "/view", raw)
        return raw

    def _json(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> Mapping[str, Any]:
        status, raw = self._ask(method, path, body, kind, limit=JSON_BYTES)
        if status != 200:
            raise _status(status, path, raw)
        return _parsed(raw, path)

    def _ask(self, method: str, path: str, body: bytes | None = None, kind: str = "", *, limit: int) -> tuple[int, bytes]:
        """One question, with redirects within the host followed where they keep the method. Raises :class:`ServerAway`."""
        url = self.url + path
        for _ in range(REDIRECTS + 1):
            status, raw, where = self._once(method, url, body, kind, limit)
            if status not in (301, 302, 303, 307, 308):
                return status, raw
            target = urljoin(url, where)
            if _origin(target) != _origin(self.url) or method != "GET":
                raise WorkerFailed(
                    f"{self.url} sends us on to {target[:120]!r}",
                    remedy="state the address that answers itself: nothing of the shot goes to another host unasked",
                )
            url = target
        raise WorkerFailed(f"{self.url} redirects without end", remedy="state the address that answers itself")

    def _once(self, method: str, url: str, body: bytes | None, kind: str, limit: int) -> tuple[int, bytes, str]:
        parts = urlsplit(url)
        assert parts.hostname is not None
        maker = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        line = maker(parts.hostname, parts.port, timeout=self.timeout_s)
        headers = {"User-Agent": "setpiece", "Accept-Encoding": "identity"} | ({"Content-Type": kind} if kind else {})
        try:
            line.request(method, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), body, headers)
            answer = line.getresponse()
            stated = answer.getheader("Content-Length") or ""
            if stated.isdigit() and int(stated) > limit:
                raise _long(parts.path, limit)
            raw = self._read(answer, parts.path, limit)
            if stated.isdigit() and len(raw) < int(stated):
                raise http.client.IncompleteRead(raw)
            return answer.status, raw, answer.getheader("Location") or ""
        except (OSError, http.client.HTTPException) as error:
            raise ServerAway(
                f"the ComfyUI server at {self.url} does not answer ({str(error) or type(error).__name__})",
                remedy="start it, check the address, and run the same command again: what is done is kept",
            ) from error
        finally:
            line.close()

    def _read(self, answer: http.client.HTTPResponse, path: str, limit: int) -> bytes:
        """The body, bounded in length and in time: a server that drips is away as well."""
        until, parts, size = time.monotonic() + SLOWEST * self.timeout_s, [], 0
        while part := answer.read1(min(limit + 1 - size, 1 << 20)):
            parts.append(part)
            size += len(part)
            if size > limit:
                raise _long(path, limit)
            if time.monotonic() > until:
                raise TimeoutError(f"{size} bytes in {SLOWEST * self.timeout_s:.0f} s")
        return b"".join(parts)


def refusal(told: Mapping[str, Any], prompt: Mapping[str, Any]) -> str:
    """What is wrong with a workflow in the server's words, by node and input.

    >>> refusal({"error": {"message": "Prompt has no outputs", "details": ""}, "node_errors": {}}, {})
    'Prompt has no outputs'
    """
    found = []
    for node_id, fault in _mapping(told.get("node_errors")).items():
        title = _mapping(_mapping(prompt.get(node_id)).get("_meta")).get("title", "")
        node = f"node {node_id} ({_mapping(fault).get('class_type', '?')}{f', {title!r}' if title else ''})"
        errors = _mapping(fault).get("errors")
        for error in errors if isinstance(errors, list) else []:
            name = _mapping(_mapping(error).get("extra_info")).get("input_name")
            where = f"{node}, input '{name}'" if name else node
            found.append(f"{where}: {_mapping(error).get('message', '?')} ({_mapping(error).get('details', '')})")
    if found:
        return "; ".join(found)[:2000]
    error = told.get("error")
    if isinstance(error, Mapping):
        return f"{error.get('message', '?')} {error.get('details') or ''}".strip()[:2000]
    return str(error or "no reason given")[:2000]


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _items(told: Mapping[str, Any], name: str) -> list[Any]:
    found = told.get(name)
    return found if isinstance(found, list) else []


def _id(item: object) -> object:
    return item[1] if isinstance(item, list) and len(item) > 1 else None


def _number(item: object) -> float:
    return float(item[0]) if isinstance(item, list) and item and isinstance(item[0], int | float) else 0.0


def _whole(value: object) -> int:
    return int(value) if isinstance(value, int | float) and value >= 0 else 0


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = -1
    return parts.scheme, (parts.hostname or "").lower(), port or (443 if parts.scheme == "https" else 80)


def _parsed(raw: bytes, path: str) -> Mapping[str, Any]:
    try:
        told = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise _broken(f"answered {path} with something that is no JSON ({raw[:60]!r})") from error
    if not isinstance(told, Mapping):
        raise _broken(f"answered {path} with {type(told).__name__} instead of an object")
    return told


def _status(status: int, path: str, raw: bytes) -> WorkerFailed:
    text = raw[:120].decode("utf-8", "replace").strip()
    said = f"answered {path.split('?', maxsplit=1)[0]} with HTTP {status} ({text})"
    return Busy(f"ComfyUI {said}", remedy="wait for it") if status in (429, 502, 503, 504) else _broken(said)


def _broken(what: str) -> WorkerFailed:
    return WorkerFailed(
        f"ComfyUI {what}", remedy=f"check that a ComfyUI server (routes as of {API_VERSION}) answers at this address"
    )


def _long(path: str, limit: int) -> PlateUnreadable:
    return PlateUnreadable(
        f"ComfyUI's answer to {path} is longer than the {limit / 1e6:.1f} MB that it may be",
        remedy="check what the workflow saves: one picture of the shot's size a frame",
    )
