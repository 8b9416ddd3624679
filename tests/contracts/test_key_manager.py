"""What every key manager promises. Each test runs over the fake and over every real one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from skillcred.adapters.keystore import FileKeyManager
from skillcred.errors import ConflictError, InputError, IntegrityError, NotFoundError
from skillcred.keys.public_key import Algorithm, PublicKey
from skillcred.services.ports import KeyManager
from worlds.in_memory_keys import InMemoryKeyManager
from worlds.signable import signable

KEY = "did:web:issuer.example#key-1"
OTHER = "did:web:issuer.example#key-2"

pytestmark = pytest.mark.usefixtures("protected_keys")


def in_files(tmp_path: Path) -> KeyManager:
    return FileKeyManager(tmp_path / "keys", b"correct horse battery staple")


def in_memory(_: Path) -> KeyManager:
    return InMemoryKeyManager()


@pytest.fixture(params=[in_memory, in_files], ids=["memory", "files"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> KeyManager:
    make: Callable[[Path], KeyManager] = request.param
    return make(tmp_path)


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_created_key_signs(manager: KeyManager, algorithm: Algorithm) -> None:
    multikey = manager.create_key(KEY, algorithm.value)
    signer = manager.get_signer(KEY, multikey)
    assert signer.verification_method == KEY
    assert signer.public_key == PublicKey.from_multikey(multikey)
    assert signer.public_key.algorithm is algorithm
    message = signable(algorithm, b"message")
    assert signer.public_key.verify(signer.sign(message), message)


def test_taken_name_is_a_conflict_and_the_first_key_stays(manager: KeyManager) -> None:
    multikey = manager.create_key(KEY, "Ed25519")
    with pytest.raises(ConflictError):
        manager.create_key(KEY, "Ed25519")
    assert manager.get_signer(KEY, multikey).public_key.to_multikey() == multikey


def test_unknown_key_is_not_found(manager: KeyManager) -> None:
    multikey = manager.create_key(KEY, "Ed25519")
    with pytest.raises(NotFoundError):
        manager.get_signer(OTHER, multikey)


def test_k14_public_part_has_to_be_the_recorded_one(manager: KeyManager) -> None:
    manager.create_key(KEY, "Ed25519")
    other = manager.create_key(OTHER, "Ed25519")
    for recorded in (other, "", "z6Mk"):
        with pytest.raises(IntegrityError) as caught:
            manager.get_signer(KEY, recorded)
        assert caught.value.code == "key_mismatch"


def test_adopted_key_has_the_new_name_only(manager: KeyManager) -> None:
    multikey = manager.create_key("provisional:1", "P-256")
    did = f"did:key:{multikey}"
    manager.adopt_key("provisional:1", f"{did}#{multikey}")
    signer = manager.get_signer(f"{did}#{multikey}", multikey)
    assert signer.verification_method == f"{did}#{multikey}"
    assert signer.public_key.verify(signer.sign(b"message"), b"message")
    with pytest.raises(NotFoundError):
        manager.get_signer("provisional:1", multikey)
    manager.create_key("provisional:1", "P-256")


def test_adopting_under_a_taken_name_changes_nothing(manager: KeyManager) -> None:
    first, second = manager.create_key(KEY, "Ed25519"), manager.create_key(OTHER, "Ed25519")
    for new_name in (OTHER, KEY):
        with pytest.raises(ConflictError):
            manager.adopt_key(KEY, new_name)
    assert manager.get_signer(KEY, first).public_key.to_multikey() == first
    assert manager.get_signer(OTHER, second).public_key.to_multikey() == second


def test_adopting_what_is_not_there(manager: KeyManager) -> None:
    with pytest.raises(NotFoundError):
        manager.adopt_key(KEY, OTHER)
    with pytest.raises(NotFoundError):
        manager.get_signer(OTHER, "z6Mk")


@pytest.mark.parametrize("algorithm", ["", "RSA", "ed25519", "secp256k1"])
def test_unknown_algorithm_makes_no_key(manager: KeyManager, algorithm: str) -> None:
    with pytest.raises(InputError) as caught:
        manager.create_key(KEY, algorithm)
    assert caught.value.code == "unsupported_key_type"
    with pytest.raises(NotFoundError):
        manager.get_signer(KEY, "z6Mk")


@pytest.mark.parametrize("key_id", ["", "two words", "line\nbreak", "nül"])
def test_name_that_is_no_name(manager: KeyManager, key_id: str) -> None:
    with pytest.raises(InputError) as caught:
        manager.create_key(key_id, "Ed25519")
    assert caught.value.code == "invalid_key_id"


def test_k17_nothing_secret_in_what_is_printed(manager: KeyManager) -> None:
    signer = manager.get_signer(KEY, manager.create_key(KEY, "Ed25519"))
    assert "correct horse" not in repr(manager) + repr(signer)
    assert "PrivateKey" in repr(signer)
    assert len(repr(signer)) < 200
