"""Content credentials: whoever edits one of the three files is found out, and who signed is told."""

import datetime
import hashlib
import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from pipeline import config, engine
from pipeline.cli.app import app
from pipeline.proof import prove
from pipeline.provenance import credentials, seal
from pipeline.provenance import signer as signers
from pipeline.receipt import Receipt
from stages import write
from stages.errors import ConfigError
from stages.options import ProvenanceOptions
from tests.fakes import RampModels, tee

c2pa = pytest.importorskip("c2pa")
from cryptography import x509  # noqa: E402
from cryptography.hazmat.primitives import hashes, serialization  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa  # noqa: E402
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes  # noqa: E402
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID  # noqa: E402


@pytest.fixture(autouse=True, scope="module")
def signing(tmp_path_factory: pytest.TempPathFactory) -> object:
    """Switches signing on, with a development certificate in a folder of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(seal.SWITCH, raising=False)
        folder = tmp_path_factory.mktemp("signing")
        patch.setattr(signers, "_home", lambda: folder)
        yield folder


def run(folder: Path, **provenance: object) -> tuple[Path, Path]:
    source, output = folder / "photo.png", folder / "shirt.png"
    source.write_bytes(write.encode(tee(), None))
    chosen = config.resolve(
        flags={
            "segment": {"segmenter": "finder"},
            "generate": {"steps": 1, "pixels": 6144},
            "write": {"format": "jpg"},
            "provenance": provenance,
        }
    )
    assert engine.run(source, output, chosen, RampModels()).status == "ok"
    return output, source


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, signing: object) -> tuple[Path, Path]:
    return run(tmp_path_factory.mktemp("made"))


@pytest.fixture
def files(made: tuple[Path, Path], tmp_path: Path) -> tuple[Path, Path]:
    for path in made[0].parent.iterdir():
        shutil.copy(path, tmp_path)
    return tmp_path / made[0].name, tmp_path / made[1].name


def operator(folder: Path, key: object, name: str = "A Shop") -> tuple[Path, Path, Path]:
    """Makes an operator's root, certificate and key; gives the files of chain, key and root."""
    root = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.UTC)

    def certificate(subject: str, public: CertificatePublicKeyTypes, authority: bool) -> x509.Certificate:
        def called(text: str) -> x509.Name:
            return x509.Name(
                [x509.NameAttribute(NameOID.ORGANIZATION_NAME, text), x509.NameAttribute(NameOID.COMMON_NAME, text)]
            )

        usage = dict.fromkeys(
            ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only",
             "decipher_only"), False,
        )  # fmt: skip
        built = x509.CertificateBuilder().subject_name(called(subject)).issuer_name(called(f"{name} root"))
        built = built.public_key(public).serial_number(x509.random_serial_number())
        built = built.not_valid_before(now - datetime.timedelta(1)).not_valid_after(now + datetime.timedelta(30))
        built = built.add_extension(x509.BasicConstraints(authority, None), True)
        built = built.add_extension(
            x509.KeyUsage(digital_signature=True, key_cert_sign=authority, crl_sign=authority, **usage), True
        )
        built = built.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), False)
        if not authority:
            built = built.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False)
            built = built.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root.public_key()), False)
        return built.sign(root, hashes.SHA256())

    top = certificate(f"{name} root", root.public_key(), True).public_bytes(serialization.Encoding.PEM)
    own = certificate(name, key.public_key(), False).public_bytes(serialization.Encoding.PEM)  # type: ignore[attr-defined]
    secret = key.private_bytes(  # type: ignore[attr-defined]
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    paths = folder / "chain.pem", folder / "key.pem", folder / "root.pem"
    for path, content in zip(paths, (own + top, secret, top), strict=True):
        path.write_bytes(content)
    return paths


def test_the_three_files_are_bound_and_told(files: tuple[Path, Path]) -> None:
    proof = prove(*files)
    assert proof.failures == ()
    assert proof.signed_by is not None
    assert "self-made" in proof.signed_by
    assert any("proves no identity" in warning for warning in proof.warnings)
    assert proof.watermark is not False
    receipt = Receipt.model_validate_json(files[0].with_suffix(".json").read_bytes())
    assert receipt.provenance is not None
    assert receipt.provenance.c2pa == "signed"
    assert "generated by AI" in receipt.provenance.disclosure
    for path in (files[0], files[0].with_suffix(".jpg")):
        found = credentials.read(path.read_bytes())
        assert found is not None
        assert found.valid
        assert found.run["photo"] == receipt.source.sha256
        assert found.source_type is not None
        assert found.source_type.endswith("compositeWithTrainedAlgorithmicMedia")
        assert "c2pa.placed" in found.claims


def test_a_second_tool_accepts_it_and_refuses_edits(files: tuple[Path, Path]) -> None:
    for path, kind in ((files[0], "image/png"), (files[0].with_suffix(".jpg"), "image/jpeg")):
        data = path.read_bytes()
        assert str(c2pa.Reader(kind, io.BytesIO(data)).get_validation_state()) == "Valid"
        edited = bytearray(data)
        at = data.rindex(b"IDAT") + 40 if kind == "image/png" else len(data) - 200
        edited[at] ^= 1
        assert str(c2pa.Reader(kind, io.BytesIO(bytes(edited))).get_validation_state()) == "Invalid"


def agree(output: Path) -> None:
    """Makes the receipt's hashes those of picture and mask."""
    path = output.with_suffix(".json")
    receipt = json.loads(path.read_text())
    receipt["output"]["sha256"] = hashlib.sha256(output.read_bytes()).hexdigest()
    receipt["mask"]["sha256"] = hashlib.sha256(output.with_suffix(".mask.png").read_bytes()).hexdigest()
    path.write_text(json.dumps(receipt))


@pytest.mark.parametrize("edit", ["picture", "mask", "receipt", "taken off", "other run's"])
def test_edits_that_agree_are_told_as_edits(files: tuple[Path, Path], edit: str, tmp_path: Path) -> None:
    output, source = files
    picture = np.asarray(Image.open(output))
    if edit == "picture":
        data = bytearray(output.read_bytes())
        plain = Image.fromarray(
            picture ^ np.array([[[0, 0, 1]]], np.uint8) * (np.arange(picture.shape[1]) < 3)[None, :, None]
        )
        file = io.BytesIO()
        plain.save(file, "PNG")
        at = data.index(b"caBX") - 4
        block = data[at : at + 12 + int.from_bytes(data[at : at + 4], "big")]
        made = file.getvalue()
        output.write_bytes(made[:33] + bytes(block) + made[33:])
        words = "not as it was signed"
    elif edit == "mask":
        mask = np.array(Image.open(output.with_suffix(".mask.png")))
        mask[0, 0] ^= 1
        output.with_suffix(".mask.png").write_bytes(write.encode_mask(mask))
        words = "not those that were signed"
    elif edit == "receipt":
        path = output.with_suffix(".json")
        path.write_text(path.read_text().replace('"seed": 0', '"seed": 5'))
        words = "not those that were signed"
    elif edit == "taken off":
        output.write_bytes(write.encode(picture, None))
        words = "signature was taken off"
    else:
        other = tmp_path / "other"
        other.mkdir()
        shutil.copy(run(other, disclosure="Another.")[0], output)
        words = "not those that were signed"
    agree(output)
    assert any(words in failure for failure in prove(output, source).failures)


@pytest.mark.sampled
@pytest.mark.parametrize(
    "key", [ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP384R1()),
            rsa.generate_private_key(65537, 2048), ed25519.Ed25519PrivateKey.generate()],
    ids=["es256", "es384", "ps256", "ed25519"],
)  # fmt: skip
def test_an_operators_certificate_signs_and_is_trusted(key: object, tmp_path: Path, made: tuple[Path, Path]) -> None:
    chain, secret, root = operator(tmp_path, key)
    output, source = run(tmp_path, sign_cert=str(chain), sign_key=str(secret))
    assert any("vouches" in warning for warning in prove(output, source).warnings)
    proof = prove(output, source, anchors=root)
    assert proof.failures == ()
    assert proof.warnings == ()
    assert proof.signed_by == "A Shop, A Shop"
    # The development certificate is nobody whom these anchors vouch for.
    assert any("--trust" in failure for failure in prove(*made, anchors=root).failures)


def test_certificates_that_cannot_sign_end_a_run_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chain, secret, _ = operator(tmp_path, ec.generate_private_key(ec.SECP256R1()))
    other = tmp_path / "other"
    other.mkdir()
    _, stranger, _ = operator(other, ec.generate_private_key(ec.SECP256R1()))
    for given, words in (
        ({"sign_cert": chain}, "both"),
        ({"sign_cert": tmp_path / "none.pem", "sign_key": str(secret)}, "cannot be read"),
        ({"sign_cert": secret, "sign_key": str(secret)}, "PEM"),
        ({"sign_cert": chain, "sign_key": str(stranger)}, "not the key"),
        ({"sign_cert": chain, "sign_key": "pkcs11:token=a;object=b"}, "pkcs11|token"),
    ):
        with pytest.raises(ConfigError, match=words):
            signers.load(ProvenanceOptions(**given))
    monkeypatch.setenv(signers.CERT, str(chain))
    monkeypatch.setenv(signers.KEY, str(secret))
    assert not signers.load(ProvenanceOptions()).development


def test_the_development_key_is_its_users_alone(tmp_path: Path) -> None:
    made = signers.load(ProvenanceOptions(), tmp_path / "own")
    assert made.development
    assert (tmp_path / "own" / "development.pem").stat().st_mode & 0o077 == 0
    assert (tmp_path / "own").stat().st_mode & 0o077 == 0
    signers._development.cache_clear()
    assert signers.load(ProvenanceOptions(), tmp_path / "own").chain == made.chain


def test_switches_are_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output, source = run(tmp_path, c2pa=False, watermark=False)
    receipt = Receipt.model_validate_json(output.with_suffix(".json").read_bytes())
    assert receipt.provenance is not None
    assert "--no-c2pa" in receipt.provenance.c2pa
    assert "--no-watermark" in receipt.provenance.watermark
    assert credentials.read(output.read_bytes()) is None
    assert any("nobody signed" in warning for warning in prove(output, source).warnings)
    assert any("nobody signed" in failure for failure in prove(output, source, anchors=operator(
        tmp_path, ec.generate_private_key(ec.SECP256R1()))[2]).failures)  # fmt: skip


def test_a_label_goes_on_the_export_alone(tmp_path: Path, made: tuple[Path, Path]) -> None:
    output, _ = run(tmp_path, label=True)
    with Image.open(output) as master, Image.open(output.with_suffix(".jpg")) as export:
        assert master.size == Image.open(made[0]).size
        assert export.width == master.width
        assert export.height > master.height
        foot = np.asarray(export.convert("L"))[master.height :]
        assert foot.max() > 240
        assert foot.min() < 90  # words
    with pytest.raises(ConfigError, match="--format"):
        seal.ready(config.resolve(flags={"provenance": {"label": True}}))


def test_provenance_is_printed(files: tuple[Path, Path], tmp_path: Path) -> None:
    runner = CliRunner()
    said = runner.invoke(app, ["provenance", str(files[0])])
    assert said.exit_code == 0, said.output
    for words in (
        "as it was signed",
        "self-made",
        "compositeWithTrainedAlgorithmicMedia",
        "c2pa.placed",
        "photo SHA-256",
    ):
        assert words in said.output
    broken = tmp_path / "edited.jpg"
    edited = bytearray(files[0].with_suffix(".jpg").read_bytes())
    edited[-300] ^= 2
    broken.write_bytes(bytes(edited))
    said = runner.invoke(app, ["provenance", str(broken), "--json"])
    assert said.exit_code == 7
    assert json.loads(said.output)["credentials"]["valid"] is False
    bare = tmp_path / "bare.png"
    bare.write_bytes(write.encode(tee(), None, None, write.About("trainedAlgorithmicMedia")))
    said = runner.invoke(app, ["provenance", str(bare)])
    assert "credentials: none" in said.output
    assert "trainedAlgorithmicMedia" in said.output


@pytest.mark.parametrize(
    ("flags", "generated", "words"),
    [
        ({"task": "inpaint", "inpaint": {"box": "40,40,60,60"}}, False, "without a generative model"),
        (
            {"task": "inpaint", "inpaint": {"box": "40,40,180,260"}, "fill": {"fill": "model"}},
            True,
            "a region is synthetic",
        ),
        (
            {"task": "outpaint", "outpaint": {"left": "40"}, "fill": {"fill": "classical"}},
            False,
            "its border continues",
        ),
        ({"task": "background", "background": {"background": "white"}}, False, "before another background"),
    ],
)
def test_words_and_mark_are_true_to_the_task(
    flags: dict[str, object], generated: bool, words: str, tmp_path: Path
) -> None:
    source, output = tmp_path / "photo.png", tmp_path / "o.png"
    source.write_bytes(write.encode(tee(), None))
    options = {"generate": {"steps": 1, "pixels": 6144}, "segment": {"segmenter": "finder"}, **flags}
    receipt = engine.run(source, output, config.resolve(flags=options), RampModels())
    assert receipt.provenance is not None
    assert words in receipt.provenance.disclosure
    assert receipt.provenance.watermark == ("in generated pixels" if generated else "none: no model generated a pixel")
    assert prove(output, source).failures == ()
