"""What a canvas may be: large enough to be seen, and small enough to be painted."""

from stages.errors import PhotoError
from stages.typed import SMALLEST

#: Canvases that are longer than this many times their breadth are slips: a banner has 6, a bookmark 4.
MOST = 20


def check(width: int, height: int, max_megapixels: float, cure: str, *, any_shape: bool = False) -> None:
    """Raises PhotoError, which ends in the `cure`, for a canvas of width x height pixels that is out of bounds.

    A photo's own frame may have `any_shape`: it may be a panorama.
    """
    canvas = f"The canvas would be {width} x {height} pixels"
    if width * height > max_megapixels * 1e6:
        raise PhotoError(f"{canvas}, over the limit of {max_megapixels:g} megapixels; {cure}")
    if not any_shape and max(width, height) > MOST * max(SMALLEST, min(width, height)):
        raise PhotoError(f"{canvas}, more than {MOST} times as long as broad; {cure}")
