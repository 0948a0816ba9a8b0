"""A small verifier of Setpiece's clearance log, for those who do not trust Setpiece.

It shares no code with what writes the log: standard library, and ``cryptography`` for Ed25519. It reads a SQLite
database, or an export of any database, recomputes the tree of RFC 9162 from the leaves, checks the signed checkpoints
against it, and each record against the leaf that commits to it. It names what was changed; it mends nothing.
"""

from __future__ import annotations

from setpiece_verify.report import Fault as Fault
from setpiece_verify.report import Report as Report
from setpiece_verify.verify import verify as verify
