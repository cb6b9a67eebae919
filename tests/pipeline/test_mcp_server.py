"""The tasks as an assistant's tools, asked by the SDK's own client."""

import json
from pathlib import Path
from typing import Any

import anyio
import numpy as np
import pytest
from mcp import Client

from pipeline import mcp_server
from pipeline.proof import prove
from stages import write
from tests.fakes import RampModels, tee

SMALL = {"reseed": 0, "steps": 2}


def call(name: str, arguments: dict[str, Any], told: list[Any] | None = None) -> Any:
    async def asked() -> Any:
        async def hear(progress: float, total: float | None, message: str | None) -> None:
            if told is not None:
                told.append((message, progress, total))

        async with Client(mcp_server.server(RampModels)) as client:
            return await client.call_tool(name, arguments, progress_callback=hear)

    return anyio.run(asked)


def photo(folder: Path) -> Path:
    path = folder / "tee.png"
    path.write_bytes(write.encode(tee(), None))
    return path


def test_a_picture_is_generated_with_progress_and_holds_what_it_promises(tmp_path: Path) -> None:
    source, out = photo(tmp_path), tmp_path / "out.png"
    told: list[Any] = []
    answer = call("generate", {"photo": str(source), "output": str(out), "options": {"seed": 5, **SMALL}}, told)
    assert not answer.is_error, answer.content
    assert answer.structured_content["seed"] == 5
    assert answer.structured_content["kept_pixels"] > 1000
    assert not prove(out, source).failures
    assert {"segment", "generate"} <= {message for message, *_ in told}


@pytest.mark.thorough
def test_a_frame_grows_to_the_format_that_was_asked_for(tmp_path: Path) -> None:
    source, out = photo(tmp_path), tmp_path / "wide.png"
    answer = call("outpaint", {"photo": str(source), "output": str(out), "options": {"aspect": "1:1", **SMALL}})
    assert not answer.is_error, answer.content
    picture = write.decode(out.read_bytes())
    assert picture is not None
    assert picture.shape[0] == picture.shape[1] == 300
    proof = call("verify", {"picture": str(out), "photo": str(source)})
    assert proof.structured_content["proven"] is True


def test_an_inpainting_keeps_everything_outside_its_box(tmp_path: Path) -> None:
    source, out = photo(tmp_path), tmp_path / "mended.png"
    given = {"photo": str(source), "output": str(out), "options": {"box": "100,120,130,150", **SMALL}}
    assert not call("inpaint", given).is_error
    before, after = write.decode(source.read_bytes()), write.decode(out.read_bytes())
    assert before is not None
    assert after is not None
    changed = np.argwhere((before != after).any(axis=2))
    assert len(changed)
    assert (changed.min(axis=0) >= (110, 90)).all()
    assert (changed.max(axis=0) < (160, 140)).all()


@pytest.mark.thorough
def test_what_goes_wrong_is_one_sentence_and_writes_nothing(tmp_path: Path) -> None:
    source = photo(tmp_path)
    for name, arguments, words in (
        ("background", {"photo": str(tmp_path / "no.png"), "output": str(tmp_path / "o.png")}, "does not exist"),
        ("generate", {"photo": str(source), "output": str(tmp_path / "o.jpg")}, "must end in .png"),
        ("generate", {"photo": str(source), "output": str(source), "overwrite": True}, "would be overwritten"),
        ("generate", {"photo": str(source), "output": str(tmp_path / "o.png"), "options": {"sed": 1}}, "sed"),
        ("verify", {"picture": str(source), "photo": str(source)}, "cannot be read"),
    ):
        answer = call(name, arguments)
        assert answer.is_error
        assert words in answer.content[0].text, answer.content
    assert list(tmp_path.iterdir()) == [source]


def test_each_tool_says_its_own_options_and_none_that_is_not(tmp_path: Path) -> None:
    async def listed() -> Any:
        async with Client(mcp_server.server(RampModels)) as client:
            return (await client.list_tools()).tools

    found = {tool.name: json.dumps(tool.input_schema) for tool in anyio.run(listed)}
    assert set(found) == {"generate", "background", "inpaint", "outpaint", "ghost", "verify", "names"}
    assert '"garment_point"' in found["generate"]
    assert '"mask"' in found["inpaint"]
    assert '"mask"' not in found["generate"]
    assert '"sign_key"' not in found["generate"]
    answer = call("names", {"kind": "castings"})
    assert answer.structured_content["imani"]["person"] == "woman"
