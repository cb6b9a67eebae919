"""Salient-object networks in ONNX, in the formats of rembg's model files: U²-Net, IS-Net (DIS), BiRefNet and BEN.

How a picture is prepared goes by the file's name, as those projects publish it: `u2net.onnx`, `u2netp.onnx`,
`silueta.onnx`, `isnet-general-use.onnx`, `birefnet-general.onnx`, `ben2-base.onnx`. What such a network finds is the
whole thing in the middle of interest: a hanger or a person is part of it.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from stages import extras
from stages.contracts import Matte, ModelCard, Plate
from stages.errors import WeightsError
from stages.find.finder import Finder
from stages.find.network import Seen
from stages.options import SegmentOptions

#: Mean and deviation of ImageNet's colours, of 1.
_IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_CENTRED = (0.5, 0.5, 0.5), (1.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Form:
    """How a family of networks takes a picture and answers."""

    side: int
    """Both sides of what it takes, in pixels, where the file itself leaves them open."""
    mean: tuple[float, float, float]
    deviation: tuple[float, float, float]
    logits: bool = False
    """It answers before the sigmoid."""
    brightest: bool = False
    """The picture is divided by its highest value, not by 255."""


#: By the beginning of a file's name in lower case.
FORMS = {
    "u2net": Form(320, *_IMAGENET, brightest=True),
    "silueta": Form(320, *_IMAGENET, brightest=True),
    "isnet": Form(1024, *_CENTRED),
    "birefnet": Form(1024, *_IMAGENET, logits=True),
    "ben": Form(1024, *_CENTRED),
}
#: Files of other kinds under these names: u2net_cloth_seg answers with classes.
_OTHERS = ("u2net_cloth",)


def load(options: SegmentOptions) -> Finder:
    """Returns the finder with a network of the user's own, on the CPU.

    Raises WeightsError when no file is named or there, its name tells no form, onnxruntime is missing, or the file is
    no such network.
    """
    path = options.onnx_weights
    if path is None:
        raise WeightsError("--segmenter onnx needs --onnx-weights FILE, such as isnet-general-use.onnx.")
    if not path.is_file():
        raise WeightsError(f"There is no network at {path}: correct --onnx-weights.")
    stem = path.stem.lower()
    form = next((form for name, form in FORMS.items() if stem.startswith(name)), None)
    if form is None or stem.startswith(_OTHERS):
        raise WeightsError(
            f"{path.name} does not say which input its network takes: "
            f"name the file {', '.join(f'{n}….onnx' for n in FORMS)}."
        )
    try:
        import onnxruntime
    except ImportError as error:
        raise WeightsError(f"--segmenter onnx needs onnxruntime: {extras.install('onnx')}") from error
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    try:
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own errors have no other common base
        raise WeightsError(f"{path.name} is not a network that onnxruntime can read: fetch it again.") from error
    given = session.get_inputs()
    if len(given) != 1 or len(given[0].shape) != 4 or given[0].shape[1] != 3:
        raise WeightsError(f"{path.name} does not take one RGB picture: it is another kind of network.")
    card = ModelCard("segmenter", path.name, f"sha256:{digest}", "as published with the file")
    return Finder(Onnx(session, form, path.name), f"onnx {path.name}", card)


class Onnx:
    """Sees one thing in a photo and the backdrop around it."""

    def __init__(self, session: Any, form: Form, name: str) -> None:
        """Takes an onnxruntime session, how it is fed, and what it is called in messages."""
        self._session, self._form, self._name = session, form, name
        given = session.get_inputs()[0]
        self._input, self._half = given.name, "float16" in given.type
        # A side that the file leaves open has a name or nothing in the place of a number.
        self._size = tuple(side if isinstance(side, int) else form.side for side in given.shape[2:])

    def __call__(self, picture: Plate) -> Seen:
        """Returns what stands out as garment, H x W, of an H x W x 3 uint8 sRGB picture.

        Raises WeightsError as `answer` does.
        """
        garment = cv2.resize(self.answer(picture), picture.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        none = np.zeros_like(garment)
        return Seen(garment, none, none, none, 1 - garment, {}, {}, {})

    def answer(self, picture: Plate) -> Matte:
        """Returns the network's own probability, in [0, 1], at its own size.

        Unlike in rembg it is not stretched to [0, 1], so that nothing found stays nothing. Raises WeightsError when the
        network answers with something else than one map.
        """
        form = self._form
        height, width = self._size
        scale = max(1.0, float(picture.max())) if form.brightest else 255.0
        small = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA) / np.float64(scale)
        fed = ((small - np.array(form.mean)) / np.array(form.deviation)).transpose(2, 0, 1)[None]
        answer = self._session.run(None, {self._input: fed.astype(np.float16 if self._half else np.float32)})[0]
        if answer.ndim != 4 or answer.shape[:2] != (1, 1):
            raise WeightsError(f"{self._name} answers with {answer.shape}, not with one map: it is another network.")
        alpha = np.asarray(answer[0, 0], dtype=np.float64)
        if form.logits:
            alpha = 1 / (1 + np.exp(-np.clip(alpha, -30, 30)))
        return np.clip(alpha, 0, 1).astype(np.float32)
