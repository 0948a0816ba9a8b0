"""Previs: from a paragraph to a set that stands, dressed, lit and framed."""
