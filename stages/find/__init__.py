"""Finds the garment, or the whole subject, in a photo."""
