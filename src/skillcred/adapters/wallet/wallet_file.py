"""A wallet as one encrypted file: scrypt (RFC 7914) and AES-256-GCM (NIST SP 800-38D).

    skillcred-wallet-1
    Salt: <base64url>
    Nonce: <base64url>
    Digest: <SHA-256 of everything else in the file>
    <base64url of the encrypted content>

Salt and nonce are authenticated with the content. The digest finds accidents, so that a damaged file is not taken for
a wrong passphrase; what protects against intent is the encryption. What the derivation costs is fixed by the first
line, so that no file can ask for more.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from skillcred.adapters.keystore.encrypted_pkcs8 import SALT_BYTES, SCRYPT_N, SCRYPT_P, SCRYPT_R
from skillcred.adapters.keystore.passphrase import check_passphrase
from skillcred.adapters.keystore.private_folder import check_private_file, read_at_most
from skillcred.adapters.wallet.content_json import MAX_CONTENT_BYTES, decode_content, encode_content
from skillcred.encoding.base64url import Base64UrlError, decode_base64url, encode_base64url
from skillcred.errors import (
    ConfigurationError,
    ConflictError,
    IntegrityError,
    NotFoundError,
    UnavailableError,
)
from skillcred.services.wallet_records import WalletContent

FORMAT: Final = "skillcred-wallet-1"
NONCE_BYTES: Final = 12
_KEY_BYTES: Final = 32
MAX_FILE_BYTES: Final = MAX_CONTENT_BYTES * 4 // 3 + 1024
_FILE = re.compile(
    rf"{FORMAT}\nSalt: ([A-Za-z0-9_-]{{22}})\nNonce: ([A-Za-z0-9_-]{{16}})\nDigest: ([0-9a-f]{{64}})\n"
    r"([A-Za-z0-9_-]+)\n",
    re.ASCII,
)


class WalletFile:
    """A wallet that is open in this process, and locked for all others."""

    def __init__(self, path: Path, key: bytes, salt: bytes, content: WalletContent) -> None:
        self._path, self._key, self._salt, self._content = path, key, salt, content

    def load(self) -> WalletContent:
        """See `WalletStore`."""
        return self._content

    def save(self, content: WalletContent) -> None:
        """See `WalletStore`."""
        _replace(self._path, _encrypt(content, self._key, self._salt))
        self._content = content

    def __repr__(self) -> str:
        return f"<WalletFile {self._path}>"


def create_wallet_file(path: Path, passphrase: bytes) -> None:
    """Make an empty wallet. Raises `ConflictError` (`wallet_exists`), `ConfigurationError` for the passphrase,
    `UnavailableError`."""
    check_passphrase(passphrase)
    with _locked(path):
        if path.exists() or path.is_symlink():
            raise ConflictError("There is a file of that name already.", code="wallet_exists")
        salt = os.urandom(SALT_BYTES)
        _replace(path, _encrypt(WalletContent(), _derive(passphrase, salt), salt))


@contextlib.contextmanager
def open_wallet_file(path: Path, passphrase: bytes) -> Iterator[WalletFile]:
    """The wallet in `path` until the end of the block.

    Raises `NotFoundError` (`wallet_not_found`), `UnavailableError` (`wallet_in_use`, `wallet_not_readable`),
    `IntegrityError` (`wallet_damaged`, `wrong_passphrase`, `wallet_version`, and those of key files for one that is
    open to other users).
    """
    if not path.exists():
        raise NotFoundError(
            f"There is no wallet {path}; `skillcred wallet init` makes one.", code="wallet_not_found"
        )
    with _locked(path):
        salt, nonce, ciphertext, head = _parse(_read(path))
        key = _derive(passphrase, salt)
        try:
            plain = AESGCM(key).decrypt(nonce, ciphertext, head)
        except InvalidTag as error:
            raise IntegrityError(
                "The wallet does not open with this passphrase.", code="wrong_passphrase"
            ) from error
        yield WalletFile(path, key, salt, decode_content(plain))


def encrypt_export(content: WalletContent, passphrase: bytes) -> bytes:
    """The content as a file of the same form, under a passphrase of its own. Raises `ConfigurationError`."""
    check_passphrase(passphrase)
    salt = os.urandom(SALT_BYTES)
    return _encrypt(content, _derive(passphrase, salt), salt)


def decrypt_export(data: bytes, passphrase: bytes) -> WalletContent:
    """What `encrypt_export` made. Raises as `open_wallet_file`."""
    salt, nonce, ciphertext, head = _parse(data)
    try:
        return decode_content(AESGCM(_derive(passphrase, salt)).decrypt(nonce, ciphertext, head))
    except InvalidTag as error:
        raise IntegrityError(
            "The file does not open with this passphrase.", code="wrong_passphrase"
        ) from error


def _derive(passphrase: bytes, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=_KEY_BYTES, n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P).derive(passphrase)


def _encrypt(content: WalletContent, key: bytes, salt: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    head = _head(salt, nonce)
    body = encode_base64url(AESGCM(key).encrypt(nonce, encode_content(content), head)).encode("ascii")
    return head + b"Digest: " + _digest(head, body) + b"\n" + body + b"\n"


def _head(salt: bytes, nonce: bytes) -> bytes:
    return f"{FORMAT}\nSalt: {encode_base64url(salt)}\nNonce: {encode_base64url(nonce)}\n".encode("ascii")


def _digest(head: bytes, body: bytes) -> bytes:
    return hashlib.sha256(head + body).hexdigest().encode("ascii")


def _parse(data: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    """Salt, nonce, encrypted content, and the head that is authenticated with it."""
    try:
        match = _FILE.fullmatch(data.decode("ascii"))
        if match is None:
            raise _damaged()
        salt, nonce, ciphertext = (decode_base64url(match[place]) for place in (1, 2, 4))
    except (UnicodeDecodeError, Base64UrlError) as error:
        raise _damaged() from error
    head = _head(salt, nonce)
    if _digest(head, match[4].encode("ascii")) != match[3].encode("ascii"):
        raise _damaged()
    return salt, nonce, ciphertext, head


def _read(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            check_private_file(os.fstat(descriptor))
            return read_at_most(descriptor, MAX_FILE_BYTES + 1)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise UnavailableError("The wallet cannot be read.", code="wallet_not_readable") from error


def _replace(path: Path, data: bytes) -> None:
    """Put `data` in the place of the file, durably; there is always all of one or of the other."""
    written = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(
            written, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
        )
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            written.replace(path)
        except BaseException:
            written.unlink(missing_ok=True)
            raise
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise UnavailableError(
            f"The wallet cannot be written: {error.strerror}.", code="wallet_not_written"
        ) from error


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Nobody else works with this wallet meanwhile. The lock is on a file beside it, because the wallet itself is
    replaced; the kernel drops it when the process ends, however it ends. What a writer left that was killed is
    removed."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(
            path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600
        )
    except OSError as error:
        raise ConfigurationError("The lock beside the wallet cannot be made.", code="wallet_path") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise UnavailableError(
                "Another command works with this wallet now.", code="wallet_in_use"
            ) from error
        for left in path.parent.glob(f".{path.name}.*"):
            if re.fullmatch(r"[0-9a-f]{16}", left.name.rpartition(".")[2]):
                left.unlink(missing_ok=True)
        yield
    finally:
        os.close(descriptor)


def _damaged() -> IntegrityError:
    return IntegrityError("The file is no wallet, or is damaged.", code="wallet_damaged")
