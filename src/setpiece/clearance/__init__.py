"""Rooms 2 and 7: the gates before the first pixel and before the last, and the record of what they decided."""
