"""The classical fill, through the whole task, keeps the cloth's texture where cloth lies around the region."""

import cv2
import numpy as np

from pipeline import config
from pipeline.flow import produce
from pipeline.models import Models
from stages import photo, write
from tests import pictures


def test_a_region_of_textured_cloth_is_filled_with_texture() -> None:
    noise = np.random.default_rng(0).normal(0, 12, (400, 400, 3))
    cloth = np.clip(150 + cv2.GaussianBlur(noise, (0, 0), 1), 0, 255).astype(np.uint8)
    settings = config.resolve(flags={"task": "inpaint", "inpaint": {"box": "170,165,230,235"}})
    product = produce(photo.read(write.encode(cloth, None), settings.photo, "cloth.png"), settings, Models())
    assert product.png is not None
    made = pictures.decoded(product.png, cv2.IMREAD_COLOR_RGB)
    inside, outside = made[175:225, 180:220], cloth[20:120, 20:120]
    assert inside.std() > 0.7 * outside.std()
