"""Errors that end a run: each carries its exit code and says in one sentence what to do.

Exit codes: 1 unexpected, 2 wrong usage or configuration, 3 photo not usable, 4 output not writable,
5 no garment or no pose found, 6 weights missing or not trusted, 7 promise broken,
8 some rows of a collection failed, 9 all of them did, 10 found with doubt and --strict given, 130 interrupted.
"""


class OnmodelError(Exception):
    """Base of all errors: its text is one sentence of what to do, and `exit_code` is what the command ends with."""

    exit_code = 1


class ConfigError(OnmodelError):
    """An option, a preset, a casting, a scene or a pose file is wrong."""

    exit_code = 2


class PhotoError(OnmodelError):
    """The photo cannot be read or is refused."""

    exit_code = 3


class OutputError(OnmodelError):
    """The output exists already or cannot be written."""

    exit_code = 4


class ForeignError(OutputError):
    """A file lies where one is to be written, and no receipt or record of this program names it."""


class NotFoundError(OnmodelError):
    """No garment or no pose could be found in the photo."""

    exit_code = 5


class DoubtError(OnmodelError):
    """What was found may be wrong, and the run was told to end rather than go on with it, or nothing good can come."""

    exit_code = 10


class NoPlateError(NotFoundError):
    """One picture could not be painted: memory ran out, or the safety checker held it back. Another seed may do."""


class WeightsError(OnmodelError):
    """Weights are missing, or are not what they claim to be."""

    exit_code = 6


class PromiseError(OnmodelError):
    """The kept pixels of a picture are not what was photographed."""

    exit_code = 7
