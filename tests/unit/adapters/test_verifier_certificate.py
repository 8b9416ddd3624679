"""The certificate under which a deployment asks for presentations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from skillcred.adapters.certificates import ConfiguredCertificate, DevelopmentCertificate, NoCertificate
from skillcred.bootstrap import build_application
from skillcred.errors import ConfigurationError
from skillcred.settings import Settings
from worlds.in_memory import START, FixedClock

PEM = serialization.Encoding.PEM


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def certify(
    subject: str, issuer: str, key: ec.EllipticCurvePrivateKey, by: ec.EllipticCurvePrivateKey
) -> bytes:
    built = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(START - timedelta(days=1))
        .not_valid_after(START + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("verifier.example")]), critical=False)
        .sign(by, hashes.SHA256())
    )
    return built.public_bytes(PEM)


def pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


ROOT, MIDDLE, LEAF = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
CHAIN = (
    certify("verifier", "middle", LEAF, MIDDLE)
    + certify("middle", "root", MIDDLE, ROOT)
    + certify("root", "root", ROOT, ROOT)
)


@pytest.fixture
def configured(tmp_path: Path) -> Callable[..., ConfiguredCertificate]:
    def make(
        chain: bytes = CHAIN, key: bytes = pem(LEAF), *, clock: FixedClock | None = None
    ) -> ConfiguredCertificate:
        (tmp_path / "chain.pem").write_bytes(chain)
        (tmp_path / "key.pem").write_bytes(key)
        return ConfiguredCertificate(tmp_path / "chain.pem", tmp_path / "key.pem", clock or FixedClock())

    return make


def test_the_chain_goes_without_its_root(configured: Callable[..., ConfiguredCertificate]) -> None:
    found = configured().find_certificate()
    assert found is not None
    assert found.dns_names == ("verifier.example",)
    subjects = [x509.load_der_x509_certificate(der).subject for der in found.chain]
    assert subjects == [name("verifier"), name("middle")]
    assert found.signer.public_key.verify(found.signer.sign(b"x"), b"x")


def code(found: ConfiguredCertificate) -> str:
    with pytest.raises(ConfigurationError) as caught:
        found.find_certificate()
    return caught.value.code


def test_what_cannot_be_used_is_refused(
    configured: Callable[..., ConfiguredCertificate], tmp_path: Path
) -> None:
    unusable = "verifier_certificate_unusable"
    assert code(configured(key=pem(ROOT))) == unusable
    assert code(configured(chain=b"")) == unusable
    assert code(configured(key=b"no key")) == unusable
    assert code(configured(chain=certify("a", "a", LEAF, LEAF))) == unusable
    late = FixedClock(START + timedelta(days=2))
    assert code(configured(clock=late)) == unusable
    encrypted = LEAF.private_bytes(
        PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"x")
    )
    assert code(configured(key=encrypted)) == unusable
    missing = ConfiguredCertificate(tmp_path / "none", tmp_path / "none", FixedClock())
    assert code(missing) == "verifier_certificate_unreadable"


def test_the_one_for_development_is_made_once(tmp_path: Path) -> None:
    def find(base_url: str) -> bytes:
        found = DevelopmentCertificate(tmp_path / "keys", base_url, FixedClock()).find_certificate()
        assert found is not None
        [leaf] = found.chain
        certificate = x509.load_der_x509_certificate(leaf)
        assert certificate.issuer != certificate.subject
        return leaf

    first = find("http://localhost:8000")
    assert find("http://localhost:9000") == first
    assert find("http://127.0.0.1:8000") != first
    [file] = list((tmp_path / "keys").iterdir())
    assert file.stat().st_mode & 0o077 == 0


def test_in_production_nothing_is_made_up(tmp_path: Path) -> None:
    settings = Settings(
        environment="production",
        base_url="https://skillcred.example",
        database_url=f"sqlite:///{tmp_path}/db.sqlite3",
        keys_folder=tmp_path / "keys",
        key_passphrase="a passphrase for this test",
    )
    application = build_application(settings)
    try:
        certificates = application.presenting.create_request.clients.certificates
        assert isinstance(certificates, NoCertificate)
        assert certificates.find_certificate() is None
    finally:
        application.close()


def test_certificate_and_key_belong_together(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings(verifier_certificate_file=tmp_path / "chain.pem")
    assert caught.value.code == "verifier_key_missing"
