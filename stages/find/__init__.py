"""Finding the garment: one file a back-end, each with `load(options)`; `cut` makes the cut-out."""

from stages.find.cut import cut

__all__ = ["cut"]
