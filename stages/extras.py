"""How an optional part is installed: the command differs with how this program was."""

import json
import shlex
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import unquote, urlsplit

NAME = "onmodel"


def install(extra: str) -> str:
    """Returns the command that installs an extra beside what is installed, by uv, pipx or pip as that was.

    From a checkout or a wheel it names that place, which the installer wrote down (PEP 610, direct_url.json).
    """
    try:
        wanted = _requirement(distribution(NAME), extra)
    except PackageNotFoundError:  # run from a folder of sources that nobody installed
        wanted = f".[{extra}]"
    if Path(sys.prefix, "uv-receipt.toml").is_file():
        command = "uv tool install --force"
    elif Path(sys.prefix, "pipx_metadata.json").is_file():
        command = "pipx install --force"
    else:
        command = "pip install"
    editable = "--editable " if wanted.startswith("-e ") else ""
    return f"{command} {editable}{shlex.quote(wanted.removeprefix('-e '))}"


def _requirement(installed: Distribution, extra: str) -> str:
    """Returns what to install, begun with -e where it is linked to a checkout."""
    origin = json.loads(installed.read_text("direct_url.json") or "{}")
    address = str(origin.get("url", ""))
    if not address:
        return f"{NAME}[{extra}]"
    if "vcs_info" in origin:
        revision = origin["vcs_info"].get("commit_id", "")
        return f"{NAME}[{extra}] @ {origin['vcs_info']['vcs']}+{address}" + (f"@{revision}" if revision else "")
    parts = urlsplit(address)
    if parts.scheme != "file":
        return f"{NAME}[{extra}] @ {address}"
    linked = "-e " if origin.get("dir_info", {}).get("editable") else ""
    return f"{linked}{unquote(parts.path)}[{extra}]"
