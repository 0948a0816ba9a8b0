"""The likeness guard: faces found and accounted for, names of performers found in prompts (L1)."""
