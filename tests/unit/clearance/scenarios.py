"""Scenario vectors as the tests run them: base, JSON patch (RFC 6902: add, replace, remove), facts in, decision out."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from setpiece.clearance.decide import decide
from setpiece.clearance.plain import revived
from setpiece.clearance.policy import Floor, Policy, Tightening
from setpiece.clearance.records import Facts
from setpiece.clearance.use import UseRequest
from setpiece.core.clearance import Decision, Outcome

VECTORS = Path(__file__).parents[3] / "vectors" / "clearance"


@dataclass(frozen=True)
class Vector:
    rule: str
    name: str
    kind: str
    document: dict[str, Any]  # now, use, facts, policy
    expect: dict[str, Any]

    @property
    def id(self) -> str:
        return f"{self.rule}: {self.name}"


@cache
def vectors() -> tuple[Vector, ...]:
    found = []
    for path in sorted(VECTORS.glob("*.json")):
        document = json.loads(path.read_text())
        assert document["schema"] == "setpiece.vector/1"
        assert document["rule"] == path.stem
        for item in document["vectors"]:
            patched = apply(base(item["base"]), item["patch"])
            found.append(Vector(document["rule"], item["name"], item["kind"], patched, item["expect"]))
    return tuple(found)


def base(name: str) -> dict[str, Any]:
    document = json.loads((VECTORS / "bases" / f"{name}.json").read_text())
    assert document.pop("schema") == "setpiece.vector-base/1"
    return dict(document)


def apply(document: dict[str, Any], patch: list[dict[str, Any]]) -> dict[str, Any]:
    result = copy.deepcopy(document)
    for step in patch:
        *parents, last = step["path"].lstrip("/").split("/")
        node: Any = result
        for key in parents:
            node = node[int(key)] if isinstance(node, list) else node[key]
        if isinstance(node, list):
            if step["op"] == "remove":
                del node[int(last)]
            elif step["op"] == "add":
                node.insert(len(node) if last == "-" else int(last), step["value"])
            else:
                node[int(last)] = step["value"]
        elif step["op"] == "remove":
            del node[last]
        else:
            assert step["op"] == "add" or last in node
            node[last] = step["value"]
    return result


def policy_of(values: dict[str, Any]) -> Policy:
    values = dict(values)
    values["tightenings"] = tuple(
        Tightening(**{**item, "outcome": Outcome(item["outcome"]), "roles": tuple(item.get("roles", ()))})
        for item in values.get("tightenings", ())
    )
    values["holidays"] = tuple(date.fromisoformat(item) for item in values.get("holidays", ()))
    values["floors"] = tuple(
        Floor(
            regime=item["regime"],
            currency=item["currency"],
            per_day=Decimal(item["per_day"]),
            benefit_rate=Decimal(item["benefit_rate"]),
            first_day=date.fromisoformat(item["first_day"]),
        )
        for item in values.get("floors", ())
    )
    return Policy(**values)


def inputs(document: dict[str, Any]) -> tuple[UseRequest, Facts, Policy, datetime]:
    return (
        revived(UseRequest, document["use"]),
        revived(Facts, document["facts"]),
        policy_of(document["policy"]),
        datetime.fromisoformat(document["now"]),
    )


def decided(document: dict[str, Any]) -> Decision:
    return decide(*inputs(document))
