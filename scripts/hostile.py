"""Makes hostile files and words: broken bytes, strange values in receipts and manifests, odd names."""

import json
import random
import struct
from pathlib import Path
from typing import Any

from scripts.hostile_photos import resummed
from stages.photo.png import SIGNATURE

#: Numbers that readers trip over.
ODD = (0, -1, 1, 2**31 - 1, 2**32, 2**63, -(2**63), 10**30, 1e9, 1e300, 0.5, -0.0, float("nan"), float("inf"), 1e-300)
#: Values that take another's place in JSON and YAML.
STRANGE: tuple[Any, ...] = (
    *ODD, None, True, "", "\0", "\x1b[31m", "\u202e", "a" * 5000, "9" * 5000, "../../x", "/dev/zero", [], {}, [[]],
    {"a": {}}, "1,2,3,4", "999:1", "00x00", "=1+1", "file:///etc/passwd", "http://127.0.0.1/x", "photo:/dev/zero",
    ["x"] * 2000,
)  # fmt: skip


def broken(content: bytes, dice: random.Random) -> bytes:
    """Returns a file with bytes flipped, cut, doubled, swapped or replaced by odd numbers, now and then by nothing."""
    data = bytearray(content)
    for _ in range(dice.choice((1, 1, 2, 4, 16))):
        if not data:
            break
        at, end = sorted(dice.randrange(len(data) + 1) for _ in range(2))
        kind = dice.randrange(8)
        if kind == 0:
            data[min(at, len(data) - 1)] ^= 1 << dice.randrange(8)
        elif kind == 1:
            del data[at:]
        elif kind == 2:
            data[at:at] = data[at : min(end, at + 4096)]
        elif kind == 3:
            del data[at : min(end, at + 64)]
        elif kind == 4:
            value = struct.pack(dice.choice((">I", "<I")), int(dice.choice((0, 1, 60000, 2**31 - 1, 2**32 - 1))))
            data[at : at + 4] = value
        elif kind == 5:
            data[at : at + 8] = dice.randbytes(8)
        elif kind == 6:
            head = dice.randrange(min(64, len(data)))
            data[head : head + 4] = struct.pack(">I", dice.choice((60000, 0, 2**31 - 1, 10**6)))
        else:
            data[at:at] = dice.randbytes(dice.randrange(200))
    if dice.random() < 0.02:
        return b""
    return resummed(data) if data.startswith(SIGNATURE) and dice.random() < 0.7 else bytes(data)


def strange(content: Any, dice: random.Random) -> Any:
    """Returns JSON's content with one to three values replaced by strange ones, dropped, or nested."""
    for _ in range(dice.randint(1, 3)):
        content = _changed(content, dice)
    return content


def _changed(content: Any, dice: random.Random) -> Any:
    if isinstance(content, dict) and content and dice.random() < 0.9:
        key = dice.choice(list(content))
        if dice.random() < 0.1:
            return {name: value for name, value in content.items() if name != key}
        return {**content, key: _changed(content[key], dice)}
    if isinstance(content, list) and content and dice.random() < 0.6:
        at = dice.randrange(len(content))
        return [*content[:at], _changed(content[at], dice), *content[at + 1 :]]
    return dice.choice(STRANGE)


def receipt(sound: bytes, dice: random.Random) -> bytes:
    """Returns a malformed receipt: strange values in most, broken text in the rest."""
    kind = dice.random()
    if kind < 0.8:
        return json.dumps(strange(json.loads(sound), dice)).encode()
    if kind < 0.85:
        return b"[" * 100_000
    return broken(sound, dice)


def manifest(dice: random.Random, photo: str) -> tuple[str, bytes]:
    """Returns a hostile manifest's ending and content."""
    keys = [
        "id",
        "photo",
        "task",
        "aspect",
        "size",
        "box",
        "seed",
        "matte",
        "background",
        "pose",
        "prompt",
        "casting",
        "x",
        "",
    ]
    row = {dice.choice(keys): dice.choice(STRANGE) for _ in range(4)} | {"photo": photo}
    rows = [row, {"id": "a", "photo": photo}, strange(row, dice)]
    kind = dice.choice(("csv", "jsonl", "yaml", "bomb", "bytes", "parquet"))
    if kind == "csv":
        cells = [",".join(str(each) for each in row), *(",".join(map(str, dice.sample(STRANGE, 4))) for _ in range(3))]
        return ".csv", dice.choice(("", "\ufeff", "sep=;\n", "\n#\n")).encode() + "\n".join(cells).encode(
            "utf-8", "replace"
        )
    if kind == "jsonl":
        return ".jsonl", "\n".join(json.dumps(each) for each in rows).encode()
    if kind == "yaml":
        return ".yaml", json.dumps({"defaults": strange(row, dice), "matrix": {"photo": ["*"]}, "rows": rows}).encode()
    if kind == "bomb":
        lines = [b"a: &a [x,x,x,x,x,x,x,x,x,x]"]
        lines += [
            b"%c: &%c [%s]" % (98 + at, 98 + at, b",".join([b"*%c" % (97 + at)] * 10))
            for at in range(dice.randint(1, 9))
        ]
        return ".yaml", b"\n".join(lines)
    ending = dice.choice((".csv", ".jsonl", ".yaml", ".parquet"))
    return ending, broken(dice.randbytes(300) + json.dumps(rows).encode(), dice)


def words(dice: random.Random, photo: str) -> list[str]:
    """Returns a command line with hostile words for its options."""
    command = dice.choice(
        ("generate", "background", "inpaint", "outpaint", "segment", "config", "list", "models", "verify")
    )
    flags = [
        "--aspect",
        "--size",
        "--box",
        "--point",
        "--seed",
        "--left",
        "--margin",
        "--pose",
        "--casting",
        "--scene",
        "--preset",
        "--config",
        "--from",
        "--matte",
        "--mask",
        "--background",
        "--garment-box",
        "--prompt",
        "-o",
        "--nope",
    ]
    text = [str(each) for each in STRANGE if "\0" not in str(each)]
    typed = [command, *(["show"] if command == "config" else [photo])]
    for _ in range(dice.randint(1, 4)):
        typed += [dice.choice(flags), dice.choice(text)]
    return [each.replace("\0", "") for each in typed]


def named(folder: Path, dice: random.Random) -> Path:
    """Returns a name that no display should take for what it is."""
    return folder / dice.choice(
        ("a\x1b[31mb.png", "\u202egnp.exe", "a\nb.png", "=1+1.png", "caf\u00e9.png", "-o.png", "a" * 200)
    )
