"""Painting everything but the garment."""
