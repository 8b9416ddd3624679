"""The key manager of a single machine: one encrypted file for each key (SECURITY K-14)."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Final

from skillcred.adapters.keystore.encrypted_pkcs8 import decrypt_private_key, encrypt_private_key
from skillcred.adapters.keystore.key_file import KeyFile, decode_key_file, encode_key_file, key_file_name
from skillcred.adapters.keystore.passphrase import check_passphrase
from skillcred.adapters.keystore.private_folder import PrivateFolder
from skillcred.errors import ConflictError, InputError, IntegrityError
from skillcred.keys.private_key import PrivateKey, PrivateKeySigner
from skillcred.keys.public_key import Algorithm
from skillcred.keys.signer import Signer

MAX_OPEN_KEYS: Final = 256
"""Decrypted keys kept in memory, so that scrypt is not paid for each signature."""


class FileKeyManager:
    """Keys as files `<SHA-256 of the key id>.pem` in one folder.

    The file is read and checked again for each signer; only the decryption is remembered, by the exact bytes
    it was made from. So a file that is exchanged, opened up or removed while the service runs is noticed at
    once.
    """

    def __init__(self, folder: Path, passphrase: bytes) -> None:
        """Check all that is in `folder`; it is made, with mode 700, if it is not there.

        Raises `ConfigurationError` for the path or the passphrase, and `IntegrityError` for a folder or file
        that is unsafe, damaged, or stands under the name of another key: `key_file_duplicate`,
        `key_mismatch`, `wrong_passphrase` (tried on one key), and the codes of `PrivateFolder`.
        """
        check_passphrase(passphrase)
        self._passphrase = passphrase
        self._files = PrivateFolder(folder)
        self._open_keys: OrderedDict[bytes, PrivateKey] = OrderedDict()
        self._lock = threading.Lock()
        with self._files.opened(exclusive=True) as opened:
            self._files.remove_unfinished(opened)
        first = self.check_folder()
        if first is not None:
            decrypt_private_key(first.encrypted_key, passphrase)

    def check_folder(self) -> KeyFile | None:
        """Read every key file; see `__init__` for what is refused. Decrypts nothing. Returns the first."""
        first: KeyFile | None = None
        with self._files.opened() as folder:
            for name in self._files.names(folder):
                if not name.endswith(".pem"):
                    continue
                file = decode_key_file(self._files.read(folder, name))
                expected = key_file_name(file.key_id)
                if name == expected:
                    first = first or file
                    continue
                if self._files.exists(folder, expected):
                    raise IntegrityError("Two files hold a key of one name.", code="key_file_duplicate")
                raise IntegrityError("A key file stands under the name of another.", code="key_mismatch")
        return first

    def create_key(self, key_id: str, algorithm: str) -> str:
        """See `KeyManager`. Raises `InputError` for an algorithm that does not exist."""
        name = key_file_name(key_id)
        try:
            private_key = PrivateKey.generate(Algorithm(algorithm))
        except ValueError as error:
            raise InputError("There is no such key algorithm.", code="unsupported_key_type") from error
        multikey = private_key.public_key.to_multikey()
        content = encode_key_file(
            KeyFile(key_id, multikey, encrypt_private_key(private_key, self._passphrase))
        )
        with self._files.opened(exclusive=True) as folder:
            if self._files.exists(folder, name):
                raise ConflictError("A key of this name exists.", code="key_exists")
            self._files.write(folder, name, content)
        self._remember(content, private_key)
        return multikey

    def adopt_key(self, provisional_id: str, key_id: str) -> None:
        """See `KeyManager`. If it was cut short, so that both names exist, it can be called again.

        Raises `NotFoundError` if there is no provisional key, `ConflictError` if another key has the new
        name.
        """
        old_name, new_name = key_file_name(provisional_id), key_file_name(key_id)
        if old_name == new_name:
            raise ConflictError("The key has this name already.", code="key_exists")
        with self._files.opened(exclusive=True) as folder:
            old = decode_key_file(self._files.read(folder, old_name))
            if old.key_id != provisional_id:
                raise IntegrityError("A key file stands under the name of another.", code="key_mismatch")
            new = KeyFile(key_id, old.public_key_multibase, old.encrypted_key)
            if not self._files.exists(folder, new_name):
                self._files.write(folder, new_name, encode_key_file(new))
            elif decode_key_file(self._files.read(folder, new_name)) != new:
                raise ConflictError("A key of this name exists.", code="key_exists")
            self._files.remove(folder, old_name)

    def get_signer(self, key_id: str, public_key_multibase: str) -> Signer:
        """See `KeyManager`. Codes of `IntegrityError`: `key_mismatch`, `wrong_passphrase`,
        `key_file_damaged`, and those of `PrivateFolder`."""
        with self._files.opened() as folder:
            content = self._files.read(folder, key_file_name(key_id))
        file = decode_key_file(content)
        private_key = self._recall(content) or decrypt_private_key(file.encrypted_key, self._passphrase)
        found = {file.public_key_multibase, private_key.public_key.to_multikey()}
        if file.key_id != key_id or found != {public_key_multibase}:
            raise IntegrityError("The stored key is not the one that was recorded.", code="key_mismatch")
        self._remember(content, private_key)
        return PrivateKeySigner(key_id, private_key)

    def _recall(self, content: bytes) -> PrivateKey | None:
        with self._lock:
            return self._open_keys.get(hashlib.sha256(content).digest())

    def _remember(self, content: bytes, private_key: PrivateKey) -> None:
        digest = hashlib.sha256(content).digest()
        with self._lock:
            self._open_keys[digest] = private_key
            self._open_keys.move_to_end(digest)
            while len(self._open_keys) > MAX_OPEN_KEYS:
                self._open_keys.popitem(last=False)
