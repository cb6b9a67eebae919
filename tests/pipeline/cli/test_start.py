"""The command line starts quickly: no model library, no numpy, no OpenCV for --help."""

import subprocess
import sys

import pytest

SLOW = ("torch", "diffusers", "transformers", "cv2", "numpy", "PIL", "segment_anything", "controlnet_aux")


@pytest.mark.parametrize(
    "words", [["--help"], ["generate", "--help"], ["list", "scenes"], ["config", "show"], ["--version"]]
)
def test_start_imports_nothing_slow(words: list[str]) -> None:
    code = (
        "import sys\nfrom pipeline.cli import main\n"
        f"sys.argv = ['onmodel', *{words!r}]\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        f"print('slow:', [name for name in {SLOW!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "slow: []"
