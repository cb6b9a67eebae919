"""The house model's parts fit together and its tokenizer takes any words."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from scripts.house.model import export, make_modules, make_vae
from scripts.house.render import render
from scripts.house.sample import load, paint
from scripts.house.tokens import write_tokenizer
from scripts.house.train import captions, rate_at


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return write_tokenizer(tmp_path_factory.mktemp("tokenizer"), captions(np.random.default_rng(0), 300))


def test_every_word_of_the_vocabulary_is_one_token_and_others_fall_apart(tokenizer: Any) -> None:
    said = "photo of a woman with ebony skin, wearing a top and black trousers"
    assert len(tokenizer.tokenize(said)) == len(said.replace(",", " ,").split())
    unknown = tokenizer("crinoline Größe 漢字", padding="max_length", truncation=True).input_ids
    assert len(unknown) == 77
    assert max(unknown) < len(tokenizer)


@pytest.mark.thorough
def test_an_untrained_pipeline_round_trips_and_repeats(tmp_path: Path, tokenizer: Any) -> None:
    torch.manual_seed(0)
    export(tmp_path, make_vae(), make_modules(len(tokenizer), tokenizer.eos_token_id), tokenizer)
    pipeline = load(tmp_path, torch.float32)
    figure = render(np.random.default_rng(0), 64, 96)
    first, again = (paint(pipeline, [figure], steps=2, guidance=2.0, seed=5)[0] for _ in range(2))
    other = paint(pipeline, [figure], steps=2, guidance=2.0, seed=6)[0]
    assert first.shape == (96, 64, 3)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_the_learning_rate_rises_holds_and_falls() -> None:
    assert rate_at(0.0, 9, 1.0) == pytest.approx(0.1)
    assert rate_at(0.4, 500, 1.0) == 1.0
    assert rate_at(0.75, 500, 1.0) == pytest.approx(0.5)
    assert rate_at(1.0, 900, 1.0) == pytest.approx(0.03)
