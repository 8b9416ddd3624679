"""Certificates for an organisation's signing key: the request for an authority, and what the authority gave."""

from __future__ import annotations

from dataclasses import dataclass, replace

from skillcred.errors import ConflictError, NotFoundError
from skillcred.identifiers import did_web_address
from skillcred.keys.own_certificates import build_certificate_request, read_own_chain
from skillcred.keys.public_key import PublicKey
from skillcred.services.ports import Clock, Hold, SignerSource, UnitOfWork, UnitOfWorkFactory
from skillcred.services.records import Actor, AuditEntry, KeyState, SigningKey
from skillcred.services.transactions import in_transaction


@dataclass(frozen=True, slots=True)
class CertifyKey:
    """Takes over the certificates of a key; SD-JWT VCs that it signs from then on have them in their header."""

    units: UnitOfWorkFactory
    clock: Clock

    def __call__(self, actor: Actor, key_id: str, certificates: bytes | None) -> SigningKey:
        """The key with `certificates`, PEM, its own first; without any for `None`. Nothing that was signed changes.

        Raises `NotFoundError` also for another organisation's key, `ConflictError` (`key_not_active`),
        `CertificateError`, `KeyCertificateError`, and `DidError` for an organisation without an address (a did:key).
        """
        organisation = actor.organisation

        def work(unit: UnitOfWork) -> SigningKey:
            now = self.clock.now()
            found = _find(unit, actor, key_id)
            key = unit.signing_keys.find_active(organisation.id, found.algorithm, hold=Hold.EXCLUSIVE)
            if key is None or key.id != key_id:
                raise _not_active()
            kept = None
            if certificates is not None:
                public_key = PublicKey.from_multikey(key.public_key_multibase)
                address = did_web_address(organisation.did)
                kept = read_own_chain(certificates, public_key, issuer=address, at=now)
            changed = replace(key, certificates=kept)
            unit.signing_keys.update(changed)
            action = "remove_certificates" if kept is None else "certify_key"
            unit.audit.add(AuditEntry(now, actor.api_key_id, organisation.id, action, key.id))
            return changed

        return in_transaction(self.units, work)


@dataclass(frozen=True, slots=True)
class RequestCertificate:
    """Makes the request that an authority wants to see: it proves that the organisation has the key."""

    units: UnitOfWorkFactory
    signers: SignerSource

    def __call__(self, actor: Actor, key_id: str) -> bytes:
        """A PKCS #10 request in PEM for an active key, with the organisation's address as the name.

        Raises `DidError` for an organisation without one (a did:key), `NotFoundError`, `ConflictError`
        (`key_not_active`), `KeyCertificateError` (`certificate_key_not_supported`) and what the key manager raises.
        """
        with self.units(writes=False) as unit:
            key = _find(unit, actor, key_id)
        signer = self.signers.get_signer(key.id, key.public_key_multibase)
        organisation = actor.organisation
        return build_certificate_request(
            signer.public_key,
            signer.sign,
            issuer=did_web_address(organisation.did),
            name=organisation.name,
        )


def _find(unit: UnitOfWork, actor: Actor, key_id: str) -> SigningKey:
    keys = {key.id: key for key in unit.signing_keys.list_for(actor.organisation.id)}
    key = keys.get(key_id)
    if key is None:
        raise NotFoundError("There is no such key.")
    if key.state is not KeyState.ACTIVE:
        raise _not_active()
    return key


def _not_active() -> ConflictError:
    return ConflictError("The key is not active.", code="key_not_active")
