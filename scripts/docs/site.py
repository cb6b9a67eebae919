"""Adds to the site what lies outside docs/: the reference, portraits, model cards, and how to contribute.

MkDocs calls these functions by their names; `mkdocs.yml` names this file.
"""

from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

from scripts.docs import reference

ROOT = Path(__file__).parents[2]
#: Pages that lie elsewhere in the repository, by their place on the site. Links to them are led there.
ELSEWHERE = {
    "contributing.md": "CONTRIBUTING.md",
    "changelog.md": "CHANGELOG.md",
    "cards/figure.md": "stages/figure/README.md",
    "cards/house.md": "stages/generate/house/README.md",
    "cards/finder.md": "stages/find/weights/README.md",
}
#: Folders of pictures that lie elsewhere, by their place on the site.
PICTURES = {"portraits": "configs/castings/portraits", "scenery": "configs/scenes/pictures"}


def on_files(files: Files, config: Any) -> Files:
    """Adds the pages and pictures."""
    for name, text in reference.pages().items():
        files.append(File.generated(config, name, content=text))
    for name, source in ELSEWHERE.items():
        files.append(File.generated(config, name, content=(ROOT / source).read_text(encoding="utf-8")))
    for name, folder in PICTURES.items():
        for picture in sorted((ROOT / folder).glob("*.jpg")):
            files.append(File.generated(config, f"{name}/{picture.name}", abs_src_path=str(picture)))
    files.append(File.generated(config, "demo.jpg", abs_src_path=str(ROOT / ".github/demo.jpg")))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Leads links to files of the repository to where they lie on the site."""
    up = "../" * page.file.src_uri.count("/")
    deeper = "../" * (page.file.src_uri.count("/") + 1)
    for name, source in {**ELSEWHERE, **PICTURES}.items():
        markdown = markdown.replace(f"]({deeper}{source}", f"]({up}{name}")
    return markdown
