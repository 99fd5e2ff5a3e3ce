"""Our own integrator: Bronstein's decision procedure on towers of python-flint polynomials."""
