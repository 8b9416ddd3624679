"""A provider issues a skill credential."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from skillcred.encoding.json_types import JsonObject
from skillcred.errors import InputError
from skillcred.issuance import build_document
from skillcred.profiles import PROFILES, build_credential
from skillcred.securing import WALLET_NAMES
from skillcred.services.identities import CREDENTIALS_PATH
from skillcred.services.issuing import DEFAULT_MECHANISM, IssuingMachine, IssuingOrder
from skillcred.services.permissions import require_role
from skillcred.services.records import Actor, IssuancePurpose, Role, StoredCredential


@dataclass(frozen=True, slots=True)
class IssuanceRequest:
    """What to issue: a profile, and a partial credential with the standard's own member names. A `revocable`
    credential says where its status can be looked up. `holder_key` is the public JWK of whoever shall be able to show
    it (`cnf`), for mechanisms that name one. `second_mechanism` asks for an experimental proof beside the first.
    `renews` is the credential of the same issuer that this one takes the place of: if that is revoked, so is this."""

    profile: str
    claims: JsonObject
    mechanism: str = DEFAULT_MECHANISM
    revocable: bool = True
    holder_key: JsonObject | None = None
    second_mechanism: str | None = None
    renews: str | None = None

    def canonical(self) -> JsonObject:
        """As JSON, for telling a repeat from another request. What was not asked for is not there."""
        wishes: JsonObject = {"profile": self.profile, "claims": self.claims, "mechanism": self.mechanism}
        if not self.revocable:
            wishes["revocable"] = False
        if self.holder_key is not None:
            wishes["holder_key"] = self.holder_key
        if self.second_mechanism is not None:
            wishes["second_mechanism"] = self.second_mechanism
        if self.renews is not None:
            wishes["renews"] = self.renews
        return wishes


@dataclass(frozen=True, slots=True)
class IssueCredential:
    """The use case."""

    issuing: IssuingMachine

    def __call__(self, actor: Actor, request: IssuanceRequest, idempotency_key: str) -> StoredCredential:
        """Issue, or give back what was issued for the same request.

        Raises `AuthorisationError` unless the actor may issue for a provider with an active key,
        `NotFoundError` and `ConflictError` for what cannot be renewed,
        `ProfileError` for claims that do not fit the profile, and what `IssuingMachine` says.
        """
        require_role(actor, Role.ISSUER)
        if request.mechanism in WALLET_NAMES:
            raise InputError(
                "There is no such securing mechanism.",
                code="unsupported_mechanism",
                pointer="/securing_mechanism",
            )
        profile = PROFILES.get(request.profile)
        if profile is None:
            raise InputError("There is no such profile.", code="unknown_profile", pointer="/profile")
        issuer: JsonObject = {
            "id": actor.organisation.did,
            "type": ["Profile"],
            "name": actor.organisation.name,
        }

        def build(credential_id: str, at: datetime) -> JsonObject:
            credential = build_credential(
                profile.id, request.claims, credential_id=credential_id, issuer=issuer, at=at
            )
            return build_document(profile, credential, request.mechanism)

        return self.issuing(
            IssuingOrder(
                actor=actor,
                purpose=IssuancePurpose.CREDENTIAL,
                idempotency_key=idempotency_key,
                request=request.canonical(),
                profile=profile.id,
                profile_sha256=profile.sha256,
                mechanism=request.mechanism,
                path=CREDENTIALS_PATH,
                build=build,
                revocable=request.revocable,
                holder_key=request.holder_key,
                second_mechanism=request.second_mechanism,
                renews=request.renews,
            )
        )
