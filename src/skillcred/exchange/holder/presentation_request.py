"""Requests for presentations as a wallet takes them (OID4VP 1.0 section 5): from a link, by value or by reference, and
believed only when the client identifier is proven in the way that its prefix says."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from cryptography.hazmat.primitives.serialization import Encoding

from skillcred.encoding.json_types import JsonObject
from skillcred.exchange.holder.addresses import check_address, host_of
from skillcred.exchange.holder.errors import WalletMessageError
from skillcred.exchange.oid4vp.client_ids import ClientId, ClientIdPrefix, hash_certificate, parse_client_id
from skillcred.exchange.oid4vp.errors import AuthorizationRequestError
from skillcred.exchange.oid4vp.requests import (
    REQUEST_OBJECT_TYPE,
    STATIC_AUDIENCE,
    AuthorizationRequest,
    parse_request_parameters,
)
from skillcred.identifiers import ControlledIdentifierDocument, DidDocumentError, DidError, did_of
from skillcred.keys.certificates import (
    CertificateError,
    CertifiedKey,
    TrustAnchors,
    parse_certificate_chain,
    verify_certificate_chain,
)
from skillcred.keys.public_key import InvalidKeyError, PublicKey
from skillcred.securing.jose.claims import read_numeric_date
from skillcred.securing.jose.envelope import (
    BASIC_HEADER,
    CompactJws,
    check_type,
    parse_compact_jws,
    parse_payload,
    verify_compact_jws,
)
from skillcred.securing.jose.errors import JoseError

MAX_LINK_CHARACTERS: Final = 64 * 1024
MAX_REQUEST_BYTES: Final = 256 * 1024
"""Longest request object, in bytes. One with a chain of certificates has about 10,000."""
REQUEST_MEDIA_TYPE: Final = f"application/{REQUEST_OBJECT_TYPE}"
SKEW: Final = timedelta(seconds=60)
_KEY_PURPOSES: Final = ("authentication", "assertionMethod")
"""The key of a DID may be listed for either: the specification asks only that it is in the document (section
5.9.3)."""


@dataclass(frozen=True, slots=True)
class RequestReference:
    """Where the request object is to be fetched, and how. `client_id` is what the link says."""

    client_id: ClientId
    address: str
    post: bool


@dataclass(frozen=True, slots=True)
class UnverifiedRequest:
    """A signed request object that was read. Nothing in it is believed yet."""

    jws: CompactJws
    claims: JsonObject
    client_id: ClientId

    @property
    def did(self) -> str | None:
        """The DID whose document is needed to believe it."""
        if self.client_id.prefix is ClientIdPrefix.DECENTRALIZED_IDENTIFIER:
            return self.client_id.original
        return None


def read_request_link(
    text: str, *, local: bool
) -> AuthorizationRequest | RequestReference | UnverifiedRequest:
    """What a link asks, or where that is. Raises `WalletMessageError`: `request_malformed`, `request_not_supported`,
    `verifier_not_proven` (an unsigned request under a prefix that needs a signature), `address_not_secure`."""
    if len(text) > MAX_LINK_CHARACTERS:
        raise _malformed("The request is longer than is accepted.")
    try:
        pairs = parse_qsl(urlsplit(text).query, keep_blank_values=True, errors="strict", max_num_fields=64)
    except ValueError as error:
        raise _malformed("The request is no link.") from error
    parameters = dict(pairs)
    if len(parameters) != len(pairs):
        raise _malformed("A parameter of the request is there twice.")
    client_id = _client_id(parameters.get("client_id", ""))
    if "request_uri" in parameters and "request" in parameters:
        raise _malformed("The request is there by value and by reference.")
    if "request_uri" in parameters:
        method = parameters.get("request_uri_method", "get")
        if method not in ("get", "post"):
            raise WalletMessageError(
                "The request is to be fetched in a way that is not known.", code="request_not_supported"
            )
        if not client_id.prefix.is_signed:
            raise _unsignable()
        address = check_address(parameters["request_uri"], local=local, what="address of the request")
        return RequestReference(client_id, address, method == "post")
    if "request" in parameters:
        return read_request_object(parameters["request"].encode("utf-8"), client_id)
    request = _parse(parameters)
    if request.client_id.prefix is not ClientIdPrefix.REDIRECT_URI:
        raise WalletMessageError("The request is not signed.", code="verifier_not_proven")
    check_address(request.response_uri, local=local, what="address for the answer")
    return request


def read_request_object(content: bytes, client_id: ClientId) -> UnverifiedRequest:
    """The request object in `content`; only what stands in it counts from here on. Raises `WalletMessageError`."""
    if not client_id.prefix.is_signed:
        raise _unsignable()
    try:
        jws = parse_compact_jws(
            content.strip(), header_members=BASIC_HEADER | {"x5c"}, max_bytes=MAX_REQUEST_BYTES
        )
        check_type(jws, REQUEST_MEDIA_TYPE)
        claims = parse_payload(jws)
    except JoseError as error:
        raise _malformed("The request is not a signed request object.") from error
    if claims.get("client_id") != client_id.text:
        raise WalletMessageError(
            "The signed request is by somebody else than the link says.", code="request_mismatch"
        )
    return UnverifiedRequest(jws, claims, client_id)


def verify_request_object(
    unverified: UnverifiedRequest,
    *,
    document: ControlledIdentifierDocument | None,
    anchors: TrustAnchors | None,
    wallet_nonce: str | None,
    at: datetime,
    local: bool,
) -> AuthorizationRequest:
    """The request, once its client identifier is proven: by a key in the DID's `document`, or by a certificate that an
    authority in `anchors` stands behind.

    Raises `WalletMessageError`: `verifier_not_proven`, `request_mismatch` (another audience, time or `wallet_nonce`),
    `request_malformed`, `request_not_supported`, `address_not_secure`.
    """
    client_id = unverified.client_id
    if client_id.prefix.has_certificate:
        key = _key_of_certificate(unverified, anchors, at)
    else:
        key = _key_of_did(unverified, document)
    try:
        verify_compact_jws(unverified.jws, key)
    except JoseError as error:
        raise _not_proven("The signature of the request is wrong.") from error
    _check_claims(unverified.claims, wallet_nonce, at)
    request = _parse({name: value for name, value in unverified.claims.items() if name not in ("iss", "aud")})
    check_address(request.response_uri, local=local, what="address for the answer")
    if (
        client_id.prefix is ClientIdPrefix.X509_SAN_DNS
        and host_of(request.response_uri) != client_id.original
    ):
        raise _not_proven("The answer would go to another host than the one that is proven.")
    return request


def _key_of_did(unverified: UnverifiedRequest, document: ControlledIdentifierDocument | None) -> PublicKey:
    name = unverified.jws.key_id
    if document is None or name is None:
        raise _not_proven("The request does not say by which key of its DID it is signed.")
    try:
        if did_of(name) != unverified.client_id.original:
            raise _not_proven("The request is signed by a key of another DID.")
        for purpose in _KEY_PURPOSES:
            try:
                return document.get_verification_method(name, relationship=purpose).public_key
            except DidDocumentError as error:
                if error.code != "relationship_missing":
                    raise
    except (DidError, DidDocumentError) as error:
        raise _not_proven("The key of the request is not in the document of its DID.") from error
    raise _not_proven("The key of the request is not for signing.")


def _key_of_certificate(
    unverified: UnverifiedRequest, anchors: TrustAnchors | None, at: datetime
) -> PublicKey:
    """Section 5.9.3, `x509_san_dns` and `x509_hash`: certificate, its trust chain, and that the identifier is about
    it."""
    client_id = unverified.client_id
    if anchors is None:
        raise _not_proven("No authority for certificates is trusted here; --trust names a file of them.")
    try:
        chain = parse_certificate_chain(unverified.jws.header.get("x5c"))
        certified: CertifiedKey = verify_certificate_chain(chain, anchors, at)
    except (CertificateError, InvalidKeyError) as error:
        raise _not_proven(error.message) from error
    if client_id.prefix is ClientIdPrefix.X509_HASH:
        found = hash_certificate(chain[0].public_bytes(Encoding.DER))
        if not hmac.compare_digest(found.encode("ascii"), client_id.original.encode("utf-8")):
            raise _not_proven("The certificate is not the one that the client identifier names.")
    elif client_id.original not in {name.lower() for name in certified.dns_names}:
        raise _not_proven("The certificate is for another host.")
    return certified.public_key


def _check_claims(claims: JsonObject, wallet_nonce: str | None, at: datetime) -> None:
    """RFC 9101 section 6.3, and sections 5.8 and 5.10.1. `iss` counts for nothing (section 5.2)."""
    try:
        issued, expires = read_numeric_date(claims, "iat"), read_numeric_date(claims, "exp")
        not_before = read_numeric_date(claims, "nbf")
    except JoseError as error:
        raise _malformed("A time in the request is none.") from error
    if expires is not None and expires <= at:
        raise WalletMessageError("The request has expired.", code="request_mismatch")
    if max(issued or at, not_before or at) > at + SKEW:
        raise WalletMessageError("The request is of a later time.", code="request_mismatch")
    if "aud" in claims and claims["aud"] != STATIC_AUDIENCE:
        raise WalletMessageError("The request is meant for another wallet.", code="request_mismatch")
    if wallet_nonce is not None and claims.get("wallet_nonce") != wallet_nonce:
        raise WalletMessageError("The request is not the answer to ours.", code="request_mismatch")


def _parse(parameters: JsonObject | dict[str, str]) -> AuthorizationRequest:
    try:
        return parse_request_parameters(parameters)
    except AuthorizationRequestError as error:
        raise WalletMessageError(error.message, code="request_malformed") from error


def _client_id(text: str) -> ClientId:
    try:
        return parse_client_id(text)
    except AuthorizationRequestError as error:
        raise WalletMessageError(error.message, code="request_not_supported") from error


def _unsignable() -> WalletMessageError:
    return _not_proven("Nobody can sign a request whose client identifier is an address.")


def _malformed(message: str) -> WalletMessageError:
    return WalletMessageError(message, code="request_malformed")


def _not_proven(message: str) -> WalletMessageError:
    return WalletMessageError(message, code="verifier_not_proven")
