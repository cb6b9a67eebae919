"""The finder's network: what it is given and what it gives."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from scripts.synthetic.garment import draw
from stages.errors import ConfigError, WeightsError
from stages.find.network import AREA, MULTIPLE, WEIGHTS, Network, load, own_size
from stages.find.planes import COUNT, planes


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    """A network of random weights."""
    import torch
    from safetensors.torch import save_file

    from stages.find.trunk import Trunk

    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "finder.safetensors"
    save_file(Trunk().state_dict(), path)
    return load("cpu", path)


def photo(seed: int = 0, height: int = 210, width: int = 150) -> np.ndarray:
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 256, (9, 7, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


@pytest.mark.parametrize(("height", "width"), [(210, 150), (90, 161), (64, 640)])
def test_probabilities_of_every_pixel_sum_to_one(network: Network, height: int, width: int) -> None:
    seen = network(photo(1, height, width))
    parts = np.stack([seen.garment, seen.inside, seen.sheer, seen.holder, seen.backdrop])
    assert parts.shape == (5, height, width)
    assert parts.min() >= 0
    np.testing.assert_allclose(parts.sum(axis=0), 1, atol=1e-5)
    for named in (seen.categories, seen.view, seen.kind):
        assert sum(named.values()) == pytest.approx(1, abs=1e-5)
    assert {"top", "bottom", "skirt", "dress", "outerwear", "swim", "shoes", "hat", "bag"} < set(seen.categories)


def test_a_mirrored_picture_is_seen_mirrored(network: Network) -> None:
    picture = photo(2)
    seen, mirrored = network(picture), network(np.ascontiguousarray(picture[:, ::-1]))
    for name in ("garment", "holder", "backdrop"):
        np.testing.assert_allclose(getattr(seen, name), getattr(mirrored, name)[:, ::-1], atol=2e-3)
    for name, share in seen.categories.items():
        assert mirrored.categories[name] == pytest.approx(share, abs=2e-3)


def test_the_same_picture_gives_the_same(network: Network) -> None:
    first, second = network(photo(3)), network(photo(3))
    assert np.array_equal(first.garment, second.garment)
    assert first.categories == second.categories


def test_planes_mirror_with_the_picture() -> None:
    picture = photo(4)
    seen = planes(picture)
    assert seen.shape == (COUNT, 210, 150)
    np.testing.assert_allclose(planes(np.ascontiguousarray(picture[:, ::-1])), seen[..., ::-1], atol=1e-3)


def test_a_shirt_at_the_border_does_not_become_the_backdrop() -> None:
    picture = np.full((120, 90, 3), 235, np.uint8)
    picture[30:, 20:70] = (180, 40, 40)
    away = np.linalg.norm(planes(picture)[3:6], axis=0)
    assert away[5:20, 5:85].max() < 0.1
    assert away[60:, 30:60].min() > 0.5


@pytest.mark.parametrize("shape", [(400, 533), (533, 400), (4000, 3000), (20, 20), (100, 2000)])
def test_the_own_size_keeps_the_shape(shape: tuple[int, int]) -> None:
    tall, wide = own_size(*shape)
    assert tall % MULTIPLE == wide % MULTIPLE == 0
    assert 0.4 * AREA < tall * wide < 1.6 * AREA


@pytest.mark.parametrize(
    "picture", [np.zeros((40, 40), np.uint8), np.zeros((40, 40, 3)), np.zeros((4, 40, 3), np.uint8)]
)
def test_what_is_no_picture_is_refused(network: Network, picture: np.ndarray) -> None:
    with pytest.raises(ValueError, match="H x W x 3"):
        network(picture)


def test_missing_and_wrong_weights_are_named(tmp_path: Path) -> None:
    from safetensors.torch import save_file
    from torch import zeros

    with pytest.raises(WeightsError, match="nowhere"):
        load("cpu", tmp_path / "nowhere.safetensors")
    save_file({"trunk.stem.0.weight": zeros(3)}, tmp_path / "other.safetensors")
    with pytest.raises(WeightsError, match="other"):
        load("cpu", tmp_path / "other.safetensors")
    with pytest.raises(ConfigError):
        load("nothing")


@pytest.fixture(scope="module")
def shipped() -> Network:
    return load("cpu")


def test_the_weights_are_small_and_have_a_card() -> None:
    assert WEIGHTS.stat().st_size < 12e6
    card = (WEIGHTS.parent / "README.md").read_text()
    for said in ("CC0", "alexeygrigorev/clothing-dataset-small", "IS-Net", "MIT"):
        assert said in card


def test_a_plain_shirt_is_found_however_it_is_saved(shipped: Network) -> None:
    drawn = draw(3, "plain", "top", 300, 400)
    wanted = drawn.matte > 0.5
    found = [_found(shipped, picture) for picture in (drawn.photo, _saved_again(drawn.photo))]
    assert _overlap(found[0], wanted) > 0.9
    assert _overlap(found[0], found[1]) > 0.98
    mirrored = _found(shipped, np.ascontiguousarray(drawn.photo[:, ::-1]))
    assert _overlap(mirrored[:, ::-1], found[0]) > 0.98


def _found(network: Network, picture: np.ndarray) -> np.ndarray:
    seen = network(picture)
    return np.asarray(seen.cover > 0.5)


def _saved_again(picture: np.ndarray) -> np.ndarray:
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 85])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def _overlap(one: np.ndarray, other: np.ndarray) -> float:
    return float((one & other).sum() / (one | other).sum())
