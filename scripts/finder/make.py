"""Makes the finder's weights from the sellers' photos, from the first mask to the table of its model card.

    python -m scripts.finder.make SELLERS WORK --teacher isnet.onnx --begin efficientnet-lite0-57934424.pth

In order: masks for the photos that have none, by `--teacher` (scripts/finder/teacher.py says where it is from);
verdicts on all masks; drawn photos; the training, which begins from `--begin` (scripts/finder/pretrained.py); the
weights in half precision with their temperature, WORK/finder.safetensors; and WORK/table.md, measured on the
validation photos. Each step's files stay in WORK: the same command goes on where it was stopped, within a step too.
All follows from `--seed`. A GPU is used where there is one.
"""

import argparse
import json
from pathlib import Path

import cv2

from scripts.finder import draw, train
from scripts.finder.evaluate import evaluate
from scripts.finder.examples import Examples
from scripts.finder.judge import judge
from scripts.finder.pack import pack
from scripts.finder.sellers import listed
from scripts.finder.teacher import masks
from scripts.finder.whole import whole
from scripts.house.log import Log
from stages.errors import OnmodelError


def make(sellers: Path, work: Path, teacher: Path | None, begin: Path | None, plan: str, drawn: int, seed: int) -> Path:
    """Returns the file of weights.

    Raises ValueError if photos or a file are missing, or WORK was begun with other settings.
    """
    if next(listed(sellers, "train"), None) is None:
        raise ValueError(f"{sellers} holds no train/CLASS/NAME.jpg")
    if begin and not begin.is_file():
        raise ValueError(f"there is no file {begin} to begin from")
    stages = train.plan_of(plan)
    named = {"teacher": teacher and teacher.name, "begin": begin and begin.name}
    _agreed(work / "settings.json", {"plan": plan, "drawn": drawn, "seed": seed} | named)
    cv2.setNumThreads(1)
    log = Log(work / "make.log")
    if teacher:
        masks(sellers, work / "masks", teacher, log)
    judged = judge(sellers, work / "masks", work / "judged.json", log)
    log(f"masks: {sum(each == 'right' for each in judged.values())} of {len(judged)} right")
    chunks = []
    for number in range(-(-drawn // draw.CHUNK)):
        chunks.append(draw.chunk(seed, number, work / "drawn"))
        log(f"drawn: {chunks[-1].name}")
    trunk = work / "trunk.safetensors"
    if not trunk.exists():
        examples = Examples(sellers, work / "masks", judged, chunks)
        log(f"{len(examples.real.all)} photos with masks, {len(examples.named.all)} without")
        train.train(examples, stages, begin, seed, work, log)
    packed, table = work / "finder.safetensors", work / "table.md"
    if not packed.exists():
        pack(sellers, trunk, packed, log)
    if not table.exists():
        lines = ["| what | measured |", "| --- | --- |"]
        for row in evaluate(packed, sellers, work / "masks", judged):
            log(f"{row[0]}: {row[1]}")
            lines.append(f"| {row[0]} | {row[1]} |")
        with whole(table) as part:
            part.write_text("\n".join([*lines, ""]))
    return packed


def _agreed(path: Path, settings: dict[str, object]) -> None:
    if not path.exists():
        with whole(path) as part:
            part.write_text(json.dumps(settings))
    if (begun := json.loads(path.read_text())) != settings:
        raise ValueError(f"{path.parent} was begun with {begun}: give the same, or another folder")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sellers", type=Path)
    parser.add_argument("work", type=Path, help="folder for all that is made")
    parser.add_argument("--teacher", type=Path, help="IS-Net in ONNX; photos without masks stay so if not said")
    parser.add_argument("--begin", type=Path, help="weights of EfficientNet-Lite0; from scratch if not said")
    parser.add_argument("--plan", default=train.PLAN, help="longer sides:steps:batch, in order")
    parser.add_argument("--drawn", type=int, default=1280, help="how many photos are drawn")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    try:
        packed = make(asked.sellers, asked.work, asked.teacher, asked.begin, asked.plan, asked.drawn, asked.seed)
    except (ValueError, OnmodelError) as error:
        parser.error(str(error))
    print((asked.work / "table.md").read_text() + f"\n{packed}")


if __name__ == "__main__":
    main()
