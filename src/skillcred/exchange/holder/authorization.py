"""How a wallet gets its access token: metadata of the authorization server (RFC 8414), pushed authorization requests
(RFC 9126), PKCE (RFC 7636), the issuer in the response (RFC 9207), and token requests (OID4VCI 1.0 sections 5 and
6)."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.encoding.strict_json import StrictJsonError, StrictJsonLimitError, parse_json_object
from skillcred.exchange.holder.addresses import check_address
from skillcred.exchange.holder.errors import WalletMessageError, WalletRefusedError
from skillcred.exchange.holder.offers import AUTHORIZATION_CODE
from skillcred.exchange.oid4vci.offers import PRE_AUTHORIZED_CODE
from skillcred.exchange.pkce import S256, build_challenge

MAX_ANSWER_BYTES: Final = 64 * 1024
MAX_TOKEN_CHARACTERS: Final = 16 * 1024
_DEFAULT_GRANTS: Final = (AUTHORIZATION_CODE, "implicit")
"""What a server offers that does not say (RFC 8414 section 2)."""


@dataclass(frozen=True, slots=True)
class AuthorizationServer:
    """Metadata of the server `issuer`, which says of itself that it is that."""

    issuer: str
    token_endpoint: str
    authorization_endpoint: str | None
    par_endpoint: str | None
    grants: tuple[str, ...]
    dpop_algorithms: tuple[str, ...]
    names_itself: bool
    """Whether its responses have `iss` (RFC 9207)."""
    anonymous_pre_authorised: bool
    requires_par: bool = False
    client_authentication: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AuthorizationAttempt:
    """What has to be remembered of one authorization request until its response comes."""

    redirect_uri: str
    client_id: str
    state: str
    code_verifier: str
    scope: str
    issuer_state: str | None
    resource: str

    def parameters(self) -> dict[str, str]:
        """The parameters of the authorization request."""
        found = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "state": self.state,
            "scope": self.scope,
            "resource": self.resource,
            "code_challenge": build_challenge(self.code_verifier),
            "code_challenge_method": S256,
        }
        if self.issuer_state is not None:
            found["issuer_state"] = self.issuer_state
        return found


@dataclass(frozen=True, slots=True)
class AccessToken:
    """`bound`: it is only good with proofs of the DPoP key. `identifiers`: by configuration id, the credential
    identifiers that have to be asked for then (OID4VCI 1.0 section 6.2)."""

    value: str
    bound: bool
    lifetime: timedelta | None
    identifiers: Mapping[str, tuple[str, ...]]


def parse_authorization_server(content: bytes, issuer: str, *, local: bool) -> AuthorizationServer:
    """The metadata that were fetched for the server `issuer`.

    Raises `WalletMessageError`: `authorization_server_invalid`, `authorization_server_mismatch`, `address_not_secure`.
    """
    metadata = _parse(content, "authorization_server_invalid")
    if metadata.get("issuer") != issuer:
        raise WalletMessageError(
            "The metadata are of another authorization server.", code="authorization_server_mismatch"
        )

    def endpoint(name: str) -> str | None:
        value = metadata.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise _invalid("An endpoint of the authorization server is not text.")
        return check_address(value, local=local, what=name)

    token_endpoint = endpoint("token_endpoint")
    if token_endpoint is None:
        raise _invalid("The authorization server has no token endpoint.")
    return AuthorizationServer(
        issuer=issuer,
        token_endpoint=token_endpoint,
        authorization_endpoint=endpoint("authorization_endpoint"),
        par_endpoint=endpoint("pushed_authorization_request_endpoint"),
        grants=_texts(metadata, "grant_types_supported") or _DEFAULT_GRANTS,
        dpop_algorithms=_texts(metadata, "dpop_signing_alg_values_supported"),
        names_itself=metadata.get("authorization_response_iss_parameter_supported") is True,
        anonymous_pre_authorised=metadata.get("pre-authorized_grant_anonymous_access_supported") is True,
        requires_par=metadata.get("require_pushed_authorization_requests") is True,
        client_authentication=_texts(metadata, "token_endpoint_auth_methods_supported"),
    )


def build_authorization_url(server: AuthorizationServer, parameters: Mapping[str, str]) -> str:
    """Where the holder's browser goes. Raises `WalletMessageError` (`grant_not_offered`) where there is no such
    place."""
    if server.authorization_endpoint is None:
        raise WalletMessageError("The issuer has no page for authorization.", code="grant_not_offered")
    joint = "&" if "?" in server.authorization_endpoint else "?"
    return f"{server.authorization_endpoint}{joint}{urlencode(parameters)}"


def parse_pushed_response(status: int, content: bytes, client_id: str) -> dict[str, str]:
    """The parameters that are left for the browser (RFC 9126 section 2.2). Raises `WalletRefusedError`,
    `WalletMessageError`."""
    if status != 201:
        raise read_refusal(content, "authorization_refused")
    request_uri = _parse(content).get("request_uri")
    if not isinstance(request_uri, str) or not 0 < len(request_uri) <= MAX_TOKEN_CHARACTERS:
        raise WalletMessageError("The pushed request was answered without its name.")
    return {"client_id": client_id, "request_uri": request_uri}


def read_authorization_response(
    response_url: str, server: AuthorizationServer, attempt: AuthorizationAttempt
) -> str:
    """The code in the address that the browser came back to.

    It must be the redirect address of this attempt, with its `state`, and name the server that was asked, if that
    server ever names itself or the response does (RFC 9207 section 2.4: the defence against mix-up). Raises
    `WalletRefusedError`, and `WalletMessageError` (`authorization_response_invalid`, `authorization_server_mismatch`).
    """
    parts = urlsplit(response_url)
    if f"{parts.scheme}://{parts.netloc}{parts.path}" != attempt.redirect_uri or parts.fragment:
        raise _response_invalid("The response came to another address.")
    try:
        pairs = parse_qsl(parts.query, keep_blank_values=True, errors="strict", max_num_fields=32)
    except ValueError as error:
        raise _response_invalid("The response cannot be read.") from error
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _response_invalid("A parameter of the response is there twice.")
    if not hmac.compare_digest(found.get("state", "").encode(), attempt.state.encode()):
        raise _response_invalid("The response is to another request.")
    if (server.names_itself or "iss" in found) and found.get("iss") != server.issuer:
        raise WalletMessageError(
            "The response is by another authorization server than was asked.",
            code="authorization_server_mismatch",
        )
    if "error" in found:
        raise WalletRefusedError(
            "The authorization was refused.", error=_plain(found["error"]), code="authorization_refused"
        )
    code = found.get("code", "")
    if not 0 < len(code) <= MAX_TOKEN_CHARACTERS:
        raise _response_invalid("The response has no code.")
    return code


def build_code_token_request(attempt: AuthorizationAttempt, code: str) -> dict[str, str]:
    """The form for a token by an authorization code."""
    return {
        "grant_type": AUTHORIZATION_CODE,
        "code": code,
        "redirect_uri": attempt.redirect_uri,
        "client_id": attempt.client_id,
        "code_verifier": attempt.code_verifier,
        "resource": attempt.resource,
    }


def build_pre_authorised_token_request(
    code: str, tx_code: str | None, client_id: str | None
) -> dict[str, str]:
    """The form for a token by a pre-authorised code; anonymous without `client_id`."""
    form = {"grant_type": PRE_AUTHORIZED_CODE, "pre-authorized_code": code}
    if tx_code is not None:
        form["tx_code"] = tx_code
    if client_id is not None:
        form["client_id"] = client_id
    return form


def parse_token_response(status: int, content: bytes, *, dpop: bool) -> AccessToken:
    """The access token in the answer (RFC 6749 section 5). With `dpop` a proof was sent: then a bearer token is what a
    thief could use, and is refused (RFC 9449 section 5). Raises `WalletRefusedError`, `WalletMessageError`."""
    if status != 200:
        raise read_refusal(content, "issuer_refused")
    response = _parse(content)
    value, kind = response.get("access_token"), response.get("token_type")
    if not isinstance(value, str) or not 0 < len(value) <= MAX_TOKEN_CHARACTERS or not value.isascii():
        raise WalletMessageError("The answer holds no access token.")
    if not isinstance(kind, str) or kind.lower() not in ("bearer", "dpop"):
        raise WalletMessageError("The access token is of a kind that is not known.")
    if (kind.lower() == "dpop") != dpop:
        raise WalletMessageError("The access token is not bound to the key as it should be.")
    seconds = response.get("expires_in")
    lifetime = (
        timedelta(seconds=seconds)
        if isinstance(seconds, int) and not isinstance(seconds, bool) and 0 < seconds < 10**9
        else None
    )
    return AccessToken(value, dpop, lifetime, _identifiers(response.get("authorization_details")))


def read_refusal(content: bytes, code: str) -> WalletRefusedError:
    """The error response (RFC 6749 section 5.2) in `content`; one that cannot be read has the error `unknown`. Its
    description is not repeated: it is text by somebody else."""
    try:
        error = parse_json_object(content, max_bytes=MAX_ANSWER_BYTES).get("error")
    except (StrictJsonError, StrictJsonLimitError):
        error = None
    name = _plain(error) if isinstance(error, str) else "unknown"
    return WalletRefusedError(f"The other side refused ({name}).", error=name, code=code)


def _identifiers(value: JsonValue) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for detail in value if isinstance(value, list) else []:
        if not isinstance(detail, dict) or detail.get("type") != "openid_credential":
            continue
        name, identifiers = detail.get("credential_configuration_id"), detail.get("credential_identifiers")
        if isinstance(name, str) and isinstance(identifiers, list):
            found[name] = tuple(item for item in identifiers if isinstance(item, str) and item)
    return found


def _plain(error: str) -> str:
    """An error code as the specification allows it (RFC 6749 section 5.2), cut to what is shown."""
    kept = "".join(c for c in error if " " <= c <= "~" and c not in '"\\')
    return kept[:64] or "unknown"


def _parse(content: bytes, code: str = "response_malformed") -> JsonObject:
    try:
        return parse_json_object(content, max_bytes=MAX_ANSWER_BYTES)
    except (StrictJsonError, StrictJsonLimitError) as error:
        raise WalletMessageError("The answer is no JSON object.", code=code) from error


def _texts(metadata: JsonObject, name: str) -> tuple[str, ...]:
    value = metadata.get(name)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise _invalid("A list in the metadata of the authorization server is none.")
    return tuple(item for item in value if isinstance(item, str))


def _invalid(message: str) -> WalletMessageError:
    return WalletMessageError(message, code="authorization_server_invalid")


def _response_invalid(message: str) -> WalletMessageError:
    return WalletMessageError(message, code="authorization_response_invalid")
