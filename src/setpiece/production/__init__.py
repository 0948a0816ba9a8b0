"""Runs a recipe: order, cache, resume, provenance; enforces the gates."""
