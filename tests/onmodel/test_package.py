"""What is published: wheel and sdist are built, checked, and installed where nothing of the checkout is seen."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


def run(*words: str | Path, cwd: Path, **more: str) -> str:
    known = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "GITHUB_REPOSITORY")}
    done = subprocess.run(
        [str(each) for each in words], cwd=cwd, env={**known, **more}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-d", folder, cwd=ROOT, GITHUB_REPOSITORY="someone/onmodel")
    wheel, sdist = next(folder.glob("*.whl")), next(folder.glob("*.tar.gz"))
    return {"wheel": wheel, "sdist": sdist}


def test_what_is_published_passes_twine(built: dict[str, Path]) -> None:
    if find_spec("twine") is None:
        pytest.skip('needs the extra "dist"')
    run(sys.executable, "-m", "twine", "check", "--strict", *built.values(), cwd=ROOT)


def test_the_wheel_holds_everything_that_a_run_needs_and_nothing_else(built: dict[str, Path]) -> None:
    with zipfile.ZipFile(built["wheel"]) as wheel:
        names = set(wheel.namelist())
        metadata = wheel.read(next(name for name in names if name.endswith("METADATA"))).decode()
    needed = {
        "onmodel/py.typed", "onmodel/options.py", "pipeline/py.typed", "pipeline/configs/house.yaml",
        "pipeline/studio/page/index.html", "pipeline/collection/templates/report.html.j2",
        "stages/find/weights/finder.safetensors",
    }  # fmt: skip
    assert needed <= names
    assert {name.partition("/")[0] for name in names} == {"onmodel", "pipeline", "stages", "onmodel-0.1.0.dist-info"}
    assert "Project-URL: Repository, https://github.com/someone/onmodel" in metadata
    assert "Classifier: Typing :: Typed" in metadata


def test_the_sdist_holds_the_sources_tests_and_docs(built: dict[str, Path]) -> None:
    with tarfile.open(built["sdist"]) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    assert {"onmodel/api.py", "tests/fakes.py", "docs/http.md", "LICENSE", "constraints.txt", "hatch_build.py"} <= names


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_an_installed_package_works_from_anywhere(kind: str, built: dict[str, Path], tmp_path: Path) -> None:
    """Its dependencies are those of the tests, seen through a path file; of the checkout nothing is."""
    venv.create(tmp_path / "venv", with_pip=True)
    scripts = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin")
    python = scripts / "python"
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=tmp_path).strip())
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    install = (
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "--ignore-installed",
    )
    run(python, *install, built[kind], cwd=tmp_path)
    where = "import onmodel, pipeline, stages; print(onmodel.__file__, pipeline.__file__, stages.__file__)"
    places = run(python, "-c", where, cwd=tmp_path).split()
    assert all(place.startswith(str(site)) for place in places), places
    assert "onmodel 0.1.0" in run(scripts / "onmodel", "--version", cwd=tmp_path)
    assert "generate" in run(python, "-m", "onmodel", "--help", cwd=tmp_path)
    assert "imani" in run(scripts / "onmodel", "list", "castings", cwd=tmp_path)
    run(scripts / "onmodel", "demo", "-q", cwd=tmp_path, ONMODEL_C2PA="off")
    proven = run(scripts / "onmodel", "verify", "demo/demo.png", "--source", "demo/photo.png", "--json", cwd=tmp_path)
    assert '"failures": []' in proven.replace('":[', '": [')


TOOLS = {"uv": ["uv", "tool", "install", "--force"], "pipx": ["pipx", "install", "--force"]}


@pytest.mark.parametrize("tool", sorted(TOOLS))
def test_the_wheel_installs_as_a_tool_and_says_how_an_extra_is_added(
    tool: str, built: dict[str, Path], tmp_path: Path
) -> None:
    """The tool resolves the wheel's dependencies to empty packages of their names; what runs is the tests' own."""
    program = shutil.which(tool)
    if program is None:
        pytest.skip(f"{tool} is not on the path")
    home, scripts, empty = tmp_path / "tools", tmp_path / "bin", tmp_path / "empty"
    for name, extra in dependencies(built["wheel"]).items():
        lay_empty(empty, name, extra)
    if tool == "uv":
        words = ["tool", "install", "--python", sys.executable, "--no-index", "--find-links", str(empty)]
        where = {"UV_TOOL_DIR": str(home), "UV_TOOL_BIN_DIR": str(scripts), "UV_CACHE_DIR": str(tmp_path / "cache")}
    else:
        words = ["install", "--python", sys.executable, f"--pip-args=--no-index --find-links {empty}"]
        where = {"PIPX_HOME": str(home), "PIPX_BIN_DIR": str(scripts), "PIPX_MAN_DIR": str(tmp_path / "man")}
    run(program, *words, built["wheel"], cwd=tmp_path, **where)
    site = next(home.rglob("site-packages/onmodel/__init__.py")).parents[1]
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    assert "onmodel 0.1.0" in run(scripts / "onmodel", "--version", cwd=tmp_path)
    assert "imani" in run(scripts / "onmodel", "list", "castings", cwd=tmp_path)
    python = next(each for each in site.parents if (each / "pyvenv.cfg").exists()) / "bin" / "python"
    said = run(python, "-c", "from stages import extras; print(extras.install('mcp'))", cwd=tmp_path)
    assert shlex.split(said) == [*TOOLS[tool], f"{built['wheel']}[mcp]"]


def dependencies(wheel: Path) -> dict[str, str]:
    """Returns what a wheel needs without its extras: names, each with the extra that is asked of it."""
    with zipfile.ZipFile(wheel) as archive:
        metadata = archive.read(next(name for name in archive.namelist() if name.endswith("METADATA"))).decode()
    needed = re.findall(r"^Requires-Dist: ([\w.-]+)(?:\[(\w+)\])?(.*)$", metadata, re.MULTILINE)
    return {name: extra for name, extra, rest in needed if "extra ==" not in rest}


def lay_empty(folder: Path, name: str, extra: str) -> None:
    """Writes a wheel of a name and a high version that holds no module."""
    folder.mkdir(exist_ok=True)
    stem = f"{name.replace('-', '_').replace('.', '_')}-9999"
    about = f"Metadata-Version: 2.1\nName: {name}\nVersion: 9999\n" + (f"Provides-Extra: {extra}\n" if extra else "")
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{stem}.dist-info/METADATA", about)
        archive.writestr(
            f"{stem}.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{stem}.dist-info/RECORD", "")
