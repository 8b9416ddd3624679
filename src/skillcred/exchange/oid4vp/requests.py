"""Authorization requests: what the verifier asks, and how the wallet is told (OID4VP 1.0 section 5; RFC 9101)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from urllib.parse import urlencode

from skillcred.encoding.jcs import encode_jcs
from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.encoding.strict_json import StrictJsonError, StrictJsonLimitError, parse_json
from skillcred.exchange.oid4vp.client_ids import ClientId, ClientIdPrefix, parse_client_id
from skillcred.exchange.oid4vp.dcql import DcqlQuery, parse_dcql_query
from skillcred.exchange.oid4vp.errors import AuthorizationRequestError, DcqlError
from skillcred.keys.public_key import Algorithm
from skillcred.securing.jose.claims import numeric_date
from skillcred.securing.jose.envelope import build_header, build_signing_input

REQUEST_OBJECT_TYPE: Final = "oauth-authz-req+jwt"
"""`typ` of a request object, and with `application/` its media type (RFC 9101 section 10.8)."""
WALLET_SCHEME: Final = "openid4vp://"
"""What opens a wallet whose own address is not known (section 13.1.1)."""
STATIC_AUDIENCE: Final = "https://self-issued.me/v2"
"""`aud` of a request object for a wallet whose metadata nobody has asked for (section 5.8)."""
RESPONSE_TYPE: Final = "vp_token"
MAX_WALLET_NONCE: Final = 512
"""Longest `wallet_nonce` that is repeated, in characters."""
_URL_SAFE: Final = re.compile(r"[A-Za-z0-9._~-]{1,512}", re.ASCII)


class ResponseMode(StrEnum):
    """How the wallet answers: in a form, in the clear below TLS or encrypted to a key of this request alone."""

    DIRECT_POST = "direct_post"
    DIRECT_POST_JWT = "direct_post.jwt"

    @property
    def is_encrypted(self) -> bool:
        """Whether nothing else than a JWE is accepted as an answer."""
        return self is ResponseMode.DIRECT_POST_JWT


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """One request. `client_metadata` is JSON as it stands there. `wallet_nonce` is what the wallet wants to hear again.
    `transaction_data`: base64url texts as they came, never in requests of ours."""

    client_id: ClientId
    response_uri: str
    response_mode: ResponseMode
    nonce: str
    query: DcqlQuery
    client_metadata: JsonObject
    state: str | None = None
    wallet_nonce: str | None = None
    transaction_data: tuple[str, ...] = ()

    def build_parameters(self) -> JsonObject:
        """The parameters as JSON values."""
        parameters: JsonObject = {
            "client_id": self.client_id.text,
            "response_type": RESPONSE_TYPE,
            "response_mode": self.response_mode.value,
            "response_uri": self.response_uri,
            "nonce": self.nonce,
            "dcql_query": self.query.build(),
            "client_metadata": self.client_metadata,
        }
        if self.state is not None:
            parameters["state"] = self.state
        if self.wallet_nonce is not None:
            parameters["wallet_nonce"] = self.wallet_nonce
        if self.transaction_data:
            parameters["transaction_data"] = list(self.transaction_data)
        return parameters


def build_request_object(
    request: AuthorizationRequest,
    *,
    algorithm: Algorithm,
    at: datetime,
    expires_at: datetime,
    key_id: str | None = None,
    certificates: Sequence[str] = (),
) -> bytes:
    """The signing input of the request object, for a key of `algorithm`.

    `key_id` is the DID URL of the key under `decentralized_identifier`; `certificates` are the chain under the prefixes
    of X.509, as base64 of DER, the leaf first and without the root. There is no `iss`: wallets have to ignore it, and
    some do not.
    """
    header: JsonObject = build_header(algorithm, typ=REQUEST_OBJECT_TYPE, kid=key_id)
    if certificates:
        header["x5c"] = list(certificates)
    claims: JsonObject = {
        "aud": STATIC_AUDIENCE,
        "iat": numeric_date(at),
        "exp": numeric_date(expires_at),
        **request.build_parameters(),
    }
    return build_signing_input(header, encode_jcs(claims))


def encode_request_by_reference(client_id: ClientId, request_uri: str, *, post: bool = False) -> str:
    """The link that says where the request object is; with `post` the wallet may say something about itself first
    (section 5.10)."""
    parameters = {"client_id": client_id.text, "request_uri": request_uri}
    if post:
        parameters["request_uri_method"] = "post"
    return f"{WALLET_SCHEME}?{urlencode(parameters)}"


def encode_request_by_value(request: AuthorizationRequest) -> str:
    """The link that holds the whole request, unsigned: for `redirect_uri:` only."""
    texts = {
        name: value if isinstance(value, str) else encode_jcs(value).decode("utf-8")
        for name, value in request.build_parameters().items()
    }
    return f"{WALLET_SCHEME}?{urlencode(texts)}"


def parse_request_parameters(parameters: Mapping[str, JsonValue]) -> AuthorizationRequest:
    """The request in the claims of a verified request object, or in the parameters of an unsigned one, where JSON is
    text. Who sent it is not known from this: that, and whether `client_id` is the one of the link, the caller checks.

    Raises `AuthorizationRequestError` (section 8.5).
    """
    client_id = parse_client_id(_text(parameters, "client_id"))
    if _text(parameters, "response_type") != RESPONSE_TYPE:
        raise AuthorizationRequestError("The response type is not vp_token.")
    if "redirect_uri" in parameters or "scope" in parameters or "presentation_definition" in parameters:
        raise AuthorizationRequestError("The request has a parameter that must not stand beside its others.")
    mode = _text(parameters, "response_mode")
    if mode not in tuple(ResponseMode):
        raise AuthorizationRequestError("The response mode is not supported.")
    nonce = _text(parameters, "nonce")
    state = _text(parameters, "state") if "state" in parameters else None
    if not _URL_SAFE.fullmatch(nonce) or (state is not None and not _URL_SAFE.fullmatch(state)):
        raise AuthorizationRequestError("The nonce or state has characters that may not stand there.")
    original = client_id.original if client_id.prefix is ClientIdPrefix.REDIRECT_URI else None
    response_uri = _text(parameters, "response_uri") if "response_uri" in parameters else original
    if response_uri is None or original not in {None, response_uri}:
        raise AuthorizationRequestError("The request does not say where to answer, or says two things.")
    metadata = _json(parameters, "client_metadata") if "client_metadata" in parameters else {}
    if not isinstance(metadata, dict):
        raise AuthorizationRequestError("client_metadata is no object.")
    try:
        query = parse_dcql_query(_json(parameters, "dcql_query"))
    except DcqlError as error:
        raise AuthorizationRequestError("The dcql_query is not well-formed.") from error
    return AuthorizationRequest(
        client_id,
        response_uri,
        ResponseMode(mode),
        nonce,
        query,
        metadata,
        state,
        _text(parameters, "wallet_nonce") if "wallet_nonce" in parameters else None,
        _transaction_data(parameters),
    )


def is_wallet_nonce(value: str) -> bool:
    """Whether `value` is a nonce that we repeat: printable ASCII of an acceptable length."""
    return 0 < len(value) <= MAX_WALLET_NONCE and value.isascii() and value.isprintable()


def _transaction_data(parameters: Mapping[str, JsonValue]) -> tuple[str, ...]:
    if "transaction_data" not in parameters:
        return ()
    value = _json(parameters, "transaction_data")
    texts = tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()
    if not texts or not isinstance(value, list) or len(texts) != len(value):
        raise AuthorizationRequestError(
            "transaction_data is no list of texts.", code="invalid_transaction_data"
        )
    return texts


def _text(parameters: Mapping[str, JsonValue], name: str) -> str:
    value = parameters.get(name)
    if not isinstance(value, str) or not value:
        raise AuthorizationRequestError("A parameter of the request is missing or no text.")
    return value


def _json(parameters: Mapping[str, JsonValue], name: str) -> JsonValue:
    """A JSON value, which stands in an unsigned request as text."""
    if name not in parameters:
        raise AuthorizationRequestError("A parameter of the request is missing.")
    value = parameters[name]
    if not isinstance(value, str):
        return value
    try:
        return parse_json(value.encode("utf-8"))
    except (StrictJsonError, StrictJsonLimitError, UnicodeEncodeError) as error:
        raise AuthorizationRequestError("A parameter of the request is no JSON.") from error
