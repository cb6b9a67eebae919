"""The last handler: whatever was not foreseen becomes an error with one sentence, and keeps its trace for -v."""

from stages.errors import OnmodelError


class UnexpectedError(OnmodelError):
    """An error that no stage foresaw; `__cause__` is the original."""


def explained(error: Exception) -> OnmodelError:
    """Wraps an exception in an error with one sentence for the user; errors that have one stay as they are."""
    if isinstance(error, OnmodelError):
        return error
    if out_of_memory(error):
        words = "there is not enough memory for this: make the photo or the canvas smaller, or close other programs"
    elif isinstance(error, OSError) and error.strerror:
        words = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    else:
        kind = type(error).__name__
        words = f"unexpected: {kind}: {error}" if str(error) else f"unexpected: {kind}"
        words = f"{words[:300]}; this is a fault of onmodel: report it with what -v adds"
    known = UnexpectedError(words)
    known.__cause__ = error
    return known


def out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out, by what the exception's type is called in Python and in torch."""
    return type(error).__name__ in ("MemoryError", "OutOfMemoryError")
