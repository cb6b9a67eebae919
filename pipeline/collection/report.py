"""report.html: one page that opens from disk, worst seams and halos first, with the small pictures inside it."""

import base64
import heapq
import json
import re
from collections import Counter
from typing import Any

from pipeline.collection.places import OWN, Folder
from pipeline.collection.sameness import Sameness
from stages.options import VerifyOptions

#: Rows that the page shows, and those whose small pictures are inside it: at about 30 kB each, 12 MB. The tables hold
#: every row; the page of a larger collection shows its failures and its worst pictures.
SHOWN, PICTURED = 5000, 400
#: Reasons that are listed, those of most rows first.
REASONS = 12
_LINE = re.compile(r"^line \d+: ")
#: What the page is given of each row, in this order.
_FIELDS = (
    "id", "status", "task", "photo", "casting", "scene", "seed", "category", "framing", "width", "height", "seam",
    "halo", "expansion", "core_pixels", "changed", "seconds", "warnings", "error", "sha256",
)  # fmt: skip


class Report:
    """Takes rows one after another, keeps those worth showing, and gives the page."""

    def __init__(self, cost_per_hour: float = 0) -> None:
        """`cost_per_hour` is the price of an hour of all workers."""
        self.cost_per_hour = cost_per_hour
        self.limits = VerifyOptions()
        self.counts: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.bytes = 0
        self.sameness = Sameness()
        self._worst: list[tuple[float, int, dict[str, Any]]] = []

    def add(self, row: dict[str, Any]) -> None:
        """Takes one row of `results.found`."""
        self.counts[row["status"]] += 1
        self.bytes += row["bytes"] or 0
        if row["error"]:
            reason = _LINE.sub("", row["error"])
            self.reasons[reason.partition(": ")[0] if len(self.reasons) > 500 else reason] += 1
        entry = (self.badness(row), -self.counts.total(), row)
        if len(self._worst) < SHOWN:
            heapq.heappush(self._worst, entry)
        else:
            heapq.heappushpop(self._worst, entry)

    def badness(self, row: dict[str, Any]) -> float:
        """Ranks how urgently a row needs a look: failures first, then seam and halo relative to their limits."""
        if row["status"] != "ok":
            return float("inf") if row["status"] != "pending" else -1.0
        seam = (row["seam"] or 0) / self.limits.max_seam
        halo = (row["halo"] or 0) / self.limits.max_halo
        return max(seam, halo)

    def html(self, folder: Folder, seconds: float = 0, done: int = 0) -> str:
        """Returns the page; small pictures are read from the folder.

        `seconds` is how long the last run took and `done` how many pictures it made. What rows took each is no measure
        of cost: while one generates, others wait for their turn.
        """
        from jinja2 import Environment, PackageLoader, select_autoescape

        shown = [row for _, _, row in sorted(self._worst, key=lambda entry: (-entry[0], -entry[1]))]
        pictures: dict[str, list[str]] = {}
        for row in shown:
            if row["status"] == "ok" and len(pictures) < PICTURED:
                both = [folder.read(f"{OWN}/{row['id']}.{kind}.jpg") for kind in ("before", "after")]
                if all(both):
                    pictures[row["id"]] = [base64.b64encode(each or b"").decode() for each in both]
        environment = Environment(loader=PackageLoader("pipeline.collection"), autoescape=select_autoescape(["j2"]))
        made = self.counts["ok"]
        return environment.get_template("report.html.j2").render(
            counts=dict(self.counts),
            total=self.counts.total(),
            left_out=self.counts.total() - len(shown),
            unpictured=made - len(pictures),
            reasons=(common := self.reasons.most_common(REASONS)),
            other=self.reasons.total() - sum(count for _, count in common),
            wall=seconds,
            each=seconds / done if done else 0,
            gigabytes=self.bytes / 1e9,
            cost=self.cost_per_hour * seconds / 3600 / done if done else 0,
            fields=list(_FIELDS),
            sameness=self.sameness.rows(),
            limits={name: getattr(self.limits, f"max_{name}") for name in ("seam", "halo", "expansion")},
            data=_embedded({"rows": [[_short(row[name]) for name in _FIELDS] for row in shown], "pictures": pictures}),
        )


def _short(value: Any) -> Any:
    return round(value, 4) if isinstance(value, float) else value


def _embedded(data: Any) -> str:
    """Encodes JSON so that nothing in it can break out of a script element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
