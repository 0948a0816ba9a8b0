"""Frozen values that every room speaks: time, pictures, cameras, stages, layers, clearances, errors; opens no file."""
