"""The records of clearance in a real database, SQLite or PostgreSQL, each change with its log entry in one transaction."""

from __future__ import annotations

from setpiece.clearance.store.store import Store as Store
from setpiece.clearance.store.transaction import Transaction as Transaction
