"""How many random examples a test draws that names a number: all in `make test-all`, a quarter in `make test`."""

from hypothesis import settings

#: Of the profile that is loaded: `quick` draws fewer than the others.
QUICK = settings().max_examples < settings.get_profile("onmodel").max_examples


def examples(most: int) -> int:
    """Returns how many examples of at most so many a test draws now."""
    return max(4, most // 4) if QUICK else most
