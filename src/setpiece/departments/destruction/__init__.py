"""Destruction: a plate and a brief become a finished collapse shot."""
