"""Reading by a language model of the user's own: any server with an OpenAI-compatible ``/chat/completions``.

Place in the flow: instead of :mod:`.previs_reader`, where the user configures it in ``previs.toml``, beside the sets or above::

    [reader]
    url = "http://localhost:8080/v1"
    model = "name-of-the-model"
    key_env = "MY_KEY"   # name of an environment variable; left out where the server wants none
    timeout_s = 120

The answer is validated against the schema of the document, like anybody's; what does not fit is refused with the reason. A text
that would leave this machine is refused by the department: no contract of the tool stands on record here.
"""

from __future__ import annotations

import ipaddress
import json
import os
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from setpiece.core.errors import BriefError
from setpiece.core.set_spec import SetSpec
from setpiece.intake.previs_document import specification
from setpiece.intake.previs_schema import PrevisDocument

NAME = "previs.toml"
_KEYS = {"url", "model", "key_env", "timeout_s"}
_MOST_BYTES = 4_000_000
Post = Callable[[str, bytes, dict[str, str], float], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A server that reads. ``key_env`` names the environment variable that holds its key, if it wants one."""

    url: str
    model: str
    key_env: str | None = None
    timeout_s: float = 120.0

    @property
    def external(self) -> bool:
        """Whether the text leaves this machine."""
        host = urlsplit(self.url).hostname or ""
        try:
            return not ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host != "localhost"


def endpoint_of(folder: Path) -> Endpoint | None:
    """The endpoint of the nearest ``previs.toml``, from ``folder`` upwards; None where there is none. Raises BriefError."""
    start = folder.resolve()
    file = next((one / NAME for one in (start, *start.parents) if (one / NAME).is_file()), None)
    if file is None:
        return None
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8")).get("reader", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BriefError(f"cannot be read: {error}", file=file, remedy="mend that line") from error
    if not isinstance(values, dict) or set(values) - _KEYS or not {"url", "model"} <= set(values):
        raise BriefError("has no [reader] with url and model", file=file, remedy=f"its keys are {', '.join(sorted(_KEYS))}")
    if urlsplit(str(values["url"])).scheme not in ("http", "https"):
        raise BriefError(
            f"'{values['url']}' is no address of a server", file=file, remedy='write url = "http://localhost:8080/v1"'
        )
    return Endpoint(
        url=str(values["url"]).rstrip("/"),
        model=str(values["model"]),
        key_env=values.get("key_env"),
        timeout_s=float(values.get("timeout_s", 120.0)),
    )


def read_by(endpoint: Endpoint, text: str, *, kinds: Sequence[str], seed: int, title: str, post: Post | None = None) -> SetSpec:
    """The specification that a server reads out of ``text``. ``post`` sends a body and gives the answer (tests put theirs).

    Raises BriefError where the server cannot be reached, answers something else, or breaks the schema.
    """
    body = json.dumps(_request(endpoint, text, kinds)).encode()
    headers = {"Content-Type": "application/json"}
    if endpoint.key_env is not None:
        key = os.environ.get(endpoint.key_env)
        if not key:
            raise BriefError(
                f"the environment has no {endpoint.key_env}", remedy=f"set {endpoint.key_env}, or take key_env out of {NAME}"
            )
        headers["Authorization"] = f"Bearer {key}"
    address = f"{endpoint.url}/chat/completions"
    answer = (post or _post)(address, body, headers, endpoint.timeout_s)
    values = _answered(answer, address)
    whole = values | {"schema": "setpiece.brief/1", "department": "previs", "seed": seed, "shot": {"name": "set"}}
    if isinstance(whole.get("set"), dict):
        whole["set"] = {"title": title} | whole["set"]
    try:
        spec = specification(PrevisDocument.model_validate(whole))
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in problem["loc"])
        raise BriefError(
            f"the model's answer breaks the schema at '{where}': {problem['msg']}",
            remedy="ask again, take another model, or read without one: take [reader] out",
        ) from error
    strange = sorted({line.kind for line in spec.furnishings} - set(kinds))
    if strange:
        raise BriefError(
            f"the model furnished with what the library has not: {', '.join(strange)}",
            remedy="ask again, or take another model",
        )
    return spec


def _request(endpoint: Endpoint, text: str, kinds: Sequence[str]) -> dict[str, Any]:
    schema = PrevisDocument.model_json_schema(by_alias=True)
    for name in ("schema", "department", "seed", "shot", "declaration"):
        schema["properties"].pop(name, None)
    rules = (
        "Read the description of a film set into JSON of this schema. State what the text says; choose plausible values for "
        "what it does not say; add nothing that it excludes. Metres; colours #rrggbb. 'kind' of a furnishing is one of: "
        f"{', '.join(kinds)}. Answer with the JSON object alone.\n{json.dumps(schema)}"
    )
    return {
        "model": endpoint.model,
        "temperature": 0,
        "response_format": {"type": "json_object"},
        "messages": [{"role": "system", "content": rules}, {"role": "user", "content": text}],
    }


def _post(address: str, body: bytes, headers: dict[str, str], timeout_s: float) -> bytes:
    request = urllib.request.Request(address, data=body, headers=headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=timeout_s) as answer:
            return bytes(answer.read(_MOST_BYTES + 1))
    except urllib.error.HTTPError as error:
        raise BriefError(
            f"{address} answers {error.code} {error.reason}", remedy="check url, model and key in previs.toml"
        ) from error
    except (urllib.error.URLError, TimeoutError, OSError) as error:
        reason = getattr(error, "reason", error)
        raise BriefError(
            f"{address} cannot be reached: {reason}", remedy="start the server, or take [reader] out of previs.toml"
        ) from error


def _answered(answer: bytes, address: str) -> dict[str, Any]:
    """The object in the first choice's message."""
    if len(answer) > _MOST_BYTES:
        raise BriefError(
            f"{address} answers more than {_MOST_BYTES // 1_000_000} MB", remedy="ask again, or take another model"
        )
    try:
        content = json.loads(answer)["choices"][0]["message"]["content"]
        text = str(content).strip().removeprefix("```json").removeprefix("```").removesuffix("```")
        values = json.loads(text)
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise BriefError(f"{address} did not answer with a JSON object", remedy="ask again, or take another model") from error
    if not isinstance(values, dict):
        raise BriefError(f"{address} did not answer with a JSON object", remedy="ask again, or take another model")
    return values
