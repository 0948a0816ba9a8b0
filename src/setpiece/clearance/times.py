"""Instants as the record writes them."""

from __future__ import annotations

from datetime import UTC, datetime


def rfc3339(now: datetime) -> str:
    """``2026-03-01T12:00:00Z``. A time without a zone is a programming error: ValueError.

    >>> rfc3339(datetime(2026, 3, 1, 12, tzinfo=UTC))
    '2026-03-01T12:00:00Z'
    """
    if now.tzinfo is None:
        raise ValueError("a decision's time needs a time zone")
    return now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
