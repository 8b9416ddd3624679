"""The operator enrols a national body, after checking outside this system who holds its DID."""

from __future__ import annotations

from dataclasses import dataclass

from skillcred.errors import ConflictError
from skillcred.services.names import check_name
from skillcred.services.permissions import require_role
from skillcred.services.ports import Clock, UnitOfWork, UnitOfWorkFactory
from skillcred.services.records import Actor, AuditEntry, NationalBody, OrganisationKind, Role
from skillcred.services.registrable import check_country, check_registrable_did, check_website
from skillcred.services.transactions import in_transaction


@dataclass(frozen=True, slots=True)
class EnrolNationalBody:
    """The use case."""

    units: UnitOfWorkFactory
    clock: Clock

    def __call__(
        self, actor: Actor, *, did: str, name: str, country: str, website: str | None = None
    ) -> NationalBody:
        """Enrol. The body vouches for its providers from now on.

        Raises `AuthorisationError`, `InputError` for what cannot stand in a registry, `ConflictError`
        (`did_taken`, `name_taken`, `not_a_national_body` where the DID is a provider's or the operator's).
        """
        require_role(actor, Role.OPERATOR)
        text = check_name(name)
        check_country(country)
        check_website(website)

        def work(unit: UnitOfWork) -> NationalBody:
            check_registrable_did(did, unit)
            local = unit.organisations.find_by_did(did)
            if local is not None and local.kind is not OrganisationKind.NATIONAL_BODY:
                raise ConflictError(
                    "That DID belongs to an organisation of another kind.", code="not_a_national_body"
                )
            namesake = unit.organisations.find_by_name(text)
            if namesake is not None and namesake.did != did:
                raise ConflictError("Another name looks like this one.", code="name_taken", pointer="/name")
            now = self.clock.now()
            body = NationalBody(did=did, name=text, country=country, enrolled_at=now, website=website)
            unit.registry.add_body(body)
            unit.audit.add(
                AuditEntry(now, actor.api_key_id, actor.organisation.id, "enrol_national_body", did)
            )
            return body

        return in_transaction(self.units, work)
