"""Offers as their provider sees them on the pages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from markupsafe import Markup

from skillcred.exchange.oid4vci.redemption import OfferState
from skillcred.services.offers import OfferView
from skillcred.web.pages.claims_view import show_text
from skillcred.web.pages.labels import PROFILES
from skillcred.web.pages.offer_labels import EVENTS, STATE_NAMES, STATE_SENTENCES, WAITS
from skillcred.web.pages.qr import build_qr

PAGE_OFFERS: Final = 20
"""Offers on one page of the list."""
MAX_SHOWN_CHARACTERS: Final = 200
"""Longest name or title that is shown."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """A credential that came of an offer, and what the wallet said of it."""

    credential_id: str
    requested_at: datetime
    event: str | None


@dataclass(frozen=True, slots=True)
class OfferPage:
    """An offer. `title` and `person` are those of the credential, as long as it is kept; `link`, `claim_url` and `code`
    (the picture of the link) as long as it can be claimed."""

    id: str
    state: OfferState
    state_name: str
    sentence: str
    kind: str
    title: str | None
    person: str | None
    created_at: datetime
    expires_at: datetime
    needs_tx_code: bool
    wrong_attempts: int
    awaits_release: bool
    link: str | None
    claim_url: str | None
    code: Markup | None
    delivered: tuple[Delivered, ...]

    @property
    def is_open(self) -> bool:
        """Whether it can still be claimed."""
        return self.state is OfferState.UNCLAIMED

    @property
    def can_withdraw(self) -> bool:
        """Whether it can still be taken back: nobody has the credential yet."""
        return self.is_open or self.awaits_release

    @property
    def is_live(self) -> bool:
        """Whether something may still happen to it: it is claimed, it is issued, the wallet says what it does."""
        waits = self.state is OfferState.CLAIMED and not any(made.event for made in self.delivered)
        return self.is_open or waits

    @property
    def progress(self) -> str:
        """Changes whenever the page has something else to say."""
        told = sum(made.event is not None for made in self.delivered)
        return (
            f"{self.state.value} {len(self.delivered)} {told} {self.wrong_attempts} {self.awaits_release:d}"
        )


@dataclass(frozen=True, slots=True)
class OfferList:
    """One page of the list, newest first. `page` counts from 1."""

    offers: tuple[OfferPage, ...]
    page: int
    has_more: bool


def build_offer_page(view: OfferView, *, with_code: bool = True) -> OfferPage:
    """What is shown of one offer; for a list without the picture."""
    offer, forms = view.offer, view.forms
    awaits_release = view.waits_for_release
    waits = awaits_release and view.state is OfferState.CLAIMED
    title, person = _told(offer.claims)
    return OfferPage(
        id=offer.id,
        state=view.state,
        state_name=STATE_NAMES[view.state],
        sentence=WAITS if waits else STATE_SENTENCES[view.state],
        kind=PROFILES[offer.profile],
        title=title,
        person=person,
        created_at=offer.created_at,
        expires_at=offer.expires_at,
        needs_tx_code=offer.tx_code_digest is not None,
        wrong_attempts=offer.wrong_attempts,
        awaits_release=awaits_release,
        link=None if forms is None else forms.by_reference,
        claim_url=None if forms is None else forms.claim_url,
        code=build_qr(forms.by_reference) if with_code and forms is not None else None,
        delivered=tuple(
            Delivered(made.credential_id, made.requested_at, EVENTS.get(made.event or ""))
            for made in view.deliveries
            if made.credential_id is not None
        ),
    )


def build_offer_list(views: Sequence[OfferView], page: int) -> OfferList:
    """A page of the list, from its offers and the first of the next page, if there is one."""
    shown = tuple(build_offer_page(view, with_code=False) for view in views[:PAGE_OFFERS])
    return OfferList(shown, page, len(views) > PAGE_OFFERS)


def _told(claims: bytes | None) -> tuple[str | None, str | None]:
    """Title and name in the claims of an offer."""
    if claims is None:
        return None, None
    told = json.loads(claims)
    return _shown(told.get("name")), _shown(told["credentialSubject"].get("name"))


def _shown(text: object) -> str | None:
    return show_text(text[:MAX_SHOWN_CHARACTERS]) if isinstance(text, str) else None
