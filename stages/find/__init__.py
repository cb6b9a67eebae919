"""Finding the garment: one file a back-end, each with `load(options)`; `subject` makes the cut-out."""

from stages.find.doubt import lost
from stages.find.subjects import subject, view

__all__ = ["lost", "subject", "view"]
