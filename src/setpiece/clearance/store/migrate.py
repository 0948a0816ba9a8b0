"""Bringing a database to the newest form, whoever opens it first. A database from a later version is refused."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from setpiece.core.errors import RecordDamaged

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x5E79_1ECE
HEAD = "0001"  # a test compares it with the newest file there


def configuration() -> Config:
    """Alembic's configuration for our migrations."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def migrate(engine: Engine) -> None:
    """Migrate to :data:`HEAD`, one process at a time. RecordDamaged for a version that this code does not know."""
    with engine.connect() as connection:
        if _revision(connection) == HEAD:
            return
        connection.rollback()
        from alembic import command  # takes a tenth of a second, and is hardly ever needed

        with connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            current = _revision(connection)
            if current == HEAD:
                return
            config = configuration()
            if current is not None:
                _refuse_unknown(config, current)
            config.attributes["connection"] = connection
            command.upgrade(config, HEAD)


def _revision(connection: Connection) -> str | None:
    """The form that a database is in; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _refuse_unknown(config: Config, current: str) -> None:
    from alembic.script import ScriptDirectory
    from alembic.util.exc import CommandError

    try:
        ScriptDirectory.from_config(config).get_revision(current)
    except CommandError as fault:
        raise RecordDamaged(
            f"the records are of version {current}, this Setpiece knows up to {HEAD}",
            remedy="open them with the newer version that wrote them",
        ) from fault
