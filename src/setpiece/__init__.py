"""Setpiece: authored first, generated second, cleared always.

Importing this package is light: numpy-free, Blender-free, torch-free. Rooms import what they need where they need it.
"""

__version__ = "0.1.0"
