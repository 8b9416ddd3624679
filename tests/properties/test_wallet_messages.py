"""Whatever an issuer or verifier sends, a wallet says in its own words that it is none, and never falls over it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skillcred.exchange.holder.authorization import parse_authorization_server, parse_token_response
from skillcred.exchange.holder.credential_messages import parse_credential_response
from skillcred.exchange.holder.errors import WalletMessageError, WalletRefusedError
from skillcred.exchange.holder.held_credentials import read_held
from skillcred.exchange.holder.issuer_metadata import parse_issuer_metadata
from skillcred.exchange.holder.offers import parse_offer, read_offer_link
from skillcred.exchange.holder.presentation_request import read_request_link, read_request_object
from skillcred.exchange.oid4vp.client_ids import parse_client_id
from worlds.literal_parties import IDENTIFIER, LiteralIssuer, LiteralVerifier

Read = Callable[[bytes], object]
ISSUER = LiteralIssuer(batch_size=2, encrypts=True, dpop=True, tx_code="1", grants=("authorization_code",))
VERIFIER = LiteralVerifier()
SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=8) | st.floats(0, 2)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


def read_response(content: bytes) -> object:
    return parse_credential_response(200, "application/json", content, expected=2, encryption=None)


def read_deferral(content: bytes) -> object:
    return parse_credential_response(202, "application/json", content, expected=2, encryption=None)


READERS: dict[str, tuple[Read, dict[str, Any]]] = {
    "offer": (lambda content: parse_offer(content, local=False), ISSUER.offer()),
    "metadata": (lambda content: parse_issuer_metadata(content, IDENTIFIER, local=False), ISSUER.metadata()),
    "server": (
        lambda content: parse_authorization_server(content, IDENTIFIER, local=False),
        ISSUER.server_metadata(),
    ),
    "token": (
        lambda content: parse_token_response(200, content, dpop=True),
        {
            "access_token": "a",
            "token_type": "DPoP",
            "expires_in": 5,
            "authorization_details": [
                {
                    "type": "openid_credential",
                    "credential_configuration_id": "a",
                    "credential_identifiers": ["b"],
                }
            ],
        },
    ),
    "refusal": (lambda content: parse_token_response(400, content, dpop=True), {"error": "invalid_grant"}),
    "credential": (read_response, {"credentials": [{"credential": "a"}], "notification_id": "n"}),
    "deferral": (read_deferral, {"transaction_id": "t", "interval": 5}),
    "request": (
        lambda content: read_request_link(
            "openid4vp://?"
            + "&".join(
                f"{quote(name)}={quote(value if isinstance(value, str) else json.dumps(value))}"
                for name, value in json.loads(content).items()
            ),
            local=False,
        ),
        LiteralVerifier("redirect_uri:https://verifier.example/answers/1").parameters(),
    ),
}


def places(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """All places in a JSON value, the root left out."""
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    found = [(*here, name) for name, _ in entries]
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in inner:
        found += places(item, (*here, name))
    return found


def put(value: Any, place: tuple[Any, ...], new: Any) -> Any:
    """A copy of `value` with `new` at `place`."""
    copied = json.loads(json.dumps(value))
    node = copied
    for name in place[:-1]:
        node = node[name]
    node[place[-1]] = new
    return copied


@pytest.mark.parametrize("kind", READERS)
@settings(max_examples=60)
@given(data=st.data())
def test_any_value_at_any_place_is_read_or_refused(kind: str, data: st.DataObject) -> None:
    read, document = READERS[kind]
    place = data.draw(st.sampled_from(places(document)))
    changed = put(document, place, data.draw(VALUES))
    try:
        read(json.dumps(changed).encode())
    except (WalletMessageError, WalletRefusedError) as error:
        assert error.code  # noqa: PT017 - both outcomes are right, another exception is not


@pytest.mark.parametrize("kind", READERS)
def test_what_is_not_changed_is_read(kind: str) -> None:
    read, document = READERS[kind]
    if kind == "refusal":
        with pytest.raises(WalletRefusedError):
            read(json.dumps(document).encode())
    else:
        assert read(json.dumps(document).encode())


@settings(max_examples=60)
@given(text=st.text(max_size=200), content=st.binary(max_size=200))
def test_anything_at_all(text: str, content: bytes) -> None:
    client_id = parse_client_id("x509_hash:abc")
    for attempt in (
        lambda: read_offer_link(text, local=True),
        lambda: read_offer_link(f"openid-credential-offer://?credential_offer_uri={text}", local=True),
        lambda: read_request_link(text, local=True),
        lambda: read_request_link(f"openid4vp://?client_id=x509_hash%3Aa&request_uri={text}", local=True),
        lambda: read_request_object(content, client_id),
        *(lambda kind=kind: read_held(kind, content) for kind in ("dc+sd-jwt", "ldp_vc", "jwt_vc_json")),
        *(lambda read=read: read(content) for name, (read, _) in READERS.items() if name != "request"),
    ):
        try:
            attempt()
        except (WalletMessageError, WalletRefusedError) as error:
            assert error.code  # noqa: PT017
