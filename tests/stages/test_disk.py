"""All files of a run or none, whenever it ends; and no file of somebody else is touched."""

import hashlib
import json
import os
import random
from contextlib import suppress
from pathlib import Path

import pytest

from stages import disk
from stages.errors import ForeignError, OutputError

OLD = {"x.png": b"old picture", "x.json": b"old receipt", "x.jpg": b"old export"}
NEW = {"x.png": b"1", "x.stages/1.png": b"2", "x.mask.png": b"3", "x.json": b"4"}
#: What touches the disk, by the names that pathlib and io call it.
STEPS = ("fsync", "link", "mkdir", "replace", "rmdir", "unlink")


def known(*contents: bytes) -> frozenset[str]:
    return frozenset(hashlib.sha256(content).hexdigest() for content in contents)


def begin(folder: Path) -> dict[Path, bytes]:
    folder.mkdir(exist_ok=True)
    for name, content in OLD.items():
        (folder / name).write_bytes(content)
    (folder / "mine.part").write_bytes(b"foreign")
    return {folder / name: content for name, content in NEW.items()}


def found(folder: Path) -> dict[str, bytes]:
    return {each.relative_to(folder).as_posix(): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


BEFORE = {**OLD, "mine.part": b"foreign"}
AFTER = {**NEW, "mine.part": b"foreign"}


def write(folder: Path, files: dict[Path, bytes]) -> None:
    disk.write_files(files, known(*OLD.values()), [folder / "x.jpg"])


def test_files_are_written_with_their_folder(tmp_path: Path) -> None:
    files = {tmp_path / "a" / "b" / "x.png": b"picture", tmp_path / "a" / "b" / "x.json": b"receipt"}
    disk.write_files(files)
    assert found(tmp_path) == {"a/b/x.png": b"picture", "a/b/x.json": b"receipt"}


def test_known_files_are_replaced_and_stale_ones_go(tmp_path: Path) -> None:
    write(tmp_path, begin(tmp_path))
    assert found(tmp_path) == AFTER


@pytest.mark.parametrize("overwrite", [False, True])
def test_an_existing_file_stops_all_of_them(tmp_path: Path, overwrite: bool) -> None:
    files = begin(tmp_path)
    with pytest.raises(ForeignError if overwrite else OutputError, match=r"x\.(png|json)"):
        disk.write_files(files, known(b"something else") if overwrite else None, [tmp_path / "x.jpg"])
    assert found(tmp_path) == BEFORE


class Dies:
    """Ends the process, or raises, at its n-th step that touches the disk."""

    def __init__(self, at: int, end: object) -> None:
        self.left, self.end = at, end

    def around(self, real: object) -> object:
        def step(*given: object, **named: object) -> object:
            self.left -= 1
            if self.left == 0:
                if isinstance(self.end, BaseException):
                    raise self.end
                os._exit(9)
            return real(*given, **named)  # type: ignore[operator]

        return step


def steps_of_a_write(folder: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    counting = Dies(10**6, None)
    with monkeypatch.context() as patched:
        for name in STEPS:
            patched.setattr(os, name, counting.around(getattr(os, name)))
        write(folder, begin(folder))
    return 10**6 - counting.left


def test_a_kill_at_any_step_leaves_all_or_none_once_the_next_run_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every step of a write is the one at which a process is killed; then another kills the one that mends it."""
    dice = random.Random(0)  # noqa: S311
    total = steps_of_a_write(tmp_path / "count", monkeypatch)
    assert total > 15
    seen = set()
    for at in range(1, total + 1):
        folder = tmp_path / str(at)
        files = begin(folder)

        def killed(work: object, at: int) -> None:
            child = os.fork()
            if child == 0:
                dies = Dies(at, None)
                for name in STEPS:
                    setattr(os, name, dies.around(getattr(os, name)))
                work()  # type: ignore[operator]
                os._exit(0)
            os.waitpid(child, 0)

        killed(lambda folder=folder, files=files: write(folder, files), at)
        halfway = found(folder)
        assert all(halfway[name] in (content, NEW.get(name)) for name, content in OLD.items() if name in halfway)
        killed(lambda folder=folder: disk.recover(folder), dice.randint(1, 6))
        disk.recover(folder)
        assert found(folder) in (BEFORE, AFTER)
        assert not list(folder.glob(".onmodel-*"))
        seen.add(found(folder) == AFTER)
    assert seen == {True, False}


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_at_any_step_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    total = steps_of_a_write(tmp_path / "count", monkeypatch)
    for at in range(1, total + 1):
        folder = tmp_path / str(at)
        files = begin(folder)
        raised = True
        with monkeypatch.context() as patched:
            dies = Dies(at, error)
            for name in STEPS:
                patched.setattr(os, name, dies.around(getattr(os, name)))
            with suppress(OutputError if isinstance(error, OSError) else KeyboardInterrupt):
                write(folder, files)
                raised = False
        disk.recover(folder)
        assert found(folder) in ((BEFORE, AFTER) if raised and at > total - 8 else (BEFORE,) if raised else (AFTER,))
        assert not list(folder.glob(".onmodel-*"))


def test_what_the_living_are_at_is_left_alone(tmp_path: Path) -> None:
    with disk._Staging(tmp_path) as staging:
        staging.fill(0, b"part")
        disk.recover(tmp_path)
        assert (staging.folder / "0").read_bytes() == b"part"
    assert not list(tmp_path.iterdir())


def test_a_file_that_came_while_a_run_was_dead_stays(tmp_path: Path) -> None:
    staging = tmp_path / ".onmodel-0123abcd"
    staging.mkdir()
    (staging / "lock").touch()
    (staging / "0").write_bytes(b"new")
    (staging / "commit.json").write_text(json.dumps([["x.png", next(iter(known(b"new"))), None]]))
    (tmp_path / "x.png").write_bytes(b"mine")
    disk.recover(tmp_path)
    assert found(tmp_path) == {"x.png": b"mine"}


@pytest.mark.parametrize("content", ['[["../x.png", null, null]]', "[[", '[["/etc/x", "a", "b"]]', "{}", '[["a"]]'])
def test_a_planted_list_of_moves_reaches_nothing(tmp_path: Path, content: str) -> None:
    staging = tmp_path / "in" / ".onmodel-0123abcd"
    staging.mkdir(parents=True)
    (staging / "lock").touch()
    (staging / "commit.json").write_text(content)
    (tmp_path / "x.png").write_bytes(b"mine")
    disk.recover(tmp_path / "in")
    assert (tmp_path / "x.png").read_bytes() == b"mine"


def test_damage_on_the_way_to_the_disk_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "read_bytes", lambda _: b"other")
    with pytest.raises(OutputError, match="differs"):
        disk.write_files({tmp_path / "x.png": b"picture"})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["x" * 300 + ".png", "a\0b.png", "file/x.png", "loop/x.png"])
def test_a_name_that_cannot_be_is_one_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(OutputError, match="cannot be written"):
        disk.write_files({tmp_path / name: b""})
    with pytest.raises(OutputError, match="is a folder"):
        disk.write_files({tmp_path: b""}, known())
    assert sorted(each.name for each in tmp_path.iterdir()) == ["file", "loop"]
