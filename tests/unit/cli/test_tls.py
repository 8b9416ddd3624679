"""TLS for development: what goes together, what is refused, and that the key is nobody else's."""

from __future__ import annotations

import ssl
import stat
from pathlib import Path

import pytest

from skillcred.cli.tls import TlsOptionError, tls_files
from skillcred.errors import ConfigurationError


def test_without_options_there_is_no_tls() -> None:
    for environment in ("development", "production"):
        with tls_files(environment, None, None, self_signed=False) as files:
            assert files is None


def test_self_signed_certificate_is_for_this_machine_and_goes_away() -> None:
    with tls_files("development", None, None, self_signed=True) as files:
        assert files is not None
        assert stat.S_IMODE(files.key.stat().st_mode) == 0o600
        assert stat.S_IMODE(files.key.parent.stat().st_mode) == 0o700
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(files.certificate, files.key)
        client = ssl.create_default_context(cafile=str(files.certificate))
        for host in ("localhost", "127.0.0.1"):
            assert shake_hands(server, client, host)
        with pytest.raises(ssl.SSLCertVerificationError):
            shake_hands(server, client, "skills.example")
    assert not files.key.parent.exists()


def shake_hands(server: ssl.SSLContext, client: ssl.SSLContext, host: str) -> bool:
    """A handshake in memory."""
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = client.wrap_bio(back, there, server_hostname=host)
    answering = server.wrap_bio(there, back, server_side=True)
    for side in (asking, answering) * 3:
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    return asking.version() is not None


def test_files_belong_together(tmp_path: Path) -> None:
    file = tmp_path / "some.pem"
    file.write_text("x")
    wrong = [(file, None, False), (None, file, False), (file, file, True), (file, tmp_path / "none", False)]
    for certificate, key, self_signed in wrong:
        with (
            pytest.raises(TlsOptionError),
            tls_files("development", certificate, key, self_signed=self_signed),
        ):
            pass
    with tls_files("development", file, file, self_signed=False) as files:
        assert files is not None


@pytest.mark.parametrize("self_signed", [True, False])
def test_production_leaves_tls_to_the_proxy(tmp_path: Path, self_signed: bool) -> None:
    file = None if self_signed else tmp_path / "some.pem"
    with (
        pytest.raises(ConfigurationError) as refused,
        tls_files("production", file, file, self_signed=self_signed),
    ):
        pass
    assert refused.value.code == "tls_in_production"
