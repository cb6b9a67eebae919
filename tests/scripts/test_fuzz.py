"""The short form of `make fuzz`: hostile files and words of every kind end in a sentence."""

import subprocess
import sys

import pytest

from scripts.fuzz import KINDS


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform == "win32", reason="it forks")
def test_hostile_input_of_every_kind_ends_in_a_sentence() -> None:
    """In a process of its own: one that has threads must not fork."""
    done = subprocess.run(
        [sys.executable, "-m", "scripts.fuzz", "--count", "2"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert f"{2 * len(KINDS)} cases, 0 with faults" in done.stdout
