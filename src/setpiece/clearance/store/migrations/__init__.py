"""Migrations of the records, oldest first in ``versions``."""
