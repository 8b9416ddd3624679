"""A provider issues a skill credential."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from skillcred.encoding.json_types import JsonObject
from skillcred.errors import InputError
from skillcred.profiles import PROFILES, build_credential
from skillcred.services.identities import CREDENTIALS_PATH
from skillcred.services.issuing import DEFAULT_MECHANISM, IssuingMachine, IssuingOrder
from skillcred.services.permissions import require_role
from skillcred.services.records import Actor, IssuancePurpose, Role, StoredCredential


@dataclass(frozen=True, slots=True)
class IssuanceRequest:
    """What to issue: a profile, and a partial credential with the standard's own member names. A `revocable`
    credential says where its status can be looked up."""

    profile: str
    claims: JsonObject
    mechanism: str = DEFAULT_MECHANISM
    revocable: bool = True


@dataclass(frozen=True, slots=True)
class IssueCredential:
    """The use case."""

    issuing: IssuingMachine

    def __call__(self, actor: Actor, request: IssuanceRequest, idempotency_key: str) -> StoredCredential:
        """Issue, or give back what was issued for the same request.

        Raises `AuthorisationError` unless the actor may issue for a provider with an active key,
        `ProfileError` for claims that do not fit the profile, and what `IssuingMachine` says.
        """
        require_role(actor, Role.ISSUER)
        profile = PROFILES.get(request.profile)
        if profile is None:
            raise InputError("There is no such profile.", code="unknown_profile", pointer="/profile")
        issuer: JsonObject = {
            "id": actor.organisation.did,
            "type": ["Profile"],
            "name": actor.organisation.name,
        }

        def build(credential_id: str, at: datetime) -> JsonObject:
            return build_credential(
                profile.id, request.claims, credential_id=credential_id, issuer=issuer, at=at
            )

        return self.issuing(
            IssuingOrder(
                actor=actor,
                purpose=IssuancePurpose.CREDENTIAL,
                idempotency_key=idempotency_key,
                request={
                    "profile": request.profile,
                    "claims": request.claims,
                    "mechanism": request.mechanism,
                    **({} if request.revocable else {"revocable": False}),
                },
                profile=profile.id,
                profile_sha256=profile.sha256,
                mechanism=request.mechanism,
                path=CREDENTIALS_PATH,
                build=build,
                revocable=request.revocable,
            )
        )
