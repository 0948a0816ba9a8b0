"""Picture and movie files and colour: read, write, convert. Nothing creative, nothing silent."""
