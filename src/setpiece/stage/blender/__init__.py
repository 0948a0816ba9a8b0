"""Blender in its own process, behind a file contract. Only the worker's modules import bpy."""
