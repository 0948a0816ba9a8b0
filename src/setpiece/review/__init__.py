"""Room 8: versions, notes, approvals."""
