"""Takes of people who never stood there: a still portrait, animated by our own code, with everything about it known.

``portraits`` (a picture out of an installed package, its landmarks, the head's outline) → ``head`` (depth, mattes, mouth,
eyes, the set behind) → ``motion`` (how a person moves) → ``warps`` (where every pixel comes from) → ``take`` (light,
blur, grain: a plate and, through the very same warps, the retouched truth). ``paint`` is what an artist would do to the
canonical picture; ``shots`` names the takes that benchmarks measure on; ``trials`` are the awkward ones.
"""
