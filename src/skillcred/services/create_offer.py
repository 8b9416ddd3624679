"""A provider offers a credential that it has prepared to the wallet of the person it is about."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from skillcred.encoding.jcs import encode_jcs
from skillcred.encoding.json_types import JsonObject
from skillcred.errors import ConflictError, InputError
from skillcred.exchange.oid4vci.metadata import CredentialFormat
from skillcred.exchange.oid4vci.redemption import digest_code
from skillcred.services.credential_configurations import OfferedConfiguration, all_configurations
from skillcred.services.identities import new_id
from skillcred.services.offer_forms import (
    SecretSource,
    build_issuer_state,
    build_pre_authorised_code,
    build_reference,
    build_tx_code_digest,
)
from skillcred.services.offer_records import Offer, OfferGrant
from skillcred.services.permissions import require_role
from skillcred.services.ports import Clock, UnitOfWork, UnitOfWorkFactory
from skillcred.services.records import Actor, AuditEntry, Role
from skillcred.services.transactions import in_transaction
from skillcred.services.wallet_documents import Holder, build_wallet_document

DEFAULT_LIFETIME: Final = timedelta(days=7)
MIN_LIFETIME: Final = timedelta(minutes=1)
MAX_CLAIMS_BYTES: Final = 64 * 1024
"""Largest credential that is offered, in bytes: it is signed once for each copy. The examples have about 4,000."""
MAX_LIFETIME: Final = timedelta(days=30)
"""Longest time in which an offer can be claimed: until then its claims are kept."""
_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)


@dataclass(frozen=True, slots=True)
class OfferRequest:
    """What is offered: a profile and a partial credential as for issuing, in which `formats` the wallet may have it, by
    which `grants` it gets there, and whether the holder needs a transaction code. A `deferred` one is issued when the
    provider releases it."""

    profile: str
    claims: JsonObject
    formats: tuple[str, ...] = (CredentialFormat.SD_JWT_VC.value,)
    grants: tuple[str, ...] = (OfferGrant.PRE_AUTHORISED_CODE.value,)
    tx_code: bool = True
    revocable: bool = True
    deferred: bool = False
    lifetime: timedelta = DEFAULT_LIFETIME

    @property
    def sha256(self) -> str:
        """Digest of the request in canonical form, for telling a repeat from another request."""
        canonical: JsonObject = {
            "profile": self.profile,
            "claims": self.claims,
            "formats": list(self.formats),
            "grants": list(self.grants),
            "tx_code": self.tx_code,
            "revocable": self.revocable,
            "deferred": self.deferred,
            "lifetime": int(self.lifetime.total_seconds()),
        }
        return hashlib.sha256(encode_jcs(canonical)).hexdigest()


@dataclass(frozen=True, slots=True)
class CreateOffer:
    """The use case."""

    base_url: str
    units: UnitOfWorkFactory
    clock: Clock
    secret: SecretSource

    def __call__(self, actor: Actor, request: OfferRequest, idempotency_key: str) -> Offer:
        """Record an offer, or give back the one that was made for the same request.

        Everything that can be wrong with the credential is found now and not when the holder stands there. Raises
        `AuthorisationError`, `InputError` (`unknown_profile`, `invalid_offer`, `invalid_idempotency_key` and the codes
        of `ProfileError`), `ConflictError` (`idempotency_key_reused`).
        """
        require_role(actor, Role.ISSUER)
        if not _IDEMPOTENCY_KEY.fullmatch(idempotency_key):
            raise InputError(
                "An idempotency key has 1 to 255 printable ASCII characters without spaces.",
                code="invalid_idempotency_key",
            )
        configurations = _configurations(request)
        grants = _grants(request)
        if not MIN_LIFETIME <= request.lifetime <= MAX_LIFETIME:
            raise InputError(
                "An offer lasts from a minute to 30 days.", code="invalid_offer", pointer="/expires_in"
            )
        claims = json.dumps(request.claims, ensure_ascii=False).encode("utf-8")
        if len(claims) > MAX_CLAIMS_BYTES:
            raise InputError(
                f"An offered credential has at most {MAX_CLAIMS_BYTES} bytes.",
                code="invalid_offer",
                pointer="/credential",
            )
        known = self._find(actor, request, idempotency_key)
        if known is not None:
            return known
        now = self.clock.now()
        for configuration in configurations:
            build_wallet_document(
                configuration,
                request.claims,
                credential_id=f"{self.base_url}/credentials/prepared",
                organisation=actor.organisation,
                holder=EXAMPLE_HOLDER,
                at=now.replace(microsecond=0),
            )
        offer = self._build(actor, request, idempotency_key, claims, configurations, grants, now)

        def work(unit: UnitOfWork) -> None:
            unit.offers.add(offer)
            unit.audit.add(AuditEntry(now, actor.api_key_id, offer.organisation_id, "create_offer", offer.id))

        try:
            in_transaction(self.units, work)
        except ConflictError as error:
            found = self._find(actor, request, idempotency_key)
            if error.code != "offer_taken" or found is None:
                raise
            return found
        return offer

    def _find(self, actor: Actor, request: OfferRequest, idempotency_key: str) -> Offer | None:
        with self.units(writes=False) as unit:
            found = unit.offers.find_by_key(actor.organisation.id, idempotency_key)
        if found is not None and found.request_sha256 != request.sha256:
            raise ConflictError(
                "This idempotency key was used for another request.", code="idempotency_key_reused"
            )
        return found

    def _build(
        self,
        actor: Actor,
        request: OfferRequest,
        idempotency_key: str,
        claims: bytes,
        configurations: tuple[OfferedConfiguration, ...],
        grants: tuple[OfferGrant, ...],
        now: datetime,
    ) -> Offer:
        secret, offer_id = self.secret(), new_id()
        code_digest = digest_code(build_pre_authorised_code(secret, offer_id))
        return Offer(
            id=offer_id,
            organisation_id=actor.organisation.id,
            idempotency_key=idempotency_key,
            request_sha256=request.sha256,
            profile=request.profile,
            configuration_ids=tuple(each.id for each in configurations),
            claims=claims,
            revocable=request.revocable,
            grants=grants,
            deferred=request.deferred,
            code_digest=code_digest,
            reference_digest=digest_code(build_reference(secret, offer_id)),
            issuer_state_digest=digest_code(build_issuer_state(secret, offer_id)),
            tx_code_digest=build_tx_code_digest(secret, offer_id, code_digest) if request.tx_code else None,
            created_at=now,
            expires_at=now + request.lifetime,
            created_by=actor.api_key_id,
        )


EXAMPLE_HOLDER: Final = Holder(jwk={}, did="did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK")
"""Stands for whoever will claim the offer while it is looked at."""


def _configurations(request: OfferRequest) -> tuple[OfferedConfiguration, ...]:
    offered = [each for each in all_configurations().values() if each.profile.id == request.profile]
    if not offered:
        raise InputError("There is no such profile.", code="unknown_profile", pointer="/profile")
    by_format = {each.format.value: each for each in offered}
    formats = request.formats
    if not formats or len(set(formats)) != len(formats) or not set(formats) <= by_format.keys():
        raise InputError(
            "The formats are one or more different ones of " + ", ".join(by_format) + ".",
            code="invalid_offer",
            pointer="/formats",
        )
    return tuple(by_format[name] for name in formats)


def _grants(request: OfferRequest) -> tuple[OfferGrant, ...]:
    values = {grant.value: grant for grant in OfferGrant}
    grants = request.grants
    if not grants or len(set(grants)) != len(grants) or not set(grants) <= values.keys():
        raise InputError(
            "The grants are one or both of " + ", ".join(values) + ".",
            code="invalid_offer",
            pointer="/grants",
        )
    return tuple(values[name] for name in grants)
