"""Files of pictures as OpenCV reads them, BGR: what cannot be read fails there, not at the first pixel."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt


def read(path: Path, flags: int = cv2.IMREAD_COLOR) -> npt.NDArray[Any]:
    """Returns the file's pixels, of the type and the channels that `flags` (cv2.IMREAD_*) ask for."""
    return decoded(path.read_bytes(), flags)


def decoded(encoded: bytes | npt.NDArray[np.uint8], flags: int = cv2.IMREAD_COLOR) -> npt.NDArray[Any]:
    """Returns the pixels of an encoded picture, of the type and the channels that `flags` (cv2.IMREAD_*) ask for."""
    data = np.frombuffer(encoded, np.uint8) if isinstance(encoded, bytes) else encoded
    picture: npt.NDArray[Any] | None = cv2.imdecode(data, flags)
    assert picture is not None, "no picture that OpenCV can read"
    return picture


def jpeg(pixels: npt.NDArray[np.uint8], quality: int) -> npt.NDArray[np.uint8]:
    """Returns the picture, H x W x 3, as it comes back from a JPEG file of that quality."""
    done, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done
    return decoded(np.asarray(encoded, np.uint8))
