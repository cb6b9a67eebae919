"""Outpainting keeps the whole photo and grows the frame around it."""

from fractions import Fraction

from stages.errors import ConfigError
from stages.options import OutpaintOptions


def grow(width: int, height: int, options: OutpaintOptions) -> tuple[tuple[int, int], tuple[int, int]]:
    """Returns the canvas as (width, height), and the photo's top left corner on it.

    Sides grow by what is asked; an aspect then widens or heightens the frame, the photo in its middle. The canvas has
    that aspect within a pixel; a photo that has it already stays as it is. Raises ConfigError when nothing is asked.
    """
    left, right = _pixels(options.left, width), _pixels(options.right, width)
    top, bottom = _pixels(options.top, height), _pixels(options.bottom, height)
    across, down = left + width + right, top + height + bottom
    if options.aspect is not None:
        aspect = Fraction(*(int(side) for side in options.aspect.split(":")))
        wider, taller = max(0, round(down * aspect) - across), max(0, round(across / aspect) - down)
        left, across = left + wider // 2, across + wider
        top, down = top + taller // 2, down + taller
    if options.aspect is None and (across, down) == (width, height):
        raise ConfigError("outpaint would add nothing: give --left, --right, --top, --bottom or --aspect")
    return (across, down), (left, top)


def _pixels(growth: str, side: int) -> int:
    return round(side * float(growth[:-1]) / 100) if growth.endswith("%") else round(float(growth))
