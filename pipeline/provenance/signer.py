"""Who signs: the operator's certificate and key, a token (PKCS#11), a callback; else a development certificate.

C2PA asks for X.509 certificates with a purpose for signing (C2PA specification 2.2, 14.5). The development certificate
is made on this machine and proves no identity: it binds a run's files to one another, no more.
"""

import datetime
import functools
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stages import extras
from stages.errors import ConfigError
from stages.options import ProvenanceOptions

if TYPE_CHECKING:
    from cryptography import x509

#: What the self-made certificate calls itself, so that whoever reads it knows.
DEVELOPMENT = "onmodel development certificate, self-made, proves no identity"
#: Where operators may name certificate and key without flags.
CERT, KEY = "ONMODEL_SIGN_CERT", "ONMODEL_SIGN_KEY"
_YEARS = 10


@dataclass(frozen=True, slots=True)
class Signer:
    """A certificate chain and what signs for it."""

    chain: str
    """PEM, the signer's own certificate first."""
    algorithm: str
    """es256, es384, es512, ps256 or ed25519, as C2PA names them."""
    sign: Callable[[bytes], bytes]
    """Returns the raw signature of bytes: of ECDSA r and s, each in full length."""
    development: bool = False
    timestamp: str | None = None
    """Address of an RFC 3161 authority."""


def load(options: ProvenanceOptions, folder: Path | None = None) -> Signer:
    """Returns the signer that options or environment name, else the development one of this machine, kept in `folder`.

    Raises ConfigError when a certificate or key cannot be used.
    """
    cert = options.sign_cert or (Path(os.environ[CERT]) if os.environ.get(CERT) else None)
    key = options.sign_key or os.environ.get(KEY)
    if (cert is None) != (key is None):
        raise ConfigError("signing needs both --sign-cert and --sign-key, or neither")
    if cert is None or key is None:
        return _development(folder or _home(), options.timestamp)
    chain = _read(cert, "--sign-cert")
    if str(key).startswith("pkcs11:"):
        return _token(str(key), chain, options.timestamp)
    return _of_key(_read(Path(key), "--sign-key"), chain, options.timestamp)


def _home() -> Path:
    import platformdirs

    return Path(platformdirs.user_data_dir("onmodel")) / "signing"


def _read(path: Path, flag: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{flag}: {path} cannot be read ({error.strerror})") from error


def _of_key(pem: bytes, chain: bytes, timestamp: str | None, *, development: bool = False) -> Signer:
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization

    try:
        key: Any = serialization.load_pem_private_key(pem, None)
        first = x509.load_pem_x509_certificates(chain)[0]
    except (ValueError, TypeError, IndexError) as error:
        raise ConfigError(f"certificate or key is not PEM without a password: {error}") from error
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    if key.public_key().public_bytes(serialization.Encoding.DER, spki) != first.public_key().public_bytes(
        serialization.Encoding.DER, spki
    ):
        raise ConfigError("--sign-key is not the key of --sign-cert")
    algorithm, sign = _algorithm(key)
    return Signer(chain.decode(), algorithm, sign, development, timestamp)


def _algorithm(key: Any) -> tuple[str, Callable[[bytes], bytes]]:
    """Returns C2PA's name of a key's algorithm, and what signs with it."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "ed25519", key.sign
    if isinstance(key, rsa.RSAPrivateKey):
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
        return "ps256", lambda data: key.sign(data, pss, hashes.SHA256())
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.key_size in (256, 384, 521):
        digest = {256: hashes.SHA256(), 384: hashes.SHA384(), 521: hashes.SHA512()}[key.key_size]
        size = (key.key_size + 7) // 8

        def sign(data: bytes) -> bytes:
            r, s = decode_dss_signature(key.sign(data, ec.ECDSA(digest)))
            return r.to_bytes(size, "big") + s.to_bytes(size, "big")

        return f"es{key.key_size if key.key_size < 521 else 512}", sign
    raise ConfigError("--sign-key is of a kind that C2PA does not take: use ECDSA, RSA or Ed25519")


def _token(address: str, chain: bytes, timestamp: str | None) -> Signer:
    """Returns a signer on a PKCS#11 token: `pkcs11:token=NAME;object=KEY`, module and PIN from the environment."""
    try:
        import pkcs11
        from pkcs11 import util  # noqa: F401 - raises where the extra is broken
    except ImportError:
        raise ConfigError(f"keys on a token need the extra pkcs11: {extras.install('pkcs11')}") from None
    parts = dict(each.split("=", 1) for each in address.removeprefix("pkcs11:").split(";") if "=" in each)
    module, pin = os.environ.get("ONMODEL_PKCS11_MODULE"), os.environ.get("ONMODEL_PKCS11_PIN")
    if not module or "token" not in parts or "object" not in parts:
        raise ConfigError("write --sign-key pkcs11:token=NAME;object=KEY, with the module in ONMODEL_PKCS11_MODULE")

    def sign(data: bytes) -> bytes:
        token = pkcs11.lib(module).get_token(token_label=parts["token"])
        with token.open(user_pin=pin) as session:
            key = session.get_key(label=parts["object"], object_class=pkcs11.ObjectClass.PRIVATE_KEY)
            return bytes(key.sign(_digest(data), mechanism=pkcs11.Mechanism.ECDSA))

    try:
        sign(b"")
    except Exception as error:
        raise ConfigError(
            f"--sign-key {address} cannot sign ({type(error).__name__}): check module, PIN, label"
        ) from error
    return Signer(chain.decode(), "es256", sign, timestamp=timestamp)


def _digest(data: bytes) -> bytes:
    import hashlib

    return hashlib.sha256(data).digest()


@functools.cache
def _development(folder: Path, timestamp: str | None) -> Signer:
    """Returns this machine's own certificate, made once; only its user can read its key."""
    path = folder / "development.pem"
    if not path.is_file():
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            chain, secret = _make()
            # One file, so that processes that make one at the same time never mix keys and certificates.
            part = path.with_name(f".{path.name}.{os.getpid()}.part")
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(secret + chain)
            part.replace(path)
        except OSError as error:
            raise ConfigError(
                f"a development certificate cannot be kept in {folder} ({error.strerror}): name one with --sign-cert "
                "and --sign-key, or pass --no-c2pa"
            ) from error
    secret, mark, chain = _read(path, str(path)).partition(b"-----BEGIN CERTIFICATE-----")
    return _of_key(secret, mark + chain, timestamp, development=True)


def _make() -> tuple[bytes, bytes]:
    """Returns a chain of a root and a signing certificate, and the latter's key, as PEM; the root's is thrown away."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID

    root, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    began = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)

    def certificate(subject: str, public: Any, *, authority: bool) -> "x509.Certificate":
        identifier = x509.SubjectKeyIdentifier.from_public_key(public)
        built = (
            x509.CertificateBuilder()
            .subject_name(_name(subject))
            .issuer_name(_name("root"))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(began)
            .not_valid_after(began + datetime.timedelta(days=365 * _YEARS))
            .add_extension(x509.BasicConstraints(authority, None), critical=True)
            .add_extension(_usage(authority=authority), critical=True)
            .add_extension(identifier, critical=False)
        )
        if not authority:
            built = built.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
            issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(root.public_key())
            built = built.add_extension(issuer, critical=False)
        return built.sign(root, hashes.SHA256())

    chain = [
        certificate("signer", key.public_key(), authority=False),
        certificate("root", root.public_key(), authority=True),
    ]
    form = serialization.PrivateFormat.PKCS8
    secret = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    return b"".join(each.public_bytes(serialization.Encoding.PEM) for each in chain), secret


def _name(common: str) -> "x509.Name":
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, DEVELOPMENT),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _usage(*, authority: bool) -> "x509.KeyUsage":
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
