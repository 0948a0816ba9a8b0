"""The street of the demo plate: a derelict factory, built, lit and photographed by our own code.

Nothing is loaded: every surface, leaf, pane and cloud is computed from the numbers in ``layout`` and one seed.
``layout`` (numbers) -> ``building``, ``windows``, ``ground``, ``plants``, ``dressing``, ``sky`` -> ``render`` -> ``finish``.
"""
