"""What a wallet sends to the response URI, and how a wallet makes it (OID4VP 1.0 sections 8.1 to 8.5)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from urllib.parse import parse_qsl, urlencode

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.encoding.strict_json import StrictJsonError, StrictJsonLimitError, parse_json_object
from skillcred.exchange.encryption import DecryptionKey, EncryptionError, encrypt_to
from skillcred.exchange.oid4vp.client_metadata import choose_content_encryption, find_encryption_key
from skillcred.exchange.oid4vp.dcql import DcqlQuery
from skillcred.exchange.oid4vp.errors import AuthorizationRequestError, AuthorizationResponseError
from skillcred.exchange.oid4vp.requests import AuthorizationRequest

MAX_RESPONSE_BYTES: Final = 1024 * 1024
"""Longest response, in bytes: a handful of credentials with pictures of badges in them."""
MAX_RESPONSE_FIELDS: Final = 16
"""Most parameters of a response; two or three are defined."""
MAX_PRESENTATIONS: Final = 16
"""Most presentations in one response."""
MAX_STATE_CHARACTERS: Final = 128
"""Longest `state` that is looked up; ours have 43 characters."""
MAX_ERROR_DESCRIPTION: Final = 300
"""Longest `error_description` that is kept, in characters."""
ERRORS: Final = frozenset(
    {"access_denied", "invalid_request", "invalid_client", "invalid_scope", "server_error"}
    | {"unsupported_response_type", "unauthorized_client", "temporarily_unavailable"}
    | {"vp_formats_not_supported", "invalid_request_uri_method", "invalid_transaction_data"}
    | {"wallet_unavailable"}
)
"""The error codes of wallets that have a meaning (section 8.5; RFC 6749 section 4.1.2.1)."""


@dataclass(frozen=True, slots=True)
class PostedResponse:
    """What was posted, before it is known to which request it belongs: parameters in the clear, or one JWE."""

    parameters: Mapping[str, str]

    @property
    def jwe(self) -> str | None:
        """The encrypted response."""
        return self.parameters.get("response")

    @property
    def state(self) -> str | None:
        """`state` where it stands in the clear."""
        return self.parameters.get("state")


@dataclass(frozen=True, slots=True)
class VpToken:
    """The presentations by the credential query that they answer, unverified: texts, or objects in JSON."""

    presentations: Mapping[str, tuple[str | JsonObject, ...]]


@dataclass(frozen=True, slots=True)
class WalletError:
    """The wallet does not present anything, and says why. `code` is one of `ERRORS`, or `unknown_error`."""

    code: str
    description: str | None


def parse_posted_response(body: bytes) -> PostedResponse:
    """The form in `body`. Raises `AuthorizationResponseError` (`response_malformed`)."""
    if len(body) > MAX_RESPONSE_BYTES:
        raise _malformed("The response is longer than is accepted.")
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=MAX_RESPONSE_FIELDS,
        )
    except ValueError as error:
        raise _malformed("The body of the response is no form.") from error
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise _malformed("A parameter of the response is there twice.")
    parameters = MappingProxyType({name: value for name, value in pairs if value})
    if "response" in parameters and ("vp_token" in parameters or "error" in parameters):
        raise _malformed("The response is there encrypted and in the clear.")
    if not parameters.keys() & {"response", "vp_token", "error"}:
        raise _malformed("The response holds neither presentations nor an error.")
    return PostedResponse(parameters)


def open_response(
    posted: PostedResponse, *, encrypted: bool, key: DecryptionKey | None, state: str
) -> VpToken | WalletError:
    """The answer to the request whose state is `state`. An `encrypted` answer is taken in no other form; only an error
    may come in the clear (section 8.3.1).

    Raises `AuthorizationResponseError`: `response_not_encrypted`, `response_not_decryptable`,
    `response_malformed`, `state_mismatch`.
    """
    if "error" in posted.parameters:
        _check_state(posted.parameters.get("state"), state)
        return _wallet_error(posted.parameters)
    if not encrypted:
        if posted.jwe is not None:
            raise _malformed("An encrypted response was not asked for.")
        _check_state(posted.state, state)
        return _vp_token(_parse(posted.parameters["vp_token"].encode("utf-8")))
    if posted.jwe is None or key is None:
        raise AuthorizationResponseError("The response must be encrypted.", reason="response_not_encrypted")
    try:
        content = _parse(key.decrypt(posted.jwe))
    except EncryptionError as error:
        raise AuthorizationResponseError(
            "The response was not encrypted to the key of this request.", reason="response_not_decryptable"
        ) from error
    stated = content.get("state")
    _check_state(stated if isinstance(stated, str) else None, state)
    if "error" in content:
        return _wallet_error({name: value for name, value in content.items() if isinstance(value, str)})
    token = content.get("vp_token")
    if not isinstance(token, dict):
        raise _malformed("The response holds no vp_token.")
    return _vp_token(token)


def check_answers_query(token: VpToken, query: DcqlQuery) -> None:
    """That `token` has the shape that `query` asks for (section 8.1): nothing that was not asked for, and one
    presentation only where not several were wanted. Raises `AuthorizationResponseError` (`response_not_as_asked`)."""
    total = 0
    for name, presentations in token.presentations.items():
        found = query.find(name)
        if found is None:
            raise AuthorizationResponseError(
                "The response answers something that was not asked.", reason="response_not_as_asked"
            )
        if len(presentations) > 1 and not found.multiple:
            raise AuthorizationResponseError(
                "The response has several presentations where one was asked for.",
                reason="response_not_as_asked",
            )
        total += len(presentations)
    if total > MAX_PRESENTATIONS:
        raise _malformed("The response has more presentations than are accepted.")


def build_direct_post(
    request: AuthorizationRequest,
    vp_token: Mapping[str, Sequence[str | JsonObject]],
    *,
    apu: str | None = None,
) -> bytes:
    """The form that answers `request`, encrypted where it says so (`apu`: base64url of a fresh value of the wallet's).

    Raises `AuthorizationRequestError` where it has no key that can be encrypted to here.
    """
    token: JsonObject = {name: list(presentations) for name, presentations in vp_token.items()}
    if not request.response_mode.is_encrypted:
        parameters = {"vp_token": _encode(token)}
        if request.state is not None:
            parameters["state"] = request.state
        return urlencode(parameters).encode("ascii")
    key = find_encryption_key(request.client_metadata)
    encryption = choose_content_encryption(request.client_metadata)
    if key is None or encryption is None:
        raise AuthorizationRequestError("The request has no key that the answer can be encrypted to.")
    content: JsonObject = {"vp_token": token}
    if request.state is not None:
        content["state"] = request.state
    try:
        jwe = encrypt_to(key, _encode(content).encode("utf-8"), encryption, apu=apu)
    except EncryptionError as error:
        raise AuthorizationRequestError("The key of the request is not one to encrypt to.") from error
    return urlencode({"response": jwe}).encode("ascii")


def build_error_post(request: AuthorizationRequest, code: str, description: str | None = None) -> bytes:
    """The form by which a wallet tells that it does not present anything (section 8.5)."""
    parameters = {"error": code}
    if description is not None:
        parameters["error_description"] = description
    if request.state is not None:
        parameters["state"] = request.state
    return urlencode(parameters).encode("ascii")


def _vp_token(token: JsonObject) -> VpToken:
    presentations: dict[str, tuple[str | JsonObject, ...]] = {}
    for name, values in token.items():
        found = tuple(value for value in _list(values) if isinstance(value, str | dict))
        if not found or len(found) != len(_list(values)):
            raise _malformed("The vp_token is no object of lists of presentations.")
        presentations[name] = found
    if not presentations:
        raise _malformed("The vp_token is empty.")
    return VpToken(MappingProxyType(presentations))


def _wallet_error(parameters: Mapping[str, str]) -> WalletError:
    """The code is one of a list, the description never more than text; whatever else stands there is left out."""
    code = parameters["error"] if parameters["error"] in ERRORS else "unknown_error"
    description = parameters.get("error_description")
    return WalletError(code, None if description is None else description[:MAX_ERROR_DESCRIPTION])


def _check_state(stated: str | None, expected: str) -> None:
    if stated != expected:
        raise AuthorizationResponseError("The state is missing or another one.", reason="state_mismatch")


def _encode(value: JsonObject) -> str:
    """As it stands: numbers keep their spelling."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _list(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []


def _parse(data: bytes) -> JsonObject:
    try:
        return parse_json_object(data, max_bytes=MAX_RESPONSE_BYTES)
    except (StrictJsonError, StrictJsonLimitError) as error:
        raise _malformed("The response is no JSON object where it must be one.") from error


def _malformed(message: str) -> AuthorizationResponseError:
    return AuthorizationResponseError(message, reason="response_malformed")
