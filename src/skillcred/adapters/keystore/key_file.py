"""What stands in a key file: the key's name and public part in clear, and the encrypted key.

    skillcred-key-1
    Key: did:web:issuer.example#key-1
    Public: z6Mk…
    Digest: <SHA-256 of everything else in the file>
    … and the encrypted key as PEM (RFC 7468 section 11)

OpenSSL reads it as it is. The digest finds accidents, so that a damaged file is not taken for a wrong
passphrase; against intent it is no help. What protects there is that the public part is also in the database.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import Final

from skillcred.errors import InputError, IntegrityError

FORMAT: Final = "skillcred-key-1"
MAX_KEY_ID_CHARACTERS: Final = 2048

_KEY_ID = re.compile(rf"[!-~]{{1,{MAX_KEY_ID_CHARACTERS}}}", re.ASCII)
_LABEL: Final = "ENCRYPTED PRIVATE KEY"
_BEGIN: Final = f"-----BEGIN {_LABEL}-----\n"
_END: Final = f"-----END {_LABEL}-----\n"
_FILE = re.compile(
    rf"{FORMAT}\nKey: ([!-~]+)\nPublic: ([!-~]+)\nDigest: ([0-9a-f]{{64}})\n"
    rf"{_BEGIN}((?:[A-Za-z0-9+/=]{{1,64}}\n)+){_END}",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class KeyFile:
    """The content of one key file. `encrypted_key` is the DER of an `EncryptedPrivateKeyInfo`."""

    key_id: str
    public_key_multibase: str
    encrypted_key: bytes


def key_file_name(key_id: str) -> str:
    """The only file name under which the key `key_id` is looked for: nothing of the id gets into a path.

    Raises `InputError` (`invalid_key_id`) for an id that is empty, too long or not printable ASCII.
    """
    if not _KEY_ID.fullmatch(key_id):
        raise InputError("The name of the key is not a DID URL.", code="invalid_key_id")
    return hashlib.sha256(key_id.encode("ascii")).hexdigest() + ".pem"


def encode_key_file(file: KeyFile) -> bytes:
    """The bytes of the file."""
    text = base64.b64encode(file.encrypted_key).decode("ascii")
    lines = "".join(text[start : start + 64] + "\n" for start in range(0, len(text), 64))
    head = f"{FORMAT}\nKey: {file.key_id}\nPublic: {file.public_key_multibase}\n"
    body = f"{_BEGIN}{lines}{_END}"
    return f"{head}Digest: {_digest(head, body)}\n{body}".encode("ascii")


def decode_key_file(content: bytes) -> KeyFile:
    """The inverse of `encode_key_file`. Raises `IntegrityError` (`key_file_damaged`)."""
    try:
        text = content.decode("ascii")
        match = _FILE.fullmatch(text)
        if match is None:
            raise IntegrityError("The key file is not complete.", code="key_file_damaged")
        head, rest = text[: match.start(3) - len("Digest: ")], text[match.end(3) + 1 :]
        encrypted_key = base64.b64decode(match[4].replace("\n", ""), validate=True)
    except (UnicodeDecodeError, binascii.Error) as error:
        raise IntegrityError("The key file is not complete.", code="key_file_damaged") from error
    if _digest(head, rest) != match[3]:
        raise IntegrityError("The key file was changed.", code="key_file_damaged")
    return KeyFile(match[1], match[2], encrypted_key)


def _digest(head: str, body: str) -> str:
    return hashlib.sha256((head + body).encode("ascii")).hexdigest()
