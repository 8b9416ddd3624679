"""The file of a wallet: encrypted, whole or as it was, one writer at a time."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import stat
import time
from dataclasses import replace
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

import pytest

from skillcred.adapters.wallet import create_wallet_file, open_wallet_file
from skillcred.adapters.wallet.wallet_file import decrypt_export, encrypt_export
from skillcred.errors import (
    ConfigurationError,
    ConflictError,
    IntegrityError,
    NotFoundError,
    UnavailableError,
)
from skillcred.keys.algorithms import Algorithm
from skillcred.services.request_credentials import new_key
from skillcred.services.wallet_records import (
    CredentialCopy,
    HeldCredential,
    PendingIssuance,
    WalletContent,
)
from worlds.pure_world import NOW

PASSPHRASE = b"correct horse battery staple"
OTHER = b"incorrect horse battery staple"


def some_content() -> WalletContent:
    keys = tuple(new_key(algorithm) for algorithm in (Algorithm.P256, Algorithm.ED25519, Algorithm.P384))
    credential = HeldCredential(
        id="0011223344556677",
        format="dc+sd-jwt",
        configuration_id="welder",
        credential_issuer="https://issuer.example",
        issuer_name=None,
        name="Welder ✓",
        binding_method="jwk",
        received_at=NOW,
        copies=(CredentialCopy("ä~".encode(), keys[0].id, NOW), CredentialCopy(b"b~", keys[1].id)),
    )
    pending = PendingIssuance(
        id="p",
        credential_issuer="https://issuer.example",
        configuration_id="welder",
        credential_identifier=None,
        binding_method="jwk",
        key_ids=(keys[2].id,),
        access_token="secret",
        dpop_key_id=None,
        client_id=None,
        requested_at=NOW,
        transaction_id="t",
        not_before=NOW,
    )
    return WalletContent(keys, (credential,), (pending,))


def shape(content: WalletContent) -> object:
    """Everything, with keys by what they sign."""
    keys = [(key.id, key.private_key.to_pkcs8()) for key in content.keys]
    return keys, content.credentials, content.pending


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "mine" / "wallet"
    create_wallet_file(path, PASSPHRASE)
    return path


def test_what_is_saved_is_there_again(path: Path) -> None:
    content = some_content()
    with open_wallet_file(path, PASSPHRASE) as wallet:
        assert shape(wallet.load()) == ([], (), ())
        wallet.save(content)
        assert wallet.load() is content
    with open_wallet_file(path, PASSPHRASE) as wallet:
        assert shape(wallet.load()) == shape(content)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    data = path.read_bytes()
    assert not any(word in data for word in (b"secret", b"welder", b"issuer.example"))


def test_each_state_is_encrypted_anew(path: Path) -> None:
    before = path.read_bytes()
    with open_wallet_file(path, PASSPHRASE) as wallet:
        wallet.save(wallet.load())
    after = path.read_bytes()
    assert before.splitlines()[2] != after.splitlines()[2], "a nonce is never used twice"


def test_what_does_not_open_says_why(path: Path, tmp_path: Path) -> None:
    with pytest.raises(IntegrityError) as caught, open_wallet_file(path, OTHER):
        pass
    assert caught.value.code == "wrong_passphrase"
    with pytest.raises(NotFoundError) as missing, open_wallet_file(tmp_path / "none", PASSPHRASE):
        pass
    assert missing.value.code == "wallet_not_found"
    with pytest.raises(ConflictError) as exists:
        create_wallet_file(path, PASSPHRASE)
    assert exists.value.code == "wallet_exists"
    with pytest.raises(ConfigurationError) as short:
        create_wallet_file(tmp_path / "short", b"short")
    assert short.value.code == "passphrase_too_short"
    assert not (tmp_path / "short").exists()


def test_a_file_that_others_can_read_is_refused(path: Path) -> None:
    path.chmod(0o644)
    with pytest.raises(IntegrityError) as caught, open_wallet_file(path, PASSPHRASE):
        pass
    assert caught.value.code == "key_file_permissions"


def test_every_damage_is_told_from_a_wrong_passphrase(path: Path) -> None:
    data = path.read_bytes()
    for place in range(0, len(data), 7):
        changed = bytes([data[place] ^ 1])
        path.write_bytes(data[:place] + changed + data[place + 1 :])
        with pytest.raises(IntegrityError) as caught, open_wallet_file(path, PASSPHRASE):
            pass
        assert caught.value.code == "wallet_damaged", place
    for length in (0, 1, 20, len(data) // 2, len(data) - 1):
        path.write_bytes(data[:length])
        with pytest.raises(IntegrityError) as caught, open_wallet_file(path, PASSPHRASE):
            pass
        assert caught.value.code == "wallet_damaged", length


def test_what_is_changed_with_intent_does_not_open(path: Path) -> None:
    """Somebody who mends the digest still lacks the key: salt, nonce and content are all authenticated."""
    lines = path.read_bytes().split(b"\n")
    for number, line in ((1, b"Salt: " + b"A" * 22), (2, b"Nonce: " + b"A" * 16), (4, b"A" * len(lines[4]))):
        forged = [*lines]
        forged[number] = line
        head = b"\n".join(forged[:3]) + b"\n"
        forged[3] = b"Digest: " + hashlib.sha256(head + forged[4]).hexdigest().encode()
        path.write_bytes(b"\n".join(forged))
        with pytest.raises(IntegrityError) as caught, open_wallet_file(path, PASSPHRASE):
            pass
        assert caught.value.code == "wrong_passphrase"


def test_one_writer_at_a_time(path: Path) -> None:
    with open_wallet_file(path, PASSPHRASE):
        with pytest.raises(UnavailableError) as caught, open_wallet_file(path, PASSPHRASE):
            pass
        assert caught.value.code == "wallet_in_use"
    with open_wallet_file(path, PASSPHRASE):
        pass


def keep_writing(path: Path, written: Synchronized[int]) -> None:
    """In another process: one state after the other, each with 40 keys more."""
    keys = [new_key(Algorithm.ED25519) for _ in range(40)]
    with open_wallet_file(path, PASSPHRASE) as wallet:
        while True:
            wallet.save(wallet.load().with_keys(keys))
            written.value += 40


def test_kill_9_while_it_writes_leaves_the_last_or_the_next_state(path: Path) -> None:
    processes = multiprocessing.get_context("fork")
    for more in (40, 120, 200):
        written: Synchronized[int] = processes.Value("i", 0)
        process = processes.Process(target=keep_writing, args=(path, written), daemon=True)
        process.start()
        deadline = time.monotonic() + 20
        while written.value < more and time.monotonic() < deadline:
            time.sleep(0.002)
        process.kill()
        process.join()
        with open_wallet_file(path, PASSPHRASE) as wallet:
            assert len(wallet.load().keys) in (written.value, written.value + 40)
            wallet.save(WalletContent())
        assert [name for name in os.listdir(path.parent) if name.startswith(".")] == [], (
            "nothing is left over"
        )


def test_a_disk_that_does_not_take_it_leaves_what_was_there(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = some_content()
    with open_wallet_file(path, PASSPHRASE) as wallet:
        wallet.save(content)

        def full(descriptor: int) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", full)
            with pytest.raises(UnavailableError) as caught:
                wallet.save(replace(content, credentials=()))
        assert caught.value.code == "wallet_not_written"
        assert wallet.load() is content
    with open_wallet_file(path, PASSPHRASE) as wallet:
        assert shape(wallet.load()) == shape(content)
    assert [name for name in os.listdir(path.parent) if name.startswith(".")] == []


def test_an_export_is_a_file_of_its_own_and_imports_add_up() -> None:
    content = some_content()
    data = encrypt_export(content, OTHER)
    assert shape(decrypt_export(data, OTHER)) == shape(content)
    with pytest.raises(IntegrityError) as caught:
        decrypt_export(data, PASSPHRASE)
    assert caught.value.code == "wrong_passphrase"
    merged = WalletContent().merged_with(content).merged_with(content)
    assert shape(merged) == shape(content)
    used = content.with_used_copies([("0011223344556677", 1)], NOW)
    assert content.merged_with(used).credentials[0].usable == ()
    assert used.merged_with(content).credentials[0].usable == ()
