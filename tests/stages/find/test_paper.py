"""Light is followed by the network's word: not into pale cloth that it sees, and over shadows that it does not."""

import cv2
import numpy as np

from stages.find import paper
from stages.matte import backdrop as backdrops
from stages.matte.backdrop import Flags, Lab

HEIGHT, WIDTH = 300, 240


def picture(lightness: np.ndarray) -> Lab:
    """Gives a grey picture with a little noise."""
    noise = np.random.default_rng(1).normal(0, 0.2, lightness.shape)
    return np.dstack([lightness + noise, np.zeros((HEIGHT, WIDTH, 2))]).astype(np.float32)


def box(x: int, y: int, width: int, height: int) -> Flags:
    flags = np.zeros((HEIGHT, WIDTH), bool)
    flags[y : y + height, x : x + width] = True
    return flags


def found(colours: Lab, subject: Flags, doubt: bool) -> Flags:
    """Gives what is found where the network is sure of the subject, or in doubt all over."""
    unlikely = np.float32(0.5) if doubt else cv2.GaussianBlur((~subject).astype(np.float32), (0, 0), 3)
    fitted = backdrops.fit(colours)
    return paper.look(colours, fitted, np.broadcast_to(unlikely, subject.shape)).subject


def test_white_cloth_that_fades_into_the_paper_at_its_hem_is_whole() -> None:
    cloth = box(70, 40, 100, 220)
    fade = np.clip((240 - np.arange(HEIGHT)) / 120, 0, 1)[:, None]
    colours = picture(np.where(cloth, 82 + 8 * fade, 82))
    below = box(90, 200, 60, 45)
    assert found(colours, cloth, doubt=True)[below].mean() < 0.5
    assert found(colours, cloth, doubt=False)[below].mean() > 0.95


def test_a_rough_shadow_is_no_subject() -> None:
    person, dark = box(90, 60, 50, 180), box(150, 110, 50, 100)
    ripple = 1.5 * np.sin(np.arange(WIDTH) / 1.5)[None, :] * dark
    shade = cv2.GaussianBlur(9.0 * dark, (0, 0), 8) + ripple
    colours = picture(np.where(person, 30, 82 - shade))
    assert found(colours, person, doubt=True)[dark].mean() > 0.3
    assert found(colours, person, doubt=False)[dark].mean() < 0.05
