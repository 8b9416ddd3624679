"""Credential offers as a wallet reads them (OID4VCI 1.0 section 4). Nothing in an offer is trusted: it only says where
to look, and everything is checked there as if the holder had begun (section 13.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.encoding.strict_json import StrictJsonError, StrictJsonLimitError, parse_json_object
from skillcred.exchange.holder.addresses import check_address
from skillcred.exchange.holder.errors import WalletMessageError
from skillcred.exchange.oid4vci.offers import MAX_TX_CODE_DESCRIPTION, PRE_AUTHORIZED_CODE

AUTHORIZATION_CODE: Final = "authorization_code"
MAX_OFFER_BYTES: Final = 64 * 1024
"""Longest offer, in bytes. One for a dozen credentials has about 1,000."""
MAX_OFFERED: Final = 32
"""Most credentials in one offer."""
MAX_CODE_CHARACTERS: Final = 4096
"""Longest code or state that is taken along."""


@dataclass(frozen=True, slots=True)
class TxCodeRequest:
    """A transaction code is needed. `description` is the issuer's text, for people."""

    numeric: bool = True
    length: int | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class PreAuthorisedOffer:
    """The grant of a pre-authorised code."""

    code: str
    tx_code: TxCodeRequest | None = None
    authorization_server: str | None = None


@dataclass(frozen=True, slots=True)
class AuthorisationOffer:
    """The grant of an authorization code."""

    issuer_state: str | None = None
    authorization_server: str | None = None


@dataclass(frozen=True, slots=True)
class CredentialOffer:
    """What is offered, and by which grants. With neither of them, the issuer's metadata decide."""

    credential_issuer: str
    configuration_ids: tuple[str, ...]
    pre_authorised: PreAuthorisedOffer | None = None
    authorisation: AuthorisationOffer | None = None


@dataclass(frozen=True, slots=True)
class OfferReference:
    """Where the offer is to be fetched."""

    address: str


def read_offer_link(text: str, *, local: bool) -> CredentialOffer | OfferReference:
    """The offer in a link with `credential_offer` or `credential_offer_uri`, whatever its scheme: wallets are also
    opened by links of their own. Raises `WalletMessageError`: `offer_malformed`, `address_not_secure`."""
    if len(text) > MAX_OFFER_BYTES:
        raise _malformed("The offer is longer than is accepted.")
    try:
        pairs = parse_qsl(urlsplit(text).query, keep_blank_values=True, errors="strict", max_num_fields=16)
    except ValueError as error:
        raise _malformed("The offer is no link.") from error
    found = [(name, value) for name, value in pairs if name in ("credential_offer", "credential_offer_uri")]
    if len(found) != 1:
        raise _malformed("The link holds no credential offer, or more than one.")
    name, value = found[0]
    if name == "credential_offer":
        return parse_offer(value.encode("utf-8"), local=local)
    return OfferReference(check_address(value, local=local, what="address of the offer"))


def parse_offer(content: bytes, *, local: bool) -> CredentialOffer:
    """The offer in JSON. Members that are not known are ignored. Raises as `read_offer_link`."""
    try:
        offer = parse_json_object(content, max_bytes=MAX_OFFER_BYTES)
    except (StrictJsonError, StrictJsonLimitError) as error:
        raise _malformed("The offer is no JSON object.") from error
    issuer = offer.get("credential_issuer")
    if not isinstance(issuer, str):
        raise _malformed("The offer does not name its issuer.")
    check_issuer_identifier(issuer, local=local)
    grants = offer.get("grants", {})
    if not isinstance(grants, dict):
        raise _malformed("The grants of the offer are no object.")
    return CredentialOffer(
        issuer,
        _configuration_ids(offer.get("credential_configuration_ids")),
        _pre_authorised(grants[PRE_AUTHORIZED_CODE]) if PRE_AUTHORIZED_CODE in grants else None,
        _authorisation(grants[AUTHORIZATION_CODE]) if AUTHORIZATION_CODE in grants else None,
    )


def check_issuer_identifier(identifier: str, *, local: bool) -> str:
    """A credential issuer or authorization server identifier: no query (section 12.2.1, RFC 8414 section 2)."""
    check_address(identifier, local=local, what="identifier of the issuer")
    if "?" in identifier:
        raise WalletMessageError("The identifier of the issuer has a query.", code="address_not_secure")
    return identifier


def _configuration_ids(value: JsonValue) -> tuple[str, ...]:
    if not isinstance(value, list) or not 0 < len(value) <= MAX_OFFERED:
        raise _malformed("The offer names no credentials, or too many.")
    names = tuple(item for item in value if isinstance(item, str) and item)
    if len(set(names)) != len(value):
        raise _malformed("The offer names something else than different credentials.")
    return names


def _pre_authorised(value: JsonValue) -> PreAuthorisedOffer:
    grant = _object(value)
    code = _text(grant, "pre-authorized_code")
    if code is None:
        raise _malformed("The offer has no pre-authorised code.")
    hint = _tx_code(_object(grant["tx_code"])) if "tx_code" in grant else None
    return PreAuthorisedOffer(code, hint, _text(grant, "authorization_server"))


def _authorisation(value: JsonValue) -> AuthorisationOffer:
    grant = _object(value)
    return AuthorisationOffer(_text(grant, "issuer_state"), _text(grant, "authorization_server"))


def _tx_code(value: JsonObject) -> TxCodeRequest:
    mode, length = value.get("input_mode", "numeric"), value.get("length")
    if length is not None and (isinstance(length, bool) or not isinstance(length, int) or length < 1):
        raise _malformed("The length of the transaction code is no number.")
    description = _text(value, "description")
    if description is not None and len(description) > MAX_TX_CODE_DESCRIPTION:
        raise _malformed("The description of the transaction code has more than 300 characters.")
    return TxCodeRequest(mode != "text", length, description)


def _object(value: JsonValue) -> JsonObject:
    if not isinstance(value, dict):
        raise _malformed("A part of the offer is no object.")
    return value


def _text(member: JsonObject, name: str) -> str | None:
    value = member.get(name)
    if name not in member:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= MAX_CODE_CHARACTERS:
        raise _malformed("A member of the offer is not text of an acceptable length.")
    return value


def choose_authorization_server(hint: str | None, servers: Sequence[str]) -> str:
    """The authorization server that an offer's hint chooses among those of the issuer (section 4.1.1). Raises
    `WalletMessageError` (`authorization_server_mismatch`) for a hint that names none of them."""
    if hint is None:
        return servers[0]
    if hint not in servers:
        raise WalletMessageError(
            "The offer names an authorization server that its issuer does not.",
            code="authorization_server_mismatch",
        )
    return hint


def _malformed(message: str) -> WalletMessageError:
    return WalletMessageError(message, code="offer_malformed")
