"""The pages of README and docs/, and the blocks of code in them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
_BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^#+ +(.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    page: str
    kind: str
    about: str
    """What follows the kind: `title="…"` for a file that the reader saves, `norun` for what tests leave out."""
    text: str

    @property
    def title(self) -> str:
        return match[1] if (match := re.search(r'title="([^"]+)"', self.about)) else ""


def blocks(*kinds: str, pages: list[Path] = PAGES) -> Iterator[Block]:
    """Returns the blocks of some kinds, in order."""
    for path in pages:
        for kind, about, text in _BLOCK.findall(path.read_text(encoding="utf-8")):
            if kind in kinds:
                yield Block(path.relative_to(ROOT).as_posix(), kind, about.strip(), text)


def prose(path: Path) -> str:
    """Returns a page without its blocks of code."""
    return re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def anchors(path: Path) -> set[str]:
    """Returns the anchors of a page's headings, as GitHub and MkDocs make them."""
    words = (re.sub(r"[^\w\- ]", "", each.lower()).strip() for each in _HEADING.findall(prose(path)))
    return {re.sub(r"[ ]+", "-", each) for each in words}
