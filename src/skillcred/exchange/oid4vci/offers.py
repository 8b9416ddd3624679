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
OFFER_SCHEME: Final = "openid-credential-offer://"
"""What opens a wallet whose own address is not known (OID4VCI 1.0 section 12.1.1)."""
MAX_TX_CODE_DESCRIPTION: Final = 300
"""Longest description of a transaction code, in characters (OID4VCI 1.0 section 4.1.1)."""


@dataclass(frozen=True, slots=True)
class TxCodeHint:
    """What the wallet shows where the holder types the code: so many digits, and how they reach her."""

    length: int
    description: str | None = None


def build_pre_authorised_offer(
    credential_issuer: str,
    configuration_ids: Sequence[str],
    code: str,
    tx_code: TxCodeHint | None = None,
) -> JsonObject:
    """The offer of credentials that need nothing but a code. Raises `InputError` (`invalid_offer`)."""
    if not configuration_ids or len(set(configuration_ids)) != len(configuration_ids):
        raise InputError("An offer names one or more different credentials.", code="invalid_offer")
    grant: JsonObject = {"pre-authorized_code": code}
    if tx_code is not None:
        hint: JsonObject = {"input_mode": "numeric", "length": tx_code.length}
        if tx_code.description is not None:
            if len(tx_code.description) > MAX_TX_CODE_DESCRIPTION:
                raise InputError(
                    "The description of the transaction code has more than 300 characters.",
                    code="invalid_offer",
                    pointer="/tx_code/description",
                )
            hint["description"] = tx_code.description
        grant["tx_code"] = hint
    return {
        "credential_issuer": credential_issuer,
        "credential_configuration_ids": list(configuration_ids),
        "grants": {PRE_AUTHORIZED_CODE: grant},
    }


def encode_offer_by_value(offer: JsonObject) -> str:
    """The link that holds the whole offer."""
    return f"{OFFER_SCHEME}?credential_offer={quote(encode_jcs(offer), safe='')}"


def encode_offer_by_reference(offer_url: str) -> str:
    """The link that says where the offer is."""
    return f"{OFFER_SCHEME}?credential_offer_uri={quote(offer_url, safe='')}"
