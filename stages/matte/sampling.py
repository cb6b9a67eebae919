"""Values between pixels."""

import cv2
import numpy as np
import numpy.typing as npt

#: Points to a row: OpenCV takes rows and columns of up to 32,767.
ROW = 4096


def sampled(
    values: npt.NDArray[np.float32], x: npt.NDArray[np.float32], y: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Returns values (H x W x C) at N points between pixel centres, N x C, bilinearly; beyond the frame, the frame's.

    Points count to a 32nd of a pixel.
    """
    count = len(x)
    across, down = (
        np.pad(np.asarray(each, dtype=np.float32), (0, -count % ROW), mode="edge").reshape(-1, ROW) for each in (x, y)
    )
    found = cv2.remap(values, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found.reshape(-1, values.shape[2])[:count], dtype=np.float32)
