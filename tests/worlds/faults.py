"""Things that go wrong on purpose: a storage whose commits fail, a signer that gives bad signatures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from skillcred.keys.public_key import PublicKey
from skillcred.keys.signer import Signer
from skillcred.services.ports import KeyManager
from worlds.in_memory import InMemoryStorage, InMemoryUnitOfWork


class Crash(BaseException):
    """Stands for the death of the process; nothing may catch it."""


class FaultyStorage(InMemoryStorage):
    """`before_commit` and `after_commit` are called with the number of the writing unit, counted from 1, and may
    raise: before, nothing is recorded; after, everything is, though the caller is told otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.commits = 0
        self.before_commit: Callable[[int], None] = lambda number: None
        self.after_commit: Callable[[int], None] = lambda number: None

    def restart_count(self) -> None:
        self.commits = 0

    @contextmanager
    def __call__(self, *, writes: bool) -> Iterator[InMemoryUnitOfWork]:
        with super().__call__(writes=writes) as unit:
            commit = unit.commit

            def faulty_commit() -> None:
                self.commits += 1
                self.before_commit(self.commits)
                commit()
                self.after_commit(self.commits)

            unit.commit = faulty_commit  # type: ignore[method-assign]
            yield unit


class FaultyKeyManager:
    """A key manager whose signers go through `spoil`, and which counts signatures."""

    def __init__(self, key_manager: KeyManager) -> None:
        self._key_manager = key_manager
        self.signatures = 0
        self.spoil: Callable[[bytes], bytes] = lambda signature: signature

    def create_key(self, key_id: str, algorithm: str) -> str:
        return self._key_manager.create_key(key_id, algorithm)

    def adopt_key(self, provisional_id: str, key_id: str) -> None:
        self._key_manager.adopt_key(provisional_id, key_id)

    def get_signer(self, key_id: str, public_key_multibase: str) -> Signer:
        return _FaultySigner(self, self._key_manager.get_signer(key_id, public_key_multibase))


class _FaultySigner:
    def __init__(self, manager: FaultyKeyManager, signer: Signer) -> None:
        self._manager = manager
        self._signer = signer

    @property
    def verification_method(self) -> str:
        return self._signer.verification_method

    @property
    def public_key(self) -> PublicKey:
        return self._signer.public_key

    def sign(self, message: bytes) -> bytes:
        self._manager.signatures += 1
        return self._manager.spoil(self._signer.sign(message))
