"""What another validator than the one that signs says of our manifests, and of pictures that were edited since."""

from pathlib import Path

import numpy as np
import pytest

from pipeline import config, engine
from pipeline.provenance import credentials, seal
from pipeline.provenance import signer as signers
from stages import write
from tests.fakes import RampModels
from tests.second_validator import InvalidError, manifest_spans, validate

pytest.importorskip("c2pa")

KINDS = ("png", "jpg", "webp")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A signed master, and a signed export of each format."""
    folder, noise = tmp_path_factory.mktemp("signed"), np.random.default_rng(0)
    source = folder / "photo.png"
    source.write_bytes(write.encode(noise.integers(0, 255, (90, 70, 3), np.uint8), None))
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(seal.SWITCH, raising=False)
        patch.setattr(signers, "_home", lambda: folder / "signing")
        for kind in KINDS[1:]:
            flags = {"task": "inpaint", "inpaint": {"box": "20,20,30,30"}, "write": {"format": kind}}
            output = folder / f"{kind}.png"
            assert engine.run(source, output, config.resolve(flags=flags), RampModels()).status == "ok"
    return {kind: (folder / f"jpg.{kind}" if kind != "webp" else folder / "webp.webp").read_bytes() for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_it_accepts_what_was_signed(made: dict[str, bytes], kind: str) -> None:
    assertions = validate(made[kind])
    assert assertions["org.onmodel.run"]["disclosure"].startswith("This picture was edited")
    assert assertions["c2pa.actions.v2"]["actions"][0]["action"] == "c2pa.created"


@pytest.mark.parametrize("kind", KINDS)
def test_it_refuses_every_edit_and_we_refuse_the_same(made: dict[str, bytes], kind: str) -> None:
    data, dice = made[kind], np.random.default_rng(len(kind))
    (start, end), *others = manifest_spans(data)
    assert not others
    places = [at for at in dice.integers(len(data), size=60).tolist() if not start <= at < end]
    assert len(places) > 5
    edits = [data[:at] + bytes([data[at] ^ 1 << int(dice.integers(8))]) + data[at + 1 :] for at in places]
    edits += [
        data + b"\0",
        data.replace(b"c2pa.created", b"c2pa.edited_", 1),
        data.replace(b"bit for bit", b"bit by bit.", 1),
    ]
    edits += [data[:start] + data[start:end] * 2 + data[end:]]
    for edited in edits:
        with pytest.raises(InvalidError):
            validate(edited)
        ours = credentials.read(edited)
        assert ours is None or not ours.valid


def test_a_manifest_of_another_picture_is_refused(made: dict[str, bytes], tmp_path: Path) -> None:
    (start, end), data = manifest_spans(made["png"])[0], made["png"]
    bare = write.encode(np.zeros((90, 70, 3), np.uint8), None)
    with pytest.raises(InvalidError, match=r"left out|not what was signed"):
        validate(bare[:start] + data[start:end] + bare[start:])
