"""Each file one step, by number."""
