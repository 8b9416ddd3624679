"""What wallets ask of the issuer (OID4VCI 1.0 sections 4, 8, 9 and 11), SECURITY V-09, V-13, V-15, V-19."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillcred.encoding.json_types import JsonValue
from skillcred.errors import InputError
from skillcred.exchange.errors import OAuthError
from skillcred.exchange.forms import parse_form
from skillcred.exchange.oid4vci.errors import CredentialRequestError, NotificationError
from skillcred.exchange.oid4vci.offers import (
    PRE_AUTHORIZED_CODE,
    TxCodeHint,
    build_offer,
    encode_offer_by_reference,
    encode_offer_by_value,
)
from skillcred.exchange.oid4vci.requests import (
    CredentialRequest,
    DeferredRequest,
    Notification,
    NotificationEvent,
    parse_credential_request,
    parse_deferred_request,
    parse_notification,
)


def encoded(**members: JsonValue) -> bytes:
    return json.dumps(members).encode()


def test_a_request_for_one_configuration() -> None:
    body = encoded(credential_configuration_id="training", proofs={"jwt": ["a", "b"]}, something="else")
    assert parse_credential_request(body) == CredentialRequest("training", None, ("a", "b"))
    assert parse_credential_request(encoded(credential_identifier="x")) == CredentialRequest(None, "x", ())


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({}, "invalid_credential_request"),
        ({"credential_configuration_id": "a", "credential_identifier": "b"}, "invalid_credential_request"),
        ({"credential_configuration_id": ""}, "invalid_credential_request"),
        ({"credential_configuration_id": ["a"]}, "invalid_credential_request"),
        ({"credential_configuration_id": "a" * 513}, "invalid_credential_request"),
        ({"credential_configuration_id": None, "credential_identifier": "b"}, "invalid_credential_request"),
        ({"credential_configuration_id": "a", "proofs": {}}, "invalid_proof"),
        ({"credential_configuration_id": "a", "proofs": {"jwt": []}}, "invalid_proof"),
        ({"credential_configuration_id": "a", "proofs": {"jwt": "token"}}, "invalid_proof"),
        ({"credential_configuration_id": "a", "proofs": {"jwt": [1]}}, "invalid_proof"),
        ({"credential_configuration_id": "a", "proofs": {"jwt": ["t"], "di_vp": []}}, "invalid_proof"),
        ({"credential_configuration_id": "a", "proofs": {"attestation": ["t", "u"]}}, "invalid_proof"),
        ({"credential_configuration_id": "a", "proofs": {"cwt": ["t"]}}, "invalid_proof"),
        ({"credential_configuration_id": "a", "proofs": None}, "invalid_proof"),
        (
            {"credential_configuration_id": "a", "credential_response_encryption": {"enc": "A128GCM"}},
            "invalid_encryption_parameters",
        ),
    ],
)
def test_v09_v15_what_is_refused(members: dict[str, JsonValue], code: str) -> None:
    with pytest.raises(CredentialRequestError) as refused:
        parse_credential_request(encoded(**members))
    assert refused.value.code == code


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"transaction_id":"a","transaction_id":"b"}', b"\xff"])
def test_what_is_no_strict_json_object_is_refused_everywhere(body: bytes) -> None:
    for parse in (parse_credential_request, parse_deferred_request):
        with pytest.raises(CredentialRequestError) as refused:
            parse(body)
        assert refused.value.code == "invalid_credential_request"
    with pytest.raises(NotificationError):
        parse_notification(body)


def test_deferred_requests() -> None:
    assert parse_deferred_request(encoded(transaction_id="t", other=1)) == DeferredRequest("t")
    for members in ({}, {"transaction_id": 1}, {"transaction_id": ""}):
        with pytest.raises(CredentialRequestError):
            parse_deferred_request(encoded(**members))
    with pytest.raises(CredentialRequestError) as refused:
        parse_deferred_request(encoded(transaction_id="t", credential_response_encryption={}))
    assert refused.value.code == "invalid_encryption_parameters"


@pytest.mark.parametrize("event", list(NotificationEvent))
def test_notifications(event: NotificationEvent) -> None:
    body = encoded(notification_id="n", event=event.value, event_description="any")
    assert parse_notification(body) == Notification("n", event)


@pytest.mark.parametrize(
    "members",
    [
        {"event": "credential_accepted"},
        {"notification_id": "", "event": "credential_accepted"},
        {"notification_id": 1, "event": "credential_accepted"},
        {"notification_id": "n"},
        {"notification_id": "n", "event": "Credential_Accepted"},
        {"notification_id": "n", "event": ["credential_accepted"]},
    ],
)
def test_v19_other_notifications_are_refused(members: dict[str, JsonValue]) -> None:
    with pytest.raises(NotificationError) as refused:
        parse_notification(encoded(**members))
    assert refused.value.code == "invalid_notification_request"


def test_v13_an_offer_holds_its_code_and_nothing_about_a_person() -> None:
    offer = build_offer("https://issuer.example", ["a", "b"], code="code", tx_code=TxCodeHint(6, "By post"))
    assert offer == {
        "credential_issuer": "https://issuer.example",
        "credential_configuration_ids": ["a", "b"],
        "grants": {
            PRE_AUTHORIZED_CODE: {
                "pre-authorized_code": "code",
                "tx_code": {"input_mode": "numeric", "length": 6, "description": "By post"},
            }
        },
    }
    by_value = urlsplit(encode_offer_by_value(offer))
    assert by_value.scheme == "openid-credential-offer"
    assert json.loads(parse_qs(by_value.query)["credential_offer"][0]) == offer
    url = "https://issuer.example/offers/1?a=b&c=d"
    by_reference = urlsplit(encode_offer_by_reference(url))
    assert parse_qs(by_reference.query) == {"credential_offer_uri": [url]}


def test_an_offer_that_offers_nothing_or_says_too_much() -> None:
    for ids in ([], ["a", "a"]):
        with pytest.raises(InputError):
            build_offer("https://issuer.example", ids, code="code")
    with pytest.raises(InputError):
        build_offer("https://issuer.example", ["a"], code="code", tx_code=TxCodeHint(6, "x" * 301))


def test_forms() -> None:
    assert parse_form(b"") == {}
    assert parse_form(b"grant_type=a%20b+c&tx_code=&resource=%C3%A9") == {
        "grant_type": "a b c",
        "resource": "é",
    }


@pytest.mark.parametrize(
    "body",
    [
        b"a=1&a=2",
        b"a=1&a=",
        b"a",
        b"a=1&&b=2",
        b"a=%FF",
        "a=é".encode(),
        b"&".join([b"a=1"] * 65),
        b"a=" + b"b" * 65_536,
    ],
    ids=range(8),
)
def test_a_form_is_read_strictly(body: bytes) -> None:
    with pytest.raises(OAuthError) as refused:
        parse_form(body)
    assert refused.value.code == "invalid_request"


@given(st.dictionaries(st.text(min_size=1), st.text(min_size=1), max_size=5))
def test_forms_round_trip(parameters: dict[str, str]) -> None:
    assert parse_form(urlencode(parameters).encode()) == parameters
