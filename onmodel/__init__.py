"""On-model pictures from garment photos; the garment's pixels stay exactly as photographed.

>>> import onmodel
>>> models = onmodel.Models()                                     # loaded at first use, kept for the next photo
>>> product = onmodel.generate("shirt.jpg", casting="imani", scene="beach", seed=7, models=models)
>>> picture = onmodel.save(product, "out/")                       # out/shirt.png, its mask and its receipt
>>> onmodel.verify(picture, "shirt.jpg").failures
()

These names are stable: they change with a new major version alone. `pipeline` and `stages` are what they are made of,
and may change with any. Importing this package loads no model and none of the libraries that models need.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from onmodel.api import background, configure, cut, generate, ghost, inpaint, outpaint, read, rgba, save, verify

if TYPE_CHECKING:
    from pipeline.config import Config
    from pipeline.flow import Product
    from pipeline.models import Models
    from pipeline.proof import Proof
    from pipeline.receipt import Receipt
    from stages.casting import Casting, Scene
    from stages.contracts import Cutout, Photo
    from stages.errors import OnmodelError

__all__ = [
    "Casting",
    "Config",
    "Cutout",
    "Models",
    "OnmodelError",
    "Photo",
    "Product",
    "Proof",
    "Receipt",
    "Scene",
    "background",
    "configure",
    "cut",
    "generate",
    "ghost",
    "inpaint",
    "outpaint",
    "read",
    "rgba",
    "save",
    "verify",
]

#: Where each class lies. They are imported when they are first named, since some of them import numpy and OpenCV.
_CLASSES = {
    "Casting": "stages.casting",
    "Config": "pipeline.config",
    "Cutout": "stages.contracts",
    "Models": "pipeline.models",
    "OnmodelError": "stages.errors",
    "Photo": "stages.contracts",
    "Product": "pipeline.flow",
    "Proof": "pipeline.proof",
    "Receipt": "pipeline.receipt",
    "Scene": "stages.casting",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("onmodel")
    if name not in _CLASSES:
        raise AttributeError(f"module 'onmodel' has no attribute {name!r}")
    globals()[name] = found = getattr(import_module(_CLASSES[name]), name)
    return found


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
