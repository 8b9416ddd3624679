"""What the pages for providers call things: states of offers, and what can be wrong with what was filled in."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from skillcred.exchange.oid4vci.redemption import OfferState
from skillcred.exchange.oid4vci.requests import NotificationEvent

STATE_NAMES: Final[Mapping[OfferState, str]] = MappingProxyType(
    {
        OfferState.UNCLAIMED: "Not yet claimed",
        OfferState.CLAIMED: "Claimed",
        OfferState.EXPIRED: "Expired",
        OfferState.WITHDRAWN: "Withdrawn",
        OfferState.BLOCKED: "Blocked",
    }
)
STATE_SENTENCES: Final[Mapping[OfferState, str]] = MappingProxyType(
    {
        OfferState.UNCLAIMED: "No wallet has claimed it yet.",
        OfferState.CLAIMED: "A wallet has claimed it. It cannot be withdrawn any more; a credential that is wrong "
        "is revoked instead.",
        OfferState.EXPIRED: "Nobody claimed it in time. What it would have said is being forgotten. Make a new offer "
        "if it is still wanted.",
        OfferState.WITHDRAWN: "It was withdrawn, and nobody can claim it.",
        OfferState.BLOCKED: "Five wrong transaction codes were typed, so nobody can claim it. Find out who had the "
        "link, and make a new offer.",
    }
)
WAITS: Final = "A wallet has claimed it and waits. It gets the credential when you release the offer."
"""Of an offer that was claimed and not released yet, in place of the sentence of its state."""
EVENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        NotificationEvent.ACCEPTED.value: "The wallet says that it keeps it.",
        NotificationEvent.FAILURE.value: "The wallet says that something went wrong.",
        NotificationEvent.DELETED.value: "The wallet says that its holder did not want it.",
    }
)
"""What a wallet has told of a credential (OID4VCI 1.0 section 11.1). Anybody's wallet may say anything."""
LIFETIMES: Final[Mapping[str, str]] = MappingProxyType(
    {"3600": "One hour", "86400": "One day", "604800": "One week", "2592000": "30 days"}
)
"""How long an offer can be claimed, in seconds."""
FAULTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "member_missing": "This is needed.",
        "empty_value": "This is needed.",
        "member_not_allowed": "This is not allowed here.",
        "value_not_allowed": "This is not one of the values that are allowed here.",
        "required_value_missing": "An entry that is needed is missing.",
        "wrong_type": "This is of the wrong kind.",
        "too_long": "This is too long.",
        "malformed_value": "This is not in the form that is needed here.",
        "unknown_code": "There is no such code.",
        "period_inverted": "The end lies before the start.",
        "control_character": "The text holds a character that nobody sees. Type it anew.",
        "unknown_profile": "Choose a kind of credential.",
        "subject_named_already": "Leave out the identifier of the holder. It is not known before the offer is claimed.",
        "nothing_handed_in": "Choose a file or paste a credential first.",
        "not_utf8": "This is not text in UTF-8.",
        "byte_order_mark": "The text begins with a byte order mark. Save it without one.",
        "json_syntax": "This is not well-formed JSON.",
        "duplicate_member": "A name is there twice in one object.",
        "not_an_object": "A JSON object is needed, from the first brace to the last.",
        "too_large": "This is larger than is accepted.",
        "too_deep": "This is nested too deep.",
        "idempotency_key_reused": "This form has made another offer already. Look at the list of offers before you "
        "send it again.",
    }
)
"""Faults by their code. Others are told in the words of the API."""
