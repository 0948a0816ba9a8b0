"""Wardrobe: the bodies that are dressed. Sizes and measurements stand in :mod:`.measures`."""
