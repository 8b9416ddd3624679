"""TLS for a service on a developer's machine: W3C suites insist on https, and a proxy would be much for that."""

from __future__ import annotations

import contextlib
import ipaddress
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from skillcred.adapters.clock import SystemClock
from skillcred.errors import ConfigurationError, InputError

VALIDITY: Final = timedelta(days=7)
"""How long a certificate of ours is good; it is made anew at each start."""
_SKEW: Final = timedelta(minutes=5)


class TlsOptionError(InputError):
    """The options for TLS do not go together, or a file is not there."""

    default_code = "invalid_tls_options"


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Certificate and key, as PEM files."""

    certificate: Path
    key: Path


@contextlib.contextmanager
def tls_files(
    environment: str, certificate: Path | None, key: Path | None, *, self_signed: bool
) -> Iterator[TlsFiles | None]:
    """The files to serve with, or `None` for no TLS. Self-signed ones are gone when the context ends.

    Raises `ConfigurationError` (`tls_in_production`: there TLS is the proxy's), `TlsOptionError`.
    """
    if certificate is None and key is None and not self_signed:
        yield None
        return
    if environment != "development":
        raise ConfigurationError(
            "Outside development TLS belongs to a proxy in front of the service.", code="tls_in_production"
        )
    if self_signed:
        if certificate is not None or key is not None:
            raise TlsOptionError("Give a certificate and its key, or --tls-self-signed, not both.")
        with tempfile.TemporaryDirectory(prefix="skillcred-tls-") as folder:
            yield _make_self_signed(Path(folder))
        return
    if certificate is None or key is None:
        raise TlsOptionError("--tls-certificate and --tls-key belong together.")
    for file in (certificate, key):
        if not file.is_file():
            raise TlsOptionError("A file for TLS is not there.", code="tls_file_missing")
    yield TlsFiles(certificate, key)


def _make_self_signed(folder: Path) -> TlsFiles:
    """A certificate for this machine by its own key (RFC 5280), in a folder that only this user can read."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = SystemClock().now()
    hosts: list[x509.GeneralName] = [
        x509.DNSName("localhost"),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
        x509.IPAddress(ipaddress.ip_address("::1")),
    ]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(now + VALIDITY)
        .add_extension(x509.SubjectAlternativeName(hosts), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = TlsFiles(folder / "certificate.pem", folder / "key.pem")
    files.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files.key.touch(mode=0o600)
    files.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return files
