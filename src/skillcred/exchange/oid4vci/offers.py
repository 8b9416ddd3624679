"""Credential offers (OID4VCI 1.0 section 4), and what a wallet is told to open one.

An offer never holds personal data or the transaction code (SECURITY V-13): it is shown on screens and photographed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from skillcred.encoding.jcs import encode_jcs
from skillcred.encoding.json_types import JsonObject
from skillcred.errors import InputError

PRE_AUTHORIZED_CODE: Final = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
"""The grant type (OID4VCI 1.0 section 6.1)."""
AUTHORIZATION_CODE: Final = "authorization_code"
"""The grant type of RFC 6749 section 4.1, as offers name it (OID4VCI 1.0 section 4.1.1)."""
OFFER_SCHEME: Final = "openid-credential-offer://"
"""What opens a wallet whose own address is not known (OID4VCI 1.0 section 12.1.1)."""
MAX_TX_CODE_DESCRIPTION: Final = 300
"""Longest description of a transaction code, in characters (OID4VCI 1.0 section 4.1.1)."""


@dataclass(frozen=True, slots=True)
class TxCodeHint:
    """What the wallet shows where the holder types the code: so many digits, and how they reach her."""

    length: int
    description: str | None = None


def build_offer(
    credential_issuer: str,
    configuration_ids: Sequence[str],
    *,
    code: str | None = None,
    tx_code: TxCodeHint | None = None,
    issuer_state: str | None = None,
) -> JsonObject:
    """The offer of credentials by a pre-authorised `code`, by an authorization request that repeats `issuer_state`, or
    by either. Raises `InputError` (`invalid_offer`)."""
    if not configuration_ids or len(set(configuration_ids)) != len(configuration_ids):
        raise InputError("An offer names one or more different credentials.", code="invalid_offer")
    grants: JsonObject = {}
    if issuer_state is not None:
        grants[AUTHORIZATION_CODE] = {"issuer_state": issuer_state}
    if code is not None:
        grant: JsonObject = {"pre-authorized_code": code}
        if tx_code is not None:
            grant["tx_code"] = _build_hint(tx_code)
        grants[PRE_AUTHORIZED_CODE] = grant
    if not grants:
        raise InputError("An offer says how it can be taken up.", code="invalid_offer")
    return {
        "credential_issuer": credential_issuer,
        "credential_configuration_ids": list(configuration_ids),
        "grants": grants,
    }


def _build_hint(tx_code: TxCodeHint) -> JsonObject:
    hint: JsonObject = {"input_mode": "numeric", "length": tx_code.length}
    if tx_code.description is None:
        return hint
    if len(tx_code.description) > MAX_TX_CODE_DESCRIPTION:
        raise InputError(
            "The description of the transaction code has more than 300 characters.",
            code="invalid_offer",
            pointer="/tx_code/description",
        )
    return {**hint, "description": tx_code.description}


def encode_offer_by_value(offer: JsonObject) -> str:
    """The link that holds the whole offer."""
    return f"{OFFER_SCHEME}?credential_offer={quote(encode_jcs(offer), safe='')}"


def encode_offer_by_reference(offer_url: str) -> str:
    """The link that says where the offer is."""
    return f"{OFFER_SCHEME}?credential_offer_uri={quote(offer_url, safe='')}"
