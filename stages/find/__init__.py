"""Finding the garment: one file a back-end, each with `load(options)`; `subject` makes the cut-out."""

from stages.find.subjects import subject

__all__ = ["subject"]
