"""What the package imports it declares: a dependency of a dependency may go with any of its versions."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]
#: Import names whose distribution is not installed by `dev`, and what it is called.
ELSEWHERE = {"pkcs11": "python-pkcs11", "pillow_heif": "pillow-heif", "c2pa": "c2pa-python"}
#: Of the program that our nodes are loaded into: it is no distribution.
HOSTS = {"folder_paths"}
OWN = {"pipeline", "stages", "onmodel", "scripts", "tests"}


def imported(path: Path) -> set[str]:
    """Returns the top names of what a file imports, by statement or by `import_module` of a literal name."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
        elif isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "import_module":
            first = node.args[0]
            if isinstance(first, ast.Constant):
                found.add(str(first.value).partition(".")[0])
    return found


def plain(requirement: str) -> str:
    return re.split(r"[\s<>=!~\[;]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def declared(*, extras: bool) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lists = [project["dependencies"], *(project["optional-dependencies"].values() if extras else ())]
    return {plain(each) for each in lists for each in each}


def test_what_is_imported_is_declared() -> None:
    known = packages_distributions()
    missing: dict[str, list[str]] = {}
    for folder in ("pipeline", "stages", "onmodel"):
        for path in (ROOT / folder).rglob("*.py"):
            for name in imported(path) - OWN - HOSTS - set(sys.stdlib_module_names):
                owners = {plain(each) for each in known.get(name, [ELSEWHERE.get(name, name)])}
                if not owners & declared(extras=True):
                    missing.setdefault(name, []).append(path.relative_to(ROOT).as_posix())
    assert missing == {}
