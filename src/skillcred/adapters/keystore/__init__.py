"""Where private keys rest: encrypted files in a folder that only the service can read."""

from skillcred.adapters.keystore.exchange_secret import open_exchange_secret
from skillcred.adapters.keystore.file_key_manager import FileKeyManager
from skillcred.adapters.keystore.passphrase import MIN_PASSPHRASE_BYTES, read_passphrase

__all__ = ["MIN_PASSPHRASE_BYTES", "FileKeyManager", "open_exchange_secret", "read_passphrase"]
