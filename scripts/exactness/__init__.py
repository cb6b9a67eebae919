"""Tries by the ten thousand to find one core pixel that changes (`make prove`)."""
