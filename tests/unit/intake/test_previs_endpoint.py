"""Reading by the user's own model: its answer goes through the same schema, and every failure says what to do."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from test_previs_reader import VOCABULARY, reading

from setpiece.core.errors import BriefError
from setpiece.core.set_spec import SetSpec
from setpiece.intake.previs_endpoint import Endpoint, endpoint_of, read_by

KINDS = tuple(kind.name for kind in VOCABULARY)
HERE = Endpoint(url="http://localhost:9/v1", model="m")


def document(spec: SetSpec) -> dict[str, object]:
    """A specification as a model would answer it."""
    values = {name: dataclasses.asdict(getattr(spec, name)) for name in ("walls", "floor", "ceiling", "palette", "light")}
    values["set"] = {name: getattr(spec, name) for name in ("title", "place", "width_m", "depth_m", "height_m", "era", "style")}
    values |= {name: [dataclasses.asdict(row) for row in getattr(spec, name)] for name in ("openings", "furnishings", "views")}
    return json.loads(json.dumps(values))


def answering(content: str) -> Callable[..., bytes]:
    return lambda *_: json.dumps({"choices": [{"message": {"content": content}}]}).encode()


def test_an_answer_that_fits_the_schema_is_the_specification() -> None:
    spec = reading("A kitchen with a red table").spec
    found = read_by(HERE, "text", kinds=KINDS, seed=5, title="T", post=answering(f"```json\n{json.dumps(document(spec))}\n```"))
    assert found.furnishings == spec.furnishings and found.palette == spec.palette and found.seed == 5


def test_the_request_carries_text_schema_and_kinds_to_the_chat_completions() -> None:
    sent: list[tuple[str, dict[str, object]]] = []

    def post(address: str, body: bytes, headers: dict[str, str], timeout_s: float) -> bytes:
        sent.append((address, json.loads(body)))
        return answering(json.dumps(document(reading("A kitchen").spec)))()

    read_by(HERE, "a red kitchen", kinds=KINDS, seed=1, title="T", post=post)
    address, body = sent[0]
    assert address == "http://localhost:9/v1/chat/completions"
    text = json.dumps(body)
    assert "a red kitchen" in text and "furnishings" in text and "armchair" in text


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("I would love to help!", "JSON object"),
        ("[1, 2]", "JSON object"),
        ("{}", "breaks the schema at 'set'"),
        ('{"set": {"width_m": -4}}', "breaks the schema"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_with_the_reason(content: str, says: str) -> None:
    with pytest.raises(BriefError, match=says):
        read_by(HERE, "text", kinds=KINDS, seed=1, title="T", post=answering(content))


def test_a_kind_that_the_model_invented_is_refused_by_name() -> None:
    values = document(reading("A kitchen").spec)
    values["furnishings"] = [{"name": "x", "kind": "hologram"}]
    values["views"] = []
    with pytest.raises(BriefError, match="hologram"):
        read_by(HERE, "text", kinds=KINDS, seed=1, title="T", post=answering(json.dumps(values)))


def test_a_server_that_is_not_there_is_named_with_the_remedy() -> None:
    with pytest.raises(BriefError, match=r"localhost:9/v1/chat/completions cannot be reached.*start the server"):
        read_by(HERE, "text", kinds=KINDS, seed=1, title="T")


def test_a_key_comes_from_the_environment_or_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    wants = Endpoint(url="http://localhost:9/v1", model="m", key_env="NO_SUCH_KEY")
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    with pytest.raises(BriefError, match="NO_SUCH_KEY"):
        read_by(wants, "text", kinds=KINDS, seed=1, title="T", post=answering("{}"))


@pytest.mark.parametrize(
    ("url", "leaves"),
    [("http://localhost:8080/v1", False), ("http://127.0.0.1/v1", False), ("http://[::1]:80", False),
        ("https://api.example.com/v1", True), ("http://10.0.0.4/v1", True)],
)  # fmt: skip
def test_whether_a_text_would_leave_this_machine_is_known(url: str, leaves: bool) -> None:
    assert Endpoint(url=url, model="m").external is leaves


def test_the_nearest_configuration_counts_and_none_is_none(tmp_path: Path) -> None:
    assert endpoint_of(tmp_path) is None or endpoint_of(tmp_path) == endpoint_of(tmp_path.parent)
    below = tmp_path / "show" / "INT_X"
    below.mkdir(parents=True)
    (tmp_path / "previs.toml").write_text('[reader]\nurl = "http://localhost:1/v1/"\nmodel = "far"\n')
    (below.parent / "previs.toml").write_text('[reader]\nurl = "http://localhost:2/v1"\nmodel = "near"\n')
    found = endpoint_of(below)
    assert found is not None and (found.model, found.url) == ("near", "http://localhost:2/v1")


@pytest.mark.parametrize(
    "text",
    [
        "[reader]\nurl = 3",
        '[reader]\nurl = "ftp://x"\nmodel = "m"',
        "not toml [",
        '[reader]\nurl = "http://x"\nmodel = "m"\nkey = "secret"',
    ],
)
def test_a_configuration_that_is_wrong_is_refused_by_its_file(text: str, tmp_path: Path) -> None:
    (tmp_path / "previs.toml").write_text(text)
    with pytest.raises(BriefError) as caught:
        endpoint_of(tmp_path)
    assert caught.value.file == tmp_path / "previs.toml"
