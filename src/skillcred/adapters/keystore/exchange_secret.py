"""The secret of the exchange protocols: made once, kept encrypted beside the signing keys, the same for all processes.

It is 32 random bytes in the form of an Ed25519 key, so that it is encrypted, read and guarded like one, and signs
nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from skillcred.adapters.keystore.encrypted_pkcs8 import decrypt_private_key, encrypt_private_key
from skillcred.adapters.keystore.private_folder import PrivateFolder
from skillcred.exchange.secrets import SECRET_BYTES, ExchangeSecret
from skillcred.keys.algorithms import Algorithm
from skillcred.keys.private_key import PrivateKey

FILE_NAME: Final = "exchange.secret"
"""Name in the key folder. Deployments on several machines have the same folder, or copies of it, on all."""


def open_exchange_secret(folder: Path, passphrase: bytes) -> ExchangeSecret:
    """The secret in `folder`, made durably if it is not there. Of two processes that start at once one makes it.

    Raises `IntegrityError` (`wrong_passphrase` and the codes of `PrivateFolder`), `UnavailableError`.
    """
    files = PrivateFolder(folder)
    with files.opened(exclusive=True) as opened:
        if not files.exists(opened, FILE_NAME):
            files.write(
                opened, FILE_NAME, encrypt_private_key(PrivateKey.generate(Algorithm.ED25519), passphrase)
            )
        content = files.read(opened, FILE_NAME)
    return ExchangeSecret(decrypt_private_key(content, passphrase).to_pkcs8()[-SECRET_BYTES:])
