"""What a wallet remembers: keys, credentials with their copies, and issuances that are not finished."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from skillcred.errors import ConflictError, IntegrityError, NotFoundError
from skillcred.keys.private_key import PrivateKey


@dataclass(frozen=True, slots=True)
class WalletKey:
    """A private key of the holder, named by the thumbprint of its public part."""

    id: str
    private_key: PrivateKey


@dataclass(frozen=True, slots=True)
class CredentialCopy:
    """One copy as the issuer gave it, and the key that it is bound to. `used_at`: when it was shown to somebody."""

    content: bytes
    key_id: str | None
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HeldCredential:
    """A credential. With more than one copy each is for one presentation, so that verifiers who compare notes cannot
    tell that it was the same holder. `binding_method`: how its holder is named (`jwk`, `did:key`, `did:jwk`)."""

    id: str
    format: str
    configuration_id: str
    credential_issuer: str
    issuer_name: str | None
    name: str | None
    binding_method: str | None
    received_at: datetime
    copies: tuple[CredentialCopy, ...]

    @property
    def one_time(self) -> bool:
        """Whether copies are used once."""
        return len(self.copies) > 1

    @property
    def usable(self) -> tuple[int, ...]:
        """The positions of the copies that may still be shown."""
        return tuple(
            position for position, copy in enumerate(self.copies) if not self.one_time or copy.used_at is None
        )


@dataclass(frozen=True, slots=True)
class PendingIssuance:
    """Credentials that were asked for and are not here. It is stored before the request goes out, with the keys they
    will be bound to, so that an answer that is lost can be asked for again. With a `transaction_id` the issuer has
    put them off, until `not_before`."""

    id: str
    credential_issuer: str
    configuration_id: str
    credential_identifier: str | None
    binding_method: str | None
    key_ids: tuple[str, ...]
    access_token: str
    dpop_key_id: str | None
    client_id: str | None
    requested_at: datetime
    transaction_id: str | None = None
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class WalletContent:
    """All of a wallet."""

    keys: tuple[WalletKey, ...] = ()
    credentials: tuple[HeldCredential, ...] = ()
    pending: tuple[PendingIssuance, ...] = ()

    def key(self, key_id: str) -> WalletKey:
        """Raises `IntegrityError` (`wallet_key_missing`): what is here always has its keys."""
        found = next((key for key in self.keys if key.id == key_id), None)
        if found is None:
            raise IntegrityError("The wallet lacks a key that it should have.", code="wallet_key_missing")
        return found

    def credential(self, credential_id: str) -> HeldCredential:
        """The credential of that id or of an id that begins so, if there is just one. Raises `NotFoundError`
        (`credential_not_held`), `ConflictError` (`ambiguous_credential`)."""
        found = [each for each in self.credentials if each.id.startswith(credential_id)]
        if not found or not credential_id:
            raise NotFoundError("The wallet has no such credential.", code="credential_not_held")
        if len(found) > 1:
            raise ConflictError("Several credentials have ids that begin so.", code="ambiguous_credential")
        return found[0]

    def with_keys(self, keys: Iterable[WalletKey]) -> WalletContent:
        """With further keys."""
        return replace(self, keys=(*self.keys, *keys))

    def with_pending(self, pending: PendingIssuance) -> WalletContent:
        """With an issuance, in the place of the earlier state of the same one."""
        return replace(self, pending=(*self._other_pending(pending.id), pending))

    def with_credential(self, credential: HeldCredential, finished: str) -> WalletContent:
        """With what an issuance brought, which is then finished; keys that nothing needs any more are left out."""
        kept = replace(
            self,
            credentials=(*self.credentials, credential),
            pending=self._other_pending(finished),
        )
        return kept._without_idle_keys()

    def without_pending(self, pending_id: str) -> WalletContent:
        """Without an issuance that will bring nothing, and without its keys."""
        return replace(self, pending=self._other_pending(pending_id))._without_idle_keys()

    def with_used_copies(self, used: Iterable[tuple[str, int]], at: datetime) -> WalletContent:
        """With copies, named by credential and position, marked as shown."""
        marked = set(used)
        credentials = tuple(
            replace(
                credential,
                copies=tuple(
                    replace(copy, used_at=at) if (credential.id, position) in marked else copy
                    for position, copy in enumerate(credential.copies)
                ),
            )
            for credential in self.credentials
        )
        return replace(self, credentials=credentials)

    def merged_with(self, other: WalletContent) -> WalletContent:
        """With what `other` has beside. A copy that was used in either of them is used."""
        mine = {credential.id: credential for credential in self.credentials}
        used = [
            (credential.id, position)
            for credential in other.credentials
            if credential.id in mine and len(mine[credential.id].copies) == len(credential.copies)
            for position, copy in enumerate(credential.copies)
            if copy.used_at is not None and mine[credential.id].copies[position].used_at is None
        ]
        marked = self
        for credential_id, position in used:
            theirs = other.credential(credential_id).copies[position].used_at
            if theirs is not None:
                marked = marked.with_used_copies([(credential_id, position)], theirs)
        known_keys = {key.id for key in self.keys}
        known_pending = {each.id for each in self.pending}
        return WalletContent(
            (*self.keys, *(key for key in other.keys if key.id not in known_keys)),
            (*marked.credentials, *(each for each in other.credentials if each.id not in mine)),
            (*self.pending, *(each for each in other.pending if each.id not in known_pending)),
        )

    def _other_pending(self, pending_id: str) -> tuple[PendingIssuance, ...]:
        return tuple(each for each in self.pending if each.id != pending_id)

    def _without_idle_keys(self) -> WalletContent:
        needed = {copy.key_id for credential in self.credentials for copy in credential.copies}
        needed |= {key_id for each in self.pending for key_id in (*each.key_ids, each.dpop_key_id)}
        return replace(self, keys=tuple(key for key in self.keys if key.id in needed))
