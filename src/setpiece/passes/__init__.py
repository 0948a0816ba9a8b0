"""Room 4: the conventions of depth, normals, motion, mattes and rest position, and their checks."""
