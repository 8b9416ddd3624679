"""A provider is shown the transaction code of an offer on a page, once, so that nobody reads it over a shoulder or in
an open tab beside the picture to scan. The API tells it as long as the offer can be claimed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from skillcred.errors import ConflictError
from skillcred.services.offer_records import UsedOnce
from skillcred.services.offers import OfferView, ViewOffers
from skillcred.services.ports import Clock, UnitOfWork, UnitOfWorkFactory
from skillcred.services.records import Actor, AuditEntry
from skillcred.services.transactions import in_transaction


@dataclass(frozen=True, slots=True)
class ShowTxCode:
    """The use case."""

    view_offers: ViewOffers
    units: UnitOfWorkFactory
    clock: Clock

    def __call__(self, actor: Actor, offer_id: str) -> str:
        """The transaction code of an offer, recorded as shown.

        Raises `AuthorisationError`, `NotFoundError`, `ConflictError` (`no_tx_code` where there is none or the offer is
        over, `tx_code_shown`).
        """
        view = self.view_offers.get(actor, offer_id)
        if view.forms is None or view.forms.tx_code is None:
            raise ConflictError(
                "The offer has no transaction code that anybody could use.", code="no_tx_code"
            )
        offer = view.offer
        used = UsedOnce(_digest(offer.id), "show_tx_code", offer.expires_at)
        now = self.clock.now()

        def work(unit: UnitOfWork) -> None:
            unit.wallet_access.use_once(used)
            unit.audit.add(AuditEntry(now, actor.api_key_id, offer.organisation_id, "show_tx_code", offer.id))

        try:
            in_transaction(self.units, work)
        except ConflictError as error:
            if error.code != "used_already":
                raise
            raise ConflictError("The transaction code was shown before.", code="tx_code_shown") from error
        return view.forms.tx_code

    def is_possible(self, view: OfferView) -> bool:
        """Whether the offer has a code that was not shown yet."""
        if view.forms is None or view.forms.tx_code is None:
            return False
        with self.units(writes=False) as unit:
            return unit.wallet_access.find_used(_digest(view.offer.id)) is None


def _digest(offer_id: str) -> str:
    return hashlib.sha256(f"tx_code_shown {offer_id}".encode()).hexdigest()
