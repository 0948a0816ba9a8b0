"""Kinds of furniture, fittings and dressing: a module each for what a department of props would shelve together."""
