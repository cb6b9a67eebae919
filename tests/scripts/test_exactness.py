"""The checker of `make prove` shares no code with the program, and one level does not escape it."""

import ast
from pathlib import Path

import numpy as np
import pytest

from scripts.exactness import checker, tries
from stages import write
from tests.fakes import Depth


def test_the_checker_imports_nothing_of_the_program() -> None:
    tree = ast.parse(Path(checker.__file__).read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert names == {"struct", "zlib", "numpy", "numpy.typing"}


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [3, 4])
def test_the_checker_decodes_and_counts(dtype: Depth, channels: int) -> None:
    random = np.random.default_rng(0)
    picture = random.integers(0, np.iinfo(dtype).max, (30, 20, channels), dtype)
    encoded = write.encode(picture, None)
    assert np.array_equal(checker.decoded(encoded), picture)
    core = np.ones((10, 8), bool)
    photo = picture[5:15, 4:12, :3].copy()
    assert checker.changed(encoded, photo, core, (4, 5)) == 0
    photo[3, 3, 1] ^= 1
    assert checker.changed(encoded, photo, core, (4, 5)) == 1
    assert checker.changed(encoded, photo, core, (16, 5)) >= 40
    with pytest.raises(ValueError, match="checksum"):
        checker.decoded(encoded[:20] + bytes([encoded[20] ^ 1]) + encoded[21:])


def test_tries_change_nothing_and_few_are_refused(tmp_path: Path) -> None:
    outcomes = [tries.attempt(seed, tmp_path) for seed in range(60)]
    assert [each for each in outcomes if each.changed or each.fault] == []
    assert sum(each.refused for each in outcomes) < 20
    assert list(tmp_path.iterdir()) == []
