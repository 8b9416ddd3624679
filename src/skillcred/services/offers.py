"""What a provider sees of its offers, and what it can still do with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from skillcred.encoding.json_types import JsonObject
from skillcred.errors import ConflictError, NotFoundError
from skillcred.exchange.oid4vci.redemption import OfferState, digest_code
from skillcred.model.datetimes import format_instant
from skillcred.services.credential_issuers import CredentialIssuers
from skillcred.services.offer_forms import OfferForms, SecretSource, build_offer_forms
from skillcred.services.offer_records import Offer, WalletDelivery
from skillcred.services.permissions import require_role
from skillcred.services.ports import Clock, Hold, UnitOfWork, UnitOfWorkFactory
from skillcred.services.records import Actor, AuditEntry, Organisation, Role
from skillcred.services.transactions import in_transaction

MAX_LISTED: Final = 200
"""Most offers that are listed at once."""


@dataclass(frozen=True, slots=True)
class OfferView:
    """An offer as it stands. `forms` as long as it can be claimed."""

    offer: Offer
    state: OfferState
    deliveries: tuple[WalletDelivery, ...]
    forms: OfferForms | None
    organisation: Organisation

    @property
    def waits_for_release(self) -> bool:
        """Whether it is issued only when the provider says so, which can still be."""
        ends = self.state in (OfferState.WITHDRAWN, OfferState.EXPIRED, OfferState.BLOCKED)
        return self.offer.deferred and self.offer.released_at is None and not ends


def describe_offer(view: OfferView) -> JsonObject:
    """An offer as the API and the command tell of it. The links and the transaction code while it can be claimed."""
    offer = view.offer
    told: JsonObject = {
        "id": offer.id,
        "state": view.state.value,
        "profile": offer.profile,
        "credential_configuration_ids": list(offer.configuration_ids),
        "grants": [grant.value for grant in offer.grants],
        "deferred": offer.deferred,
        "created_at": format_instant(offer.created_at),
        "expires_at": format_instant(offer.expires_at),
        "credentials": [_describe_delivery(delivery) for delivery in view.deliveries],
    }
    for name in ("claimed_at", "withdrawn_at", "released_at"):
        instant = getattr(offer, name)
        if instant is not None:
            told[name] = format_instant(instant)
    if view.forms is not None:
        told["credential_offer"] = view.forms.offer
        told["offer_uri"] = view.forms.by_value
        told["offer_uri_by_reference"] = view.forms.by_reference
        told["claim_url"] = view.forms.claim_url
        if view.forms.tx_code is not None:
            told["tx_code"] = view.forms.tx_code
    return told


def _describe_delivery(delivery: WalletDelivery) -> JsonObject:
    told: JsonObject = {
        "credential_configuration_id": delivery.configuration_id,
        "requested_at": format_instant(delivery.requested_at),
    }
    if delivery.credential_id is not None:
        told["credential_id"] = delivery.credential_id
    if delivery.event is not None:
        told["wallet_event"] = delivery.event
    return told


@dataclass(frozen=True, slots=True)
class ViewOffers:
    """Looks at offers."""

    base_url: str
    issuers: CredentialIssuers
    units: UnitOfWorkFactory
    clock: Clock
    secret: SecretSource

    def get(self, actor: Actor, offer_id: str) -> OfferView:
        """One offer of the actor's organisation. Raises `AuthorisationError`, `NotFoundError`."""
        require_role(actor, Role.ISSUER)
        with self.units(writes=False) as unit:
            offer = _get_own(unit, actor, offer_id, hold=None)
            deliveries = unit.offers.list_deliveries(offer.id)
        return self.view(offer, deliveries, actor.organisation)

    def list_latest(self, actor: Actor, *, offset: int = 0, limit: int = MAX_LISTED) -> list[OfferView]:
        """Offers of the actor's organisation, newest first, after the `offset` latest of them; at most `limit` and
        `MAX_LISTED`. Raises `AuthorisationError`."""
        require_role(actor, Role.ISSUER)
        with self.units(writes=False) as unit:
            found = unit.offers.list_for(actor.organisation.id, offset=offset, limit=min(limit, MAX_LISTED))
            deliveries = [unit.offers.list_deliveries(offer.id) for offer in found]
        return [
            self.view(offer, made, actor.organisation) for offer, made in zip(found, deliveries, strict=True)
        ]

    def by_reference(self, reference: str, slug: str | None = None) -> OfferView:
        """The offer that the holder of an address may see, of the provider `slug` if that is said.

        Raises `NotFoundError` alike for one that there never was, that was claimed, ended or was withdrawn: guessing
        shows nothing (SECURITY V-12).
        """
        with self.units(writes=False) as unit:
            offer = unit.offers.find_by_reference(digest_code(reference))
            if offer is None:
                raise NotFoundError("There is no such offer.")
            organisation = unit.organisations.get(offer.organisation_id)
        view = self.view(offer, (), organisation)
        if view.forms is None or slug not in (None, organisation.slug):
            raise NotFoundError("There is no such offer.")
        return view

    def read(self, slug: str, reference: str) -> JsonObject:
        """The offer as wallets fetch it. Raises `NotFoundError`."""
        forms = self.by_reference(reference, slug).forms
        if forms is None:
            raise NotFoundError("There is no such offer.")
        return forms.offer

    def view(
        self, offer: Offer, deliveries: Sequence[WalletDelivery], organisation: Organisation
    ) -> OfferView:
        """`offer` as it stands now."""
        state = offer.state_at(self.clock.now())
        forms = None
        if state is OfferState.UNCLAIMED:
            provider = self.issuers.of(organisation)
            forms = build_offer_forms(self.secret(), self.base_url, provider.issuer, offer)
        return OfferView(offer, state, tuple(deliveries), forms, organisation)


@dataclass(frozen=True, slots=True)
class WithdrawOffer:
    """A provider takes an offer back."""

    units: UnitOfWorkFactory
    clock: Clock

    def __call__(self, actor: Actor, offer_id: str) -> Offer:
        """The offer, withdrawn. One that was withdrawn already stays as it is.

        Raises `AuthorisationError`, `NotFoundError`, `ConflictError` (`offer_claimed`) where the wallet has the
        credential or may just get it: then it is revoked instead. One that is not released yet can still be refused.
        """
        require_role(actor, Role.ISSUER)
        now = self.clock.now()

        def work(unit: UnitOfWork) -> Offer:
            offer = _get_own(unit, actor, offer_id, hold=Hold.EXCLUSIVE)
            if offer.withdrawn_at is not None:
                return offer
            waiting = offer.deferred and offer.released_at is None
            if offer.claimed_at is not None and not waiting:
                raise ConflictError(
                    "The offer was claimed. Revoke the credential instead.", code="offer_claimed"
                )
            withdrawn = replace(offer, withdrawn_at=now, claims=None)
            unit.offers.update(withdrawn)
            unit.audit.add(
                AuditEntry(now, actor.api_key_id, offer.organisation_id, "withdraw_offer", offer.id)
            )
            return withdrawn

        return in_transaction(self.units, work)


@dataclass(frozen=True, slots=True)
class ReleaseOffer:
    """A provider lets a deferred credential be issued."""

    units: UnitOfWorkFactory
    clock: Clock

    def __call__(self, actor: Actor, offer_id: str) -> Offer:
        """The offer, released; one that was released already stays as it is.

        Raises `AuthorisationError`, `NotFoundError`, `ConflictError` (`offer_not_deferred`, `offer_withdrawn`).
        """
        require_role(actor, Role.ISSUER)
        now = self.clock.now()

        def work(unit: UnitOfWork) -> Offer:
            offer = _get_own(unit, actor, offer_id, hold=Hold.EXCLUSIVE)
            if not offer.deferred:
                raise ConflictError("The offer does not wait for anything.", code="offer_not_deferred")
            if offer.withdrawn_at is not None:
                raise ConflictError("The offer was withdrawn.", code="offer_withdrawn")
            if offer.released_at is not None:
                return offer
            released = replace(offer, released_at=now)
            unit.offers.update(released)
            unit.audit.add(
                AuditEntry(now, actor.api_key_id, offer.organisation_id, "release_offer", offer.id)
            )
            return released

        return in_transaction(self.units, work)


def _get_own(unit: UnitOfWork, actor: Actor, offer_id: str, *, hold: Hold | None) -> Offer:
    offer = unit.offers.find(offer_id, hold=hold)
    if offer is None or offer.organisation_id != actor.organisation.id:
        raise NotFoundError("There is no such offer.")
    return offer
