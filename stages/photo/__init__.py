"""Reads a photo: upright, in the colour space that its file declares and in its own bit depth, with its own alpha."""

from stages.photo.reading import read, size

__all__ = ["read", "size"]
