"""Runs the migrations on the connection that :mod:`..migrate` hands over, in its transaction."""

from __future__ import annotations

from alembic import context

from setpiece.clearance.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
context.run_migrations()
