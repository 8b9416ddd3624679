"""The second half of the issuing machine: from a committed reservation to the credential that is handed
out."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import InputError, IntegrityError, SkillcredError, UnavailableError
from skillcred.issuance import PreparedCredential, decode_prepared, sign_prepared
from skillcred.model.outcomes import EvidenceKind, EvidenceReference, Outcome, Step
from skillcred.securing import secured_media_type, show_everything
from skillcred.services.organisation_document import DID_WEB, build_organisation_document
from skillcred.services.ports import (
    Clock,
    CommitUnknownError,
    CrashPoint,
    KeyManager,
    UnitOfWork,
    UnitOfWorkFactory,
)
from skillcred.services.records import (
    Accreditation,
    AuditEntry,
    CredentialCopy,
    Issuance,
    IssuancePurpose,
    IssuanceState,
    KeyState,
    Organisation,
    SigningKey,
    StoredCredential,
)
from skillcred.services.registry_log import log_accreditation
from skillcred.services.transactions import in_transaction
from skillcred.trust import parse_accreditation
from skillcred.verification import Evidence, EvidenceItem, verify

_ALWAYS_CHECKED: Final = (Step.PROOF, Step.ISSUER_BINDING, Step.CONFORMANCE)


class SelfCheckError(IntegrityError):
    """What we signed does not pass our own verifier, so it is not stored and will not be (SECURITY F-14)."""

    default_code = "self_check_failed"


@dataclass(frozen=True, slots=True)
class _Reserved:
    """A reservation with what signing and checking need."""

    issuance: Issuance
    organisation: Organisation
    keys: tuple[SigningKey, ...]

    @property
    def key(self) -> SigningKey:
        """The key that the reservation names."""
        return self.get_key(self.issuance.key_id)

    def get_key(self, key_id: str) -> SigningKey:
        """The key of that id. Raises `IntegrityError`."""
        for key in self.keys:
            if key.id == key_id:
                return key
        raise IntegrityError("The key of a reservation is not recorded.", code="signing_key_missing")


@dataclass(frozen=True, slots=True)
class FinishIssuance:
    """Signs, checks, stores and releases. Only for the holder of the lease of a reservation."""

    units: UnitOfWorkFactory
    key_manager: KeyManager
    clock: Clock
    crash_point: CrashPoint
    lease: timedelta

    def __call__(self, issuance: Issuance) -> StoredCredential | None:
        """The stored credential, released. `None` where the reservation is void, now or before.

        Raises `UnavailableError` where trying again helps (the lease is ended for that) and `IntegrityError`.
        """
        if issuance.state is not IssuanceState.RESERVED:
            return self._release(issuance)
        try:
            with self.units(writes=False) as unit:
                reserved = _Reserved(
                    issuance,
                    unit.organisations.get(issuance.organisation_id),
                    tuple(unit.signing_keys.list_for(issuance.organisation_id)),
                )
            prepared = _prepared(issuance)
            second_key = (
                None if prepared.second is None else reserved.get_key(prepared.second.verification_method)
            )
            if any(key.state is not KeyState.ACTIVE for key in (reserved.key, second_key) if key is not None):
                self.void(issuance)
                return None
            content = self._sign(reserved.key, second_key, prepared)
            copies = [self._sign(reserved.key, None, copy) for copy in prepared.copies]
            self.crash_point("after-sign-before-store")
            for each in (content, *copies):
                self._check(reserved, each)
            named = [
                CredentialCopy(copy.credential_id, each, hashlib.sha256(each).hexdigest())
                for copy, each in zip(prepared.copies, copies, strict=True)
            ]
            if not self._store(reserved, content, named):
                return self._release(issuance)
        except SelfCheckError:
            self.void(issuance)
            raise
        except SkillcredError:
            with contextlib.suppress(UnavailableError):  # then the lease runs out by itself
                self._end_lease(issuance)
            raise
        self.crash_point("after-store-commit")
        return self._release(issuance)

    def take_over(self, issuance: Issuance) -> bool:
        """Get the lease of a reservation whose lease has run out."""
        now = self.clock.now()

        def work(unit: UnitOfWork) -> bool:
            return unit.issuances.take_over(issuance.id, expired_before=now, lease_until=now + self.lease)

        return in_transaction(self.units, work)

    def void(self, issuance: Issuance) -> None:
        """Give a reservation up. Its identifiers stay used; its idempotency key may be used again."""

        def work(unit: UnitOfWork) -> None:
            if unit.issuances.set_state(issuance.id, IssuanceState.VOID, expected=IssuanceState.RESERVED):
                unit.audit.add(_audit(issuance, "void", self.clock.now()))

        in_transaction(self.units, work)

    def _sign(self, key: SigningKey, second_key: SigningKey | None, prepared: PreparedCredential) -> bytes:
        signers = [
            self.key_manager.get_signer(each.id, each.public_key_multibase)
            for each in (key, second_key)
            if each is not None
        ]
        self.crash_point("before-sign")
        return sign_prepared(prepared, *signers)

    def _check(self, reserved: _Reserved, content: bytes) -> None:
        """Verify our own signature, from the bytes that will be stored and our DID document only. Of a credential for
        selective disclosure it is what its holder can show in full that is verified."""
        now = self.clock.now()
        organisation = reserved.organisation
        items = []
        if organisation.did.startswith(DID_WEB):
            document = build_organisation_document(organisation, reserved.keys)
            items.append(
                EvidenceItem(
                    EvidenceReference(EvidenceKind.DID_DOCUMENT, organisation.did),
                    now,
                    "own",
                    json.dumps(document).encode("utf-8"),
                )
            )
        media_type = secured_media_type(reserved.issuance.mechanism)
        try:
            shown = show_everything(content, reserved.issuance.mechanism)
        except InputError as error:
            raise SelfCheckError(f"Nothing can be shown of the credential: {error.code}.") from error
        report = verify(shown, evidence=Evidence(items), at=now, media_type=media_type)
        outcomes = {result.step: result for result in report.steps}
        required = [*_ALWAYS_CHECKED]
        if reserved.issuance.purpose is not IssuancePurpose.ACCREDITATION:
            required.append(Step.PROFILE)
        for step in required:
            if outcomes[step].outcome is not Outcome.PASSED:
                raise SelfCheckError(f"Our own verifier refuses the credential: {outcomes[step].code}.")

    def _store(self, reserved: _Reserved, content: bytes, copies: Sequence[CredentialCopy]) -> bool:
        """Record the signed bytes. False where somebody else has finished or voided the reservation."""
        issuance = reserved.issuance
        now = self.clock.now()
        credential = StoredCredential(
            credential_id=issuance.credential_id,
            issuance_id=issuance.id,
            organisation_id=issuance.organisation_id,
            content=content,
            media_type=secured_media_type(issuance.mechanism),
            sha256=hashlib.sha256(content).hexdigest(),
            stored_at=now,
            copies=tuple(copies),
        )

        def work(unit: UnitOfWork) -> bool:
            if not unit.issuances.set_state(
                issuance.id, IssuanceState.STORED, expected=IssuanceState.RESERVED
            ):
                return False
            unit.issuances.store_credential(credential)
            if issuance.purpose is IssuancePurpose.ACCREDITATION:
                unit.registry.add_accreditation(_accreditation(credential))
            unit.audit.add(_audit(issuance, "store", now))
            if issuance.purpose is IssuancePurpose.ACCREDITATION:
                log_accreditation(
                    unit,
                    _accreditation(credential),
                    actor=issuance.actor,
                    organisation_did=reserved.organisation.did,
                )
            return True

        try:
            return in_transaction(self.units, work)
        except CommitUnknownError:
            # once more, with the same bytes; if the first commit came through, this changes nothing
            return in_transaction(self.units, work)

    def _release(self, issuance: Issuance) -> StoredCredential | None:
        with self.units(writes=False) as unit:
            stored = unit.issuances.find_credential(issuance.credential_id)
        if stored is None:
            return None
        kept = [(stored.content, stored.sha256), *((copy.content, copy.sha256) for copy in stored.copies)]
        if any(hashlib.sha256(content).hexdigest() != digest for content, digest in kept):
            raise IntegrityError("A stored credential is not as it was stored.", code="credential_altered")
        if issuance.state is not IssuanceState.RELEASED:
            in_transaction(
                self.units,
                lambda unit: unit.issuances.set_state(
                    issuance.id, IssuanceState.RELEASED, expected=IssuanceState.STORED
                ),
            )
        return stored

    def _end_lease(self, issuance: Issuance) -> None:
        in_transaction(self.units, lambda unit: unit.issuances.end_lease(issuance.id, at=self.clock.now()))


def _prepared(issuance: Issuance) -> PreparedCredential:
    """What was prepared. Raises `IntegrityError` where the record contradicts itself."""
    prepared = decode_prepared(issuance.prepared)
    if (
        prepared.to_be_signed_sha256 != issuance.to_be_signed_sha256
        or prepared.verification_method != issuance.key_id
        or prepared.credential_id != issuance.credential_id
    ):
        raise IntegrityError("A reservation is not as it was recorded.", code="reservation_altered")
    return prepared


def _accreditation(credential: StoredCredential) -> Accreditation:
    """The searchable members, read from the signed bytes themselves."""
    statement = parse_accreditation(parse_json_object(credential.content))
    return Accreditation(
        id=credential.credential_id,
        body_did=statement.body_did,
        provider_did=statement.provider_did,
        content=credential.content,
        media_type=credential.media_type,
        valid_from=statement.valid_from,
        valid_until=statement.valid_until,
        recorded_at=credential.stored_at,
    )


def _audit(issuance: Issuance, verb: str, now: datetime) -> AuditEntry:
    action = f"{verb}_{issuance.purpose.value}"
    return AuditEntry(now, issuance.actor, issuance.organisation_id, action, issuance.credential_id)
