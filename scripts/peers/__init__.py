"""Runners of other tools for `make bench-peers`, each for a virtual environment of its own."""
