"""The operator signs a list of the enrolled bodies, for those who read ETSI TS 119 602."""

from __future__ import annotations

from dataclasses import dataclass

from skillcred.errors import ConflictError
from skillcred.services.permissions import require_role
from skillcred.services.ports import Clock, SignerSource, UnitOfWorkFactory
from skillcred.services.records import Actor, AuditEntry, Role
from skillcred.services.registry_evidence import find_enrolled_body
from skillcred.services.trusted_entities_list import write_trusted_list
from skillcred.trust.standing import Standing, body_standing_at

ALGORITHMS = ("P-256", "Ed25519", "P-384")
"""Algorithms of the operator's key, the one that most readers know first."""


@dataclass(frozen=True, slots=True)
class ExportTrustedList:
    """The use case."""

    base_url: str
    units: UnitOfWorkFactory
    signers: SignerSource
    clock: Clock

    def __call__(self, actor: Actor) -> bytes:
        """The bodies whose enrolment is in force now, as a compact JWS. Recorded before it is signed.

        Raises `AuthorisationError`, `ConflictError` (`no_signing_key`), `UnavailableError`.
        """
        require_role(actor, Role.OPERATOR)
        now = self.clock.now()
        with self.units(writes=True) as unit:
            operator = actor.organisation
            found = (unit.signing_keys.find_active(operator.id, algorithm) for algorithm in ALGORITHMS)
            key = next((key for key in found if key is not None), None)
            if key is None:
                raise ConflictError("The operator has no key that can sign this.", code="no_signing_key")
            bodies = [
                body
                for body in unit.registry.list_bodies()
                if (enrolled := find_enrolled_body(unit, body.did)) is not None
                and body_standing_at(enrolled, now).standing is Standing.IN_FORCE
            ]
            unit.audit.add(
                AuditEntry(now, actor.api_key_id, operator.id, "export_trusted_list", operator.did)
            )
            unit.commit()
        signer = self.signers.get_signer(key.id, key.public_key_multibase)
        return write_trusted_list(operator, bodies, self.base_url, signer, now)
