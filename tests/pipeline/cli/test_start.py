"""The command line starts quickly: no model library, no numpy, no OpenCV for --help."""

import subprocess
import sys

SLOW = ("torch", "diffusers", "transformers", "cv2", "numpy", "PIL", "segment_anything", "controlnet_aux")


#: Typed one after another in one process: what none of them imports, each of them does not.
QUICK = (["--version"], ["list", "scenes"], ["config", "show"], ["generate", "--help"], ["--help"])
CODE = """
import sys
from pipeline.cli import main

for words in {quick}:
    sys.argv = ["onmodel", *words]
    try:
        main()
    except SystemExit as end:
        assert not end.code, words
    slow = [name for name in {slow} if name in sys.modules]
    print("after", words, slow)
    assert not slow, words
"""


def test_start_imports_nothing_slow() -> None:
    code = CODE.format(quick=QUICK, slow=SLOW)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "after ['--help'] []"
