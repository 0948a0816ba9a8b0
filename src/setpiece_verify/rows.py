"""Each record against the leaf that commits to it, and each leaf against the records that are there.

A row is ``table`` with columns, ``sequence`` (its leaf), ``salt`` and ``body`` (canonical JSON). SHA-256 of salt and body
is the leaf's ``content``. Every other column that has a name in ``body`` repeats it. An ``id`` is the body's own ``id``
or ``weights_sha256``, the hash of the body, or, of a strike, ``union:first_day``. What a later leaf ``replaces`` stands in
``contents``, everything else in its own table. Only a leaf that an ``erased`` entry names may lack its row.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from setpiece_verify.report import Fault

_HOME = {"decision": "decisions"}


class Rows:
    """Checks rows one by one; :meth:`finish` says which are gone."""

    def __init__(self, size: int, replaced: Mapping[int, int], erased: set[int]) -> None:
        self.count = 0
        self.faults: list[Fault] = []
        self._replaced, self._erased = replaced, erased
        self._seen = bytearray(size)

    def check(self, table: str, row: Mapping[str, Any], leaf: str | None) -> None:
        """One row, with the text of its leaf."""
        self.count += 1
        sequence = row["sequence"]
        name = f"{table} {row.get('id') or sequence} (entry {sequence})"
        if leaf is None or not 0 <= sequence < len(self._seen):
            self._fault(name, "no entry of the log commits to this row")
            return
        if self._seen[sequence]:
            self._fault(name, "another row rests on the same entry")
        self._seen[sequence] = 1
        salt, body = row["salt"], row["body"]
        if salt is None or body is None:
            if sequence not in self._erased:
                self._fault(name, "its content is gone, and no entry says that it was erased")
            return
        stated = json.loads(leaf)
        if sha256(salt + body.encode()).hexdigest() != stated["content"]:
            self._fault(name, "the row was changed by hand: it is not what its entry commits to")
            return
        self._columns(name, row, body, stated["public"])
        self._place(name, table, sequence, stated["kind"])

    def finish(self) -> None:
        """Name every leaf whose row is gone without having been erased."""
        missing = self._seen.find(0)
        while missing >= 0:
            if missing not in self._erased:
                self._fault(f"entry {missing}", "the row that it commits to was deleted")
            missing = self._seen.find(0, missing + 1)

    def _columns(self, name: str, row: Mapping[str, Any], text: str, public: Mapping[str, Any]) -> None:
        body = json.loads(text)
        for column, value in row.items():
            if column in {"sequence", "salt", "body"}:
                continue
            if column == "id":
                strike = f"{body.get('union')}:{body.get('first_day')}"
                own = body.get("id", body.get("weights_sha256"))
                right = value == own or (own is None and value in {strike, sha256(text.encode()).hexdigest()})
            else:
                right = value == body.get(column, value) and value == public.get(column, value)
            if not right:
                self._fault(name, f"its column {column} was changed by hand: {value!r} is not what was recorded")

    def _place(self, name: str, table: str, sequence: int, kind: str) -> None:
        later = self._replaced.get(sequence)
        if later is not None and table != "contents":
            self._fault(name, f"it says again what entry {later} replaced")
        if later is None and kind == "record" and table in {"contents", "decisions"}:
            self._fault(name, "it was moved away from the records")
        if kind == "decision" and table != _HOME[kind]:
            self._fault(name, "it was moved away from the decisions")

    def _fault(self, where: str, what: str) -> None:
        self.faults.append(Fault(where=where, what=what))
