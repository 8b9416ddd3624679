"""The keystore of files, misused: whatever is unsafe is refused with its reason (SECURITY K-14)."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from skillcred.adapters.keystore import FileKeyManager, file_key_manager, read_passphrase
from skillcred.adapters.keystore.encrypted_pkcs8 import decrypt_private_key, encrypt_private_key
from skillcred.adapters.keystore.key_file import KeyFile, decode_key_file, encode_key_file, key_file_name
from skillcred.errors import (
    ConfigurationError,
    ConflictError,
    IntegrityError,
    NotFoundError,
    UnavailableError,
)
from skillcred.keys.private_key import BBS_PKCS8_PREFIX, PrivateKey
from skillcred.keys.public_key import Algorithm, InvalidKeyError

KEY = "did:web:issuer.example#key-1"
OTHER = "did:web:issuer.example#key-2"
PASSPHRASE = b"correct horse battery staple"

pytestmark = pytest.mark.usefixtures("protected_keys")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


@pytest.fixture
def manager(folder: Path) -> FileKeyManager:
    return FileKeyManager(folder, PASSPHRASE)


@pytest.fixture
def multikey(manager: FileKeyManager) -> str:
    return manager.create_key(KEY, "Ed25519")


def file_of(folder: Path, key_id: str = KEY) -> Path:
    return folder / key_file_name(key_id)


def test_key_survives_a_restart_and_its_file_is_private(folder: Path, multikey: str) -> None:
    assert [path.name for path in folder.iterdir()] == [key_file_name(KEY)]
    assert file_of(folder).stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    signer = FileKeyManager(folder, PASSPHRASE).get_signer(KEY, multikey)
    assert signer.public_key.verify(signer.sign(b"message"), b"message")


def world_readable(path: Path) -> None:
    path.chmod(0o604)


def group_readable(path: Path) -> None:
    path.chmod(0o640)


def symlink(path: Path) -> None:
    path.rename(path.parent.parent / "elsewhere.pem")
    path.symlink_to(path.parent.parent / "elsewhere.pem")


def dangling_symlink(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


def fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path, 0o600)


def directory(path: Path) -> None:
    path.unlink()
    path.mkdir(0o700)


def unix_socket(path: Path) -> None:
    path.unlink()
    here = os.getcwd()
    os.chdir(path.parent)  # the path of a socket may have 107 bytes at most
    try:
        socket.socket(socket.AF_UNIX).bind(path.name)
    finally:
        os.chdir(here)


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-60])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def one_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-80] ^= 1
    path.write_bytes(content)


def one_name(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"#key-1", b"#key-7"))


def enormous(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n" * 1_000_000)


def not_ascii(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"Key: ", "Key: é".encode()))


DAMAGES = [
    pytest.param(world_readable, "key_file_permissions", id="K-14-world-readable"),
    pytest.param(group_readable, "key_file_permissions", id="K-14-group-readable"),
    pytest.param(symlink, "key_file_symlink", id="K-14-symlink"),
    pytest.param(dangling_symlink, "key_file_symlink", id="K-14-symlink-to-nothing"),
    pytest.param(fifo, "key_file_not_regular", id="K-14-fifo"),
    pytest.param(directory, "key_file_not_regular", id="K-14-folder"),
    pytest.param(unix_socket, "key_file_not_regular", id="K-14-socket"),
    pytest.param(truncated, "key_file_damaged", id="K-14-truncated"),
    pytest.param(emptied, "key_file_damaged", id="K-14-empty"),
    pytest.param(one_bit, "key_file_damaged", id="K-14-one-bit"),
    pytest.param(one_name, "key_file_damaged", id="K-14-name-edited"),
    pytest.param(enormous, "key_file_damaged", id="K-14-enormous"),
    pytest.param(not_ascii, "key_file_damaged", id="K-14-not-ascii"),
]


@pytest.mark.parametrize(("damage", "code"), DAMAGES)
def test_damaged_file_is_refused_in_use_and_at_start(
    manager: FileKeyManager, folder: Path, multikey: str, damage: Callable[[Path], None], code: str
) -> None:
    damage(file_of(folder))
    with pytest.raises(IntegrityError) as in_use:
        manager.get_signer(KEY, multikey)
    assert in_use.value.code == code
    with pytest.raises(IntegrityError) as at_start:
        FileKeyManager(folder, PASSPHRASE)
    assert at_start.value.code == code


def test_k14_removed_file_is_noticed_though_the_key_was_used(
    manager: FileKeyManager, folder: Path, multikey: str
) -> None:
    manager.get_signer(KEY, multikey)
    file_of(folder).unlink()
    with pytest.raises(NotFoundError):
        manager.get_signer(KEY, multikey)


@pytest.mark.parametrize("mode", [0o755, 0o750, 0o701])
def test_k14_open_folder_is_refused(manager: FileKeyManager, folder: Path, multikey: str, mode: int) -> None:
    folder.chmod(mode)
    for use in (
        lambda: manager.get_signer(KEY, multikey),
        lambda: manager.create_key(OTHER, "Ed25519"),
        lambda: FileKeyManager(folder, PASSPHRASE),
    ):
        with pytest.raises(IntegrityError) as caught:
            use()
        assert caught.value.code == "key_folder_permissions"


def test_k14_folder_behind_a_symlink_is_refused(folder: Path, multikey: str, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(folder)
    with pytest.raises(IntegrityError) as caught:
        FileKeyManager(link, PASSPHRASE)
    assert caught.value.code == "key_folder_symlink"


@pytest.mark.parametrize("path", ["keys/../../etc", "../keys"])
def test_k14_path_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        FileKeyManager(tmp_path / path, PASSPHRASE)
    assert caught.value.code == "key_folder_path"


def test_folder_is_made_for_the_owner_alone(tmp_path: Path) -> None:
    """The default is a folder in a folder; a new deployment in an empty directory has neither."""
    FileKeyManager(tmp_path / "keys" / "store", PASSPHRASE)
    assert (tmp_path / "keys" / "store").stat().st_mode & 0o777 == 0o700


def test_k14_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "keys").write_bytes(b"")
    with pytest.raises(ConfigurationError):
        FileKeyManager(tmp_path / "keys", PASSPHRASE)


@pytest.mark.parametrize("key_id", ["../../etc/passwd", "/etc/passwd", "..", "x/../../y#z", "a\\..\\b"])
def test_k14_name_never_leaves_the_folder(manager: FileKeyManager, folder: Path, key_id: str) -> None:
    manager.create_key(key_id, "Ed25519")
    assert [path.name for path in folder.iterdir()] == [key_file_name(key_id)]
    assert [path.name for path in folder.parent.iterdir()] == ["keys"]


def test_k14_wrong_passphrase(folder: Path, multikey: str, manager: FileKeyManager) -> None:
    with pytest.raises(IntegrityError) as at_start:
        FileKeyManager(folder, PASSPHRASE[::-1])
    assert at_start.value.code == "wrong_passphrase"
    other = FileKeyManager(folder.parent / "other", PASSPHRASE[::-1])
    shutil.copy(file_of(folder), folder.parent / "other")
    with pytest.raises(IntegrityError) as in_use:
        other.get_signer(KEY, multikey)
    assert in_use.value.code == "wrong_passphrase"


def test_k14_two_files_of_one_name(folder: Path, multikey: str) -> None:
    shutil.copy(file_of(folder), folder / "backup.pem")
    with pytest.raises(IntegrityError) as caught:
        FileKeyManager(folder, PASSPHRASE)
    assert caught.value.code == "key_file_duplicate"


def test_k14_file_moved_to_the_name_of_another_key(
    manager: FileKeyManager, folder: Path, multikey: str
) -> None:
    other = manager.create_key(OTHER, "Ed25519")
    file_of(folder).rename(file_of(folder, OTHER))
    with pytest.raises(IntegrityError) as at_start:
        FileKeyManager(folder, PASSPHRASE)
    assert at_start.value.code == "key_mismatch"
    for recorded in (multikey, other):
        with pytest.raises(IntegrityError) as in_use:
            manager.get_signer(OTHER, recorded)
        assert in_use.value.code == "key_mismatch"


def test_k14_key_swapped_under_the_same_name(manager: FileKeyManager, folder: Path, multikey: str) -> None:
    """The attacker knows the passphrase and writes a perfect file; what he cannot write is the database."""
    forged = PrivateKey.generate(Algorithm.ED25519)
    content = encode_key_file(
        KeyFile(KEY, forged.public_key.to_multikey(), encrypt_private_key(forged, PASSPHRASE))
    )
    file_of(folder).write_bytes(content)
    with pytest.raises(IntegrityError) as caught:
        manager.get_signer(KEY, multikey)
    assert caught.value.code == "key_mismatch"


def test_k14_public_part_in_the_file_is_not_believed(
    manager: FileKeyManager, folder: Path, multikey: str
) -> None:
    forged = PrivateKey.generate(Algorithm.ED25519)
    file_of(folder).write_bytes(
        encode_key_file(KeyFile(KEY, multikey, encrypt_private_key(forged, PASSPHRASE)))
    )
    with pytest.raises(IntegrityError) as caught:
        manager.get_signer(KEY, multikey)
    assert caught.value.code == "key_mismatch"


@pytest.mark.parametrize("call", ["write", "fsync", "rename"])
def test_k14_disk_full_while_creating(
    manager: FileKeyManager, folder: Path, multikey: str, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    if call == "write":
        monkeypatch.setattr(os, "fdopen", full_disk)
    else:
        monkeypatch.setattr(os, call, full_disk)
    with pytest.raises(UnavailableError) as caught:
        manager.create_key(OTHER, "Ed25519")
    assert caught.value.code == "key_store_unavailable"
    monkeypatch.undo()
    assert [path.name for path in folder.iterdir()] == [key_file_name(KEY)]
    manager.create_key(OTHER, "Ed25519")


def full_disk(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_k14_disk_full_while_renaming_keeps_the_key(
    manager: FileKeyManager, multikey: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "rename", full_disk)
    with pytest.raises(UnavailableError):
        manager.adopt_key(KEY, OTHER)
    monkeypatch.undo()
    assert manager.get_signer(KEY, multikey)
    with pytest.raises(NotFoundError):
        manager.get_signer(OTHER, multikey)


def test_renaming_that_was_cut_short_can_be_repeated(
    manager: FileKeyManager, folder: Path, multikey: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "unlink", full_disk)
    with pytest.raises(UnavailableError):
        manager.adopt_key(KEY, OTHER)
    monkeypatch.undo()
    assert FileKeyManager(folder, PASSPHRASE).get_signer(OTHER, multikey)
    manager.adopt_key(KEY, OTHER)
    assert [path.name for path in folder.iterdir()] == [key_file_name(OTHER)]


def test_what_a_killed_writer_left_is_removed_at_start(folder: Path, multikey: str) -> None:
    (folder / ".new-0011223344556677").write_bytes(b"half a ke")
    FileKeyManager(folder, PASSPHRASE)
    assert [path.name for path in folder.iterdir()] == [key_file_name(KEY)]


def test_two_at_once_make_one_key(folder: Path) -> None:
    results: list[str] = []
    managers = [FileKeyManager(folder, PASSPHRASE) for _ in range(2)]

    def create(manager: FileKeyManager) -> None:
        try:
            results.append(manager.create_key(KEY, "Ed25519"))
        except ConflictError:
            results.append("conflict")

    threads = [threading.Thread(target=create, args=(manager,)) for manager in managers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    multikey = next(result for result in results if result != "conflict")
    assert sorted(results) == sorted(["conflict", multikey])
    assert managers[0].get_signer(KEY, multikey)


def test_opened_keys_are_bounded(
    manager: FileKeyManager, multikey: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_key_manager, "MAX_OPEN_KEYS", 1)
    other = manager.create_key(OTHER, "Ed25519")
    assert manager.get_signer(KEY, multikey)
    assert manager.get_signer(OTHER, other)
    assert len(manager._open_keys) == 1


def test_a_bbs_key_comes_back_or_does_not_open() -> None:
    private_key = PrivateKey.generate(Algorithm.BLS12381G2)
    der = encrypt_private_key(private_key, PASSPHRASE)
    assert decrypt_private_key(der, PASSPHRASE).to_pkcs8() == private_key.to_pkcs8()
    with pytest.raises(IntegrityError) as caught:
        decrypt_private_key(der, PASSPHRASE + b"x")
    assert caught.value.code == "wrong_passphrase"


def test_a_changed_bbs_key_is_never_the_same_key() -> None:
    """Encryption does not find all changes; the public part in the file and in the database does."""
    private_key = PrivateKey.generate(Algorithm.BLS12381G2)
    der = encrypt_private_key(private_key, PASSPHRASE)
    for position in range(len(der) - 64 - 18, len(der), 7):
        changed = bytearray(der)
        changed[position] ^= 1
        with suppress(IntegrityError, InvalidKeyError):
            opened = decrypt_private_key(bytes(changed), PASSPHRASE)
            assert opened.public_key != private_key.public_key


@pytest.mark.parametrize(
    "der",
    [
        pytest.param(BBS_PKCS8_PREFIX + bytes(32), id="zero"),
        pytest.param(BBS_PKCS8_PREFIX + b"\xff" * 32, id="above-the-order"),
        pytest.param(BBS_PKCS8_PREFIX + b"\1" * 31, id="short"),
        pytest.param(BBS_PKCS8_PREFIX + b"\1" * 33, id="long"),
        pytest.param(BBS_PKCS8_PREFIX, id="none"),
    ],
)
def test_a_bbs_key_that_is_none_is_refused(der: bytes) -> None:
    with pytest.raises(InvalidKeyError) as caught:
        PrivateKey.from_pkcs8(der)
    assert caught.value.code == "invalid_key"


@pytest.mark.parametrize("algorithm", [Algorithm.ED25519, Algorithm.P256, Algorithm.P384])
def test_openssl_reads_the_file(tmp_path: Path, algorithm: Algorithm) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    private_key = PrivateKey.generate(algorithm)
    path = tmp_path / "key.pem"
    path.write_bytes(encode_key_file(KeyFile(KEY, "z", encrypt_private_key(private_key, PASSPHRASE))))
    command = [openssl, "pkey", "-in", str(path), "-passin", f"pass:{PASSPHRASE.decode()}", "-outform", "DER"]
    der = subprocess.run(command, check=True, capture_output=True, timeout=30).stdout
    if algorithm is Algorithm.ED25519:
        assert der == private_key.to_pkcs8()
    assert PrivateKey.from_pkcs8(der).public_key == private_key.public_key
    assert (2**14).to_bytes(2) in decode_key_file(path.read_bytes()).encrypted_key


@pytest.mark.parametrize(
    "der",
    [b"", b"\x30", b"\x30\x01", b"\x30\x82\xff\xff", b"\x04\x00", b"\x30\x00", b"\x30\x80\x00\x00"],
)
def test_structure_that_is_none(der: bytes) -> None:
    with pytest.raises(IntegrityError):
        decrypt_private_key(der, PASSPHRASE)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("02024000", "02027fff", "key_file_damaged"),
        ("02024000", "0202ffff", "wrong_passphrase"),
        ("020108", "020100", "key_file_damaged"),
        ("020105", "020100", "key_file_damaged"),
        ("020105", "0201ff", "wrong_passphrase"),
    ],
)
def test_k14_altered_parameters_of_the_derivation(old: str, new: str, code: str) -> None:
    """What scrypt cannot do is an error of OpenSSL itself, and no fault of ours."""
    der = encrypt_private_key(PrivateKey.generate(Algorithm.ED25519), PASSPHRASE)
    assert der.count(bytes.fromhex(old)) == 1
    with pytest.raises(IntegrityError) as caught:
        decrypt_private_key(der.replace(bytes.fromhex(old), bytes.fromhex(new)), PASSPHRASE)
    assert caught.value.code == code


def test_unencrypted_key_is_refused() -> None:
    with pytest.raises(IntegrityError) as caught:
        decrypt_private_key(PrivateKey.generate(Algorithm.ED25519).to_pkcs8(), PASSPHRASE)
    assert caught.value.code == "key_file_damaged"


@pytest.mark.parametrize(
    ("content", "mode", "code"),
    [
        pytest.param(b"short", 0o600, "passphrase_too_short", id="short"),
        pytest.param(b"a" * 40, 0o600, "passphrase_too_short", id="repeats"),
        pytest.param(b"ab" * 2000, 0o600, "passphrase_too_short", id="long-and-repeats"),
        pytest.param(bytes(range(33, 126)) * 20, 0o600, "passphrase_too_long", id="long"),
        pytest.param(b"", 0o600, "passphrase_too_short", id="empty"),
        pytest.param(PASSPHRASE + b"\nmore", 0o600, "passphrase_file", id="two-lines"),
        pytest.param(PASSPHRASE, 0o604, "passphrase_file_permissions", id="K-14-world-readable"),
        pytest.param(PASSPHRASE, 0o602, "passphrase_file_permissions", id="K-14-world-writable"),
        pytest.param(PASSPHRASE, 0o660, "passphrase_file_permissions", id="K-14-group-writable"),
    ],
)
def test_passphrase_file_is_refused(tmp_path: Path, content: bytes, mode: int, code: str) -> None:
    path = tmp_path / "passphrase"
    path.write_bytes(content)
    path.chmod(mode)
    with pytest.raises(ConfigurationError) as caught:
        read_passphrase(path)
    assert caught.value.code == code
    assert "correct" not in str(caught.value)


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n"])
@pytest.mark.parametrize("mode", [0o400, 0o600, 0o640])
def test_passphrase_file_is_read(tmp_path: Path, ending: bytes, mode: int) -> None:
    path = tmp_path / "passphrase"
    path.write_bytes(PASSPHRASE + ending)
    path.chmod(mode)
    link = tmp_path / "mounted"
    link.symlink_to(path)
    assert read_passphrase(path) == read_passphrase(link) == PASSPHRASE


def test_passphrase_file_that_is_none(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo", 0o600)
    for name in ("fifo", "missing", "."):
        with pytest.raises(ConfigurationError) as caught:
            read_passphrase(tmp_path / name)
        assert caught.value.code == "passphrase_file"


def test_short_passphrase_makes_no_folder(folder: Path) -> None:
    with pytest.raises(ConfigurationError):
        FileKeyManager(folder, b"secret")
    assert not folder.exists()
