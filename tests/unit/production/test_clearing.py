"""Opening a production's clearance: what it cannot do is said before anything is decided."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from setpiece.clearance.home import make_home
from setpiece.core.errors import BriefError
from setpiece.production.clearing import opened


def now() -> datetime:
    return datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_url_of_no_database_is_named_with_its_file(tmp_path: Path) -> None:
    with pytest.raises(BriefError, match="names no database") as caught:
        opened(make_home(tmp_path, production="show", database="nonsense"), now)
    assert caught.value.file == tmp_path / "clearance.toml"
