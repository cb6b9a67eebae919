"""A collection to look at and to print: a page of pictures by casting or by garment, and a contact sheet."""

import io
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

from PIL import Image, ImageDraw, ImageFont

from pipeline.collection.places import OWN, Folder

By = Literal["casting", "garment"]

#: A contact sheet's page is A4 at 150 dots per inch, its pictures in so many columns and rows.
_PAGE, _COLUMNS, _ROWS, _EDGE, _DPI = (1240, 1754), 4, 5, 60, 150
#: The JPEG is one sheet: no more rows of pictures than its format holds.
_MOST = 200


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture of a lookbook."""

    id: str
    casting: str
    garment: str
    """The photo, as the manifest names it."""
    caption: str
    alt: str
    src: str
    """Address of the picture from the page's own folder."""
    worn: str = ""
    """Names of the further photos of an outfit."""


class Lookbook:
    """Takes rows one after another, and gives the page and the sheets."""

    def __init__(self) -> None:
        """Begins with none."""
        self.shown: list[Shown] = []

    def add(self, row: dict[str, Any]) -> None:
        """Takes one row of `results.found`; only pictures that were made are shown."""
        if row["status"] != "ok":
            return
        name = str(row["id"])
        self.shown.append(
            Shown(
                name,
                str(row["casting"] or "no casting"),
                str(row["photo"] or "").rpartition("/")[2],
                str(row["caption"] or name),
                str(row["alt"] or f"picture of {name}"),
                quote(f"{name}.png"),
                str(row["with"] or ""),
            )
        )

    def html(self, by: By = "casting") -> str:
        """A page whose pictures lie beside it, in groups, each in the manifest's order. It prints as it looks."""
        from jinja2 import Environment, PackageLoader, select_autoescape

        groups: dict[str, list[Shown]] = defaultdict(list)
        for each in self.shown:
            groups[each.casting if by == "casting" else each.garment].append(each)
        environment = Environment(loader=PackageLoader("pipeline.collection"), autoescape=select_autoescape(["j2"]))
        return environment.get_template("lookbook.html.j2").render(groups=groups, total=len(self.shown), by=by)

    def sheets(self, folder: Folder) -> tuple[bytes, bytes]:
        """Returns the contact sheet as a PDF of A4 pages and as one JPEG; small pictures are read from the folder."""
        each_page = _COLUMNS * _ROWS
        pages = [
            self._sheet(folder, self.shown[at : at + each_page], _ROWS) for at in range(0, len(self.shown), each_page)
        ]
        pages = pages or [self._sheet(folder, [], _ROWS)]
        printed, seen = io.BytesIO(), io.BytesIO()
        pages[0].save(printed, "PDF", save_all=True, append_images=pages[1:], resolution=_DPI, title="Contact sheet")
        many = self.shown[:_MOST]
        self._sheet(folder, many, max(1, -(-len(many) // _COLUMNS))).save(seen, "JPEG", quality=88, dpi=(_DPI, _DPI))
        return printed.getvalue(), seen.getvalue()

    def _sheet(self, folder: Folder, shown: list[Shown], rows: int) -> Image.Image:
        width = (_PAGE[0] - 2 * _EDGE) // _COLUMNS
        height = (_PAGE[1] - 2 * _EDGE) // _ROWS
        paper = Image.new("RGB", (_PAGE[0], 2 * _EDGE + rows * height), "white")
        draw = ImageDraw.Draw(paper)
        font = ImageFont.load_default(15)
        for at, each in enumerate(shown):
            x, y = _EDGE + at % _COLUMNS * width, _EDGE + at // _COLUMNS * height
            small = folder.read(f"{OWN}/{each.id}.after.jpg")
            if small is not None:
                with Image.open(io.BytesIO(small)) as picture:
                    picture.thumbnail((width - 16, height - 46), Image.Resampling.LANCZOS)
                    paper.paste(picture, (x + 8, y))
            for line, words in enumerate((each.id, each.casting)):
                draw.text(
                    (x + 8, y + height - 42 + 18 * line), _short(words, font, width - 16), fill="black", font=font
                )
        return paper


def _short(words: str, font: "ImageFont.FreeTypeFont | ImageFont.ImageFont", width: int) -> str:
    if font.getlength(words) <= width:
        return words
    while words and font.getlength(words + "…") > width:
        words = words[:-1]
    return words + "…"
