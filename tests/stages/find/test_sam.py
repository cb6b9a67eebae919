"""The real loading code on checkpoints in the real file format, with random weights."""

import hashlib
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from segment_anything import build_sam, sam_model_registry
from segment_anything.modeling.image_encoder import Attention

from stages.errors import WeightsError
from stages.find import prompts, sam
from stages.options import SegmentOptions
from tests.stages.find.drawn import draw


def small_sam(checkpoint: str | None = None) -> torch.nn.Module:
    """A SAM of vit_b's make, with one layer, a sixteenth as wide."""
    builder = getattr(build_sam, "__globals__")["_build_sam"]  # noqa: B009 - the package hides its module by a function
    return builder(48, 1, 2, [], checkpoint=checkpoint)


@pytest.fixture
def checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    torch.manual_seed(0)
    path = tmp_path / "sam_vit_b_small.pth"
    torch.save(small_sam().state_dict(), path)
    monkeypatch.setitem(sam_model_registry, "vit_b", small_sam)
    return path


def options(path: Path, **more: object) -> SegmentOptions:
    return SegmentOptions(segmenter="sam", sam_weights=path, **more)


def test_an_unknown_checkpoint_is_refused_unless_allowed(checkpoint: Path) -> None:
    with pytest.raises(WeightsError, match="allow-unknown-weights"):
        sam.load(options(checkpoint))
    assert sam.load(options(checkpoint, allow_unknown_weights=True)).name == "sam vit_b"


def test_a_checkpoint_with_the_published_hash_is_taken(checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sam.SHA256, "vit_b", hashlib.sha256(checkpoint.read_bytes()).hexdigest())
    assert sam.load(options(checkpoint)).card.licence == "Apache-2.0"


def test_a_pickle_that_runs_code_is_refused(tmp_path: Path) -> None:
    marker = tmp_path / "ran"

    class Malice:
        def __reduce__(self) -> tuple[Callable[[Path], None], tuple[Path]]:
            return (Path.touch, (marker,))

    path = tmp_path / "evil.pth"
    path.write_bytes(pickle.dumps(Malice()))
    with pytest.raises(WeightsError):
        sam.load(options(path, allow_unknown_weights=True))
    assert not marker.exists()


def test_a_checkpoint_of_another_model_is_refused(checkpoint: Path) -> None:
    weights = torch.load(checkpoint, weights_only=True)
    del weights["image_encoder.pos_embed"]
    torch.save(weights, checkpoint)
    with pytest.raises(WeightsError, match="vit_b"):
        sam.load(options(checkpoint, allow_unknown_weights=True))


def test_missing_weights_say_what_to_do(tmp_path: Path) -> None:
    assert sam.available(options(tmp_path / "none.pth")) is None
    with pytest.raises(WeightsError, match="sam-weights"):
        sam.load(options(tmp_path / "none.pth"))


def test_the_same_picture_gives_the_same_probability(checkpoint: Path) -> None:
    segmenter = sam.load(options(checkpoint, allow_unknown_weights=True))
    picture = draw("straps", height=256).pixels
    first, second = segmenter(picture), segmenter(picture)
    assert first.shape == picture.shape[:2]
    assert first.dtype == np.float32
    assert 0 <= first.min() <= first.max() <= 1
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("positions", [True, False])
def test_attention_head_by_head_gives_the_same(positions: bool) -> None:
    torch.manual_seed(0)
    attention = Attention(24, num_heads=3, use_rel_pos=positions, input_size=(5, 7) if positions else None)
    for weights in attention.parameters():
        torch.nn.init.normal_(weights, std=0.3)
    x = torch.randn(2, 5, 7, 24)
    with torch.inference_mode():
        expected = attention(x)
        sam.head_by_head(attention)
        torch.testing.assert_close(attention(x), expected)


def test_prompts_lie_on_their_own_side() -> None:
    guess = draw("trousers", height=400).matte > 0.5
    points, labels = prompts.prompt_points(guess)
    hit = guess[points[:, 1].astype(int), points[:, 0].astype(int)]
    np.testing.assert_array_equal(hit, labels == 1)
    assert {0, 1} == set(labels.tolist())
    x0, y0, x1, y1 = prompts.prompt_box(guess)
    ys, xs = np.nonzero(guess)
    assert x0 < xs.min() < xs.max() < x1
    assert y0 < ys.min() < ys.max() < y1


def test_the_mask_that_agrees_is_chosen() -> None:
    guess = draw("tee", height=256).matte > 0.5
    good, whole = np.where(guess, 5.0, -5.0), np.full(guess.shape, 5.0)
    assert prompts.choose([whole, good], [0.9, 0.9], guess) == 1
    assert prompts.choose([good, good], [0.1, 0.9], guess) == 1


def test_sam_decides_what_belongs_and_the_guess_where_its_outline_runs() -> None:
    guess = np.zeros((200, 200), bool)
    guess[50:150, 50:150] = True
    guess[90:110, 90:110] = False  # a hole
    guess[60:80, 150:190] = True  # a hanger, say
    coarse = np.zeros((200, 200), np.float32)
    coarse[51:149, 51:149] = 1
    merged = prompts.merge(coarse, guess) > 0.5
    assert merged[50, 100]
    assert not merged[100, 100]
    assert not merged[70, 170]


@pytest.mark.slow
def test_the_full_size_file_format_loads(tmp_path: Path) -> None:
    path = tmp_path / "sam_vit_b.pth"
    torch.save(sam_model_registry["vit_b"](checkpoint=None).state_dict(), path)
    assert path.stat().st_size > 370_000_000
    segmenter = sam.load(options(path, allow_unknown_weights=True))
    assert segmenter(draw("tee", height=512).pixels).shape == (512, 384)
