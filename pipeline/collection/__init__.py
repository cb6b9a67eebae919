"""Many rows from a manifest: planned, run, resumed and reported."""
