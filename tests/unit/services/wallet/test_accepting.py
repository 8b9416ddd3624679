"""A wallet gets credentials from an issuer that keeps to the specification, and nothing from one that cheats."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from skillcred.exchange.holder.errors import WalletMessageError, WalletRefusedError
from skillcred.exchange.holder.held_credentials import read_held
from skillcred.exchange.oid4vci.offers import PRE_AUTHORIZED_CODE
from skillcred.identifiers import build_did_jwk
from skillcred.services.accept_offer import AcceptOptions
from skillcred.services.request_credentials import Received
from skillcred.services.wallet_records import PendingIssuance
from worlds.in_memory import FixedClock
from worlds.literal_parties import (
    IDENTIFIER,
    ORIGIN,
    TX_CODE,
    Document,
    LiteralIssuer,
    ScriptedPerson,
    WalletInMemory,
    issue,
)
from worlds.pure_world import NOW, SoftSigner, did_document
from worlds.sd_jwts import jwt
from worlds.wallets import wallet_over

ALL_FORMATS = ("dc+sd-jwt", "ldp_vc", "jwt_vc_json", "vc+sd-jwt")
DEFAULT = AcceptOptions()


@pytest.mark.parametrize("kind", ALL_FORMATS)
@pytest.mark.parametrize("grant", [PRE_AUTHORIZED_CODE, "authorization_code"])
@pytest.mark.parametrize("dpop", [False, True])
def test_every_format_by_every_grant(kind: str, grant: str, dpop: bool) -> None:
    issuer = LiteralIssuer({"welder": kind}, grants=(grant,), dpop=dpop)
    person = ScriptedPerson(browse=issuer.browse)
    store = WalletInMemory()
    wallet = wallet_over(issuer, person=person, store=store)
    accepted = wallet.accept_offer(issuer.link(), DEFAULT)
    [received] = accepted.received
    assert accepted.pending == store.load().pending == ()
    assert store.load().credentials == (received.credential,)
    assert received.credential.format == kind
    assert (received.credential.credential_issuer, received.credential.name) == (
        IDENTIFIER,
        "Certificate welder",
    )
    assert received.notified
    assert issuer.notifications == [{"notification_id": "n-1", "event": "credential_accepted"}]
    [copy] = received.credential.copies
    key = store.load().key(copy.key_id or "").private_key.public_key
    held = read_held(kind, copy.content)
    assert held.confirmation == {"jwk": key.to_jwk()} or held.subject_ids[0].startswith("did:key:")
    assert [key.id for key in store.load().keys] == [copy.key_id], "keys that nothing needs are not kept"
    [view] = person.offers
    assert (view.origin, view.credential_issuer) == (ORIGIN, IDENTIFIER)
    assert view.by_authorization == (grant == "authorization_code")


def test_an_offer_by_reference_and_a_transaction_code() -> None:
    issuer = LiteralIssuer(tx_code=TX_CODE, anonymous=False)
    person = ScriptedPerson(tx_code=TX_CODE)
    wallet_over(issuer, person=person).accept_offer(issuer.link_by_reference(), DEFAULT)
    [(request, origin)] = person.asked_for_code
    assert (request.length, request.description, origin) == (6, "By letter", ORIGIN)
    assert issuer.tokens[0]["client_id"] == "skillcred-wallet"


@pytest.mark.parametrize(("code", "error"), [("000000", "invalid_grant"), (None, "tx_code_missing")])
def test_a_wrong_transaction_code_ends_it(code: str | None, error: str) -> None:
    issuer = LiteralIssuer(tx_code=TX_CODE)
    store = WalletInMemory()
    with pytest.raises(WalletRefusedError) as caught:
        wallet_over(issuer, person=ScriptedPerson(tx_code=code), store=store).accept_offer(
            issuer.link(), DEFAULT
        )
    assert caught.value.error == error
    assert len(store.states) == 1
    assert len(issuer.tokens) == (1 if code else 0)


def test_a_batch_is_of_different_keys_and_of_no_more_than_is_given() -> None:
    issuer = LiteralIssuer(batch_size=3)
    store = WalletInMemory()
    [received] = (
        wallet_over(issuer, store=store).accept_offer(issuer.link(), AcceptOptions(copies=10)).received
    )
    assert len({copy.key_id for copy in received.credential.copies}) == 3
    assert received.credential.one_time
    assert len(issuer.sent_to("/nonce")) == 1


def test_identifiers_from_the_token_are_asked_for_instead() -> None:
    issuer = LiteralIssuer(identifiers=("diploma-1", "diploma-2"))
    accepted = wallet_over(issuer).accept_offer(issuer.link(), DEFAULT)
    bodies = [json.loads(request.body) for request in issuer.sent_to("/credential")]
    assert [body["credential_identifier"] for body in bodies] == ["diploma-1", "diploma-2"]
    assert all("credential_configuration_id" not in body for body in bodies)
    assert len(accepted.received) == 2


def test_what_is_put_off_is_collected_when_its_time_has_come() -> None:
    issuer = LiteralIssuer(deferrals=2, dpop=True)
    store, clock = WalletInMemory(), FixedClock(NOW)
    issuer.now = clock.now
    wallet = wallet_over(issuer, store=store, clock=clock)
    accepted = wallet.accept_offer(issuer.link(), DEFAULT)
    [pending] = accepted.pending
    assert (accepted.received, store.load().pending) == ((), (pending,))
    assert isinstance(wallet.collect_credentials(pending), PendingIssuance)
    assert issuer.sent_to("/deferred") == [], "before the interval is over nobody asks"
    clock.advance(seconds=5)
    again = wallet_over(issuer, store=store, clock=clock)  # a later run of the program
    [pending] = store.load().pending
    found = again.collect_credentials(pending)
    assert isinstance(found, PendingIssuance)
    clock.advance(seconds=5)
    received = again.collect_credentials(found)
    assert isinstance(received, Received)
    assert store.load().pending == ()
    assert len(issuer.sent_to("/deferred")) == 4, "each of the two is told a nonce first"


def test_an_answer_that_is_lost_is_asked_for_again_with_the_same_key() -> None:
    """Whatever happens between the request and the answer: the keys are stored before it goes out."""
    issuer = LiteralIssuer(lose_answers=1)
    store = WalletInMemory()
    with pytest.raises(ConnectionAbortedError):
        wallet_over(issuer, store=store).accept_offer(issuer.link(), DEFAULT)
    [pending] = store.load().pending
    received = wallet_over(issuer, store=store).collect_credentials(pending)
    assert isinstance(received, Received)
    assert [copy.key_id for copy in received.credential.copies] == list(pending.key_ids)
    assert len(issuer.used_nonces) == 2


def test_a_nonce_that_is_refused_is_replaced_once() -> None:
    issuer = LiteralIssuer(refuse_nonces=1)
    assert wallet_over(issuer).accept_offer(issuer.link(), DEFAULT).received
    assert len(issuer.sent_to("/nonce")) == len(issuer.sent_to("/credential")) == 2
    stubborn = LiteralIssuer(refuse_nonces=5)
    with pytest.raises(WalletRefusedError) as caught:
        wallet_over(stubborn).accept_offer(stubborn.link(), DEFAULT)
    assert caught.value.error == "invalid_nonce"
    assert len(stubborn.sent_to("/credential")) == 2


def test_dpop_nonces_are_learnt_at_each_server_with_the_same_code() -> None:
    issuer = LiteralIssuer(dpop=True)
    wallet_over(issuer).accept_offer(issuer.link(), DEFAULT)
    first, second = issuer.sent_to("/token")
    assert first.body == second.body
    assert first.headers["DPoP"] != second.headers["DPoP"]


def test_encrypted_both_ways() -> None:
    issuer = LiteralIssuer(encrypts=True)
    [received] = wallet_over(issuer).accept_offer(issuer.link(), AcceptOptions(encrypted=True)).received
    [request] = issuer.sent_to("/credential")
    assert request.headers["Content-Type"] == "application/jwt"
    assert received.credential.format == "dc+sd-jwt"


def _encrypted_but(**changes: Any) -> LiteralIssuer:
    return LiteralIssuer(encrypts=True, cheat=_at("credential", lambda document: document | changes))


def test_an_answer_in_the_clear_is_refused_where_it_should_be_encrypted() -> None:
    issuer = _encrypted_but(in_the_clear=True)
    store = WalletInMemory()
    with pytest.raises(WalletMessageError, match="not encrypted"):
        wallet_over(issuer, store=store).accept_offer(issuer.link(), AcceptOptions(encrypted=True))
    assert store.load().credentials == ()


def test_encryption_that_is_not_offered_is_not_pretended() -> None:
    issuer = LiteralIssuer()
    with pytest.raises(WalletMessageError, match="does not encrypt"):
        wallet_over(issuer).accept_offer(issuer.link(), AcceptOptions(encrypted=True))
    assert issuer.tokens == [], "the code of the offer is not used up"


@pytest.mark.parametrize(
    "changes",
    [
        {"proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": ["RS256"]}}},
        {"cryptographic_binding_methods_supported": ["cose_key"]},
        {"proof_types_supported": {"attestation": {"proof_signing_alg_values_supported": ["ES256"]}}},
        {
            "proof_types_supported": {
                "jwt": {"proof_signing_alg_values_supported": ["ES256"], "key_attestations_required": {}}
            }
        },
    ],
)
def test_what_this_wallet_cannot_do_is_said_before_the_code_is_used_up(changes: Document) -> None:
    configuration = LiteralIssuer().metadata()["credential_configurations_supported"]["welder"] | changes
    issuer = LiteralIssuer(
        cheat=_with("metadata", credential_configurations_supported={"welder": configuration})
    )
    with pytest.raises(WalletMessageError) as caught:
        wallet_over(issuer).accept_offer(issuer.link(), DEFAULT)
    assert (caught.value.code, issuer.tokens) == ("unsupported_configuration", [])


# --- signed metadata

HOST_SIGNER = SoftSigner(41, did="did:web:issuer.example")
DOCUMENTS = {HOST_SIGNER.did: json.dumps(did_document(HOST_SIGNER)).encode()}
SIGNED = AcceptOptions(signed_metadata=True)


def test_signed_metadata_by_a_key_of_the_issuers_host() -> None:
    issuer = LiteralIssuer(metadata_signer=HOST_SIGNER)
    person = ScriptedPerson()
    wallet_over(issuer, person=person, documents=DOCUMENTS).accept_offer(issuer.link(), SIGNED)
    assert person.offers[0].metadata_signed


def _token(**changes: Any) -> Callable[[Document], str]:
    """Signed metadata with other claims, or with `header_…` another header."""
    header = {name[7:]: value for name, value in changes.items() if name.startswith("header_")}
    claims = {name: value for name, value in changes.items() if not name.startswith("header_")}

    def build(content: Document) -> str:
        payload = {name: value for name, value in (content | claims).items() if value is not None}
        return jwt(payload, HOST_SIGNER, **({"typ": "openidvci-issuer-metadata+jwt"} | header))

    return build


@pytest.mark.parametrize(
    ("issuer", "code"),
    [
        (
            LiteralIssuer(metadata_signer=SoftSigner(42)),
            "signed_metadata_not_trusted",
        ),  # a did:key is nobody's host
        (LiteralIssuer(), "signed_metadata_not_trusted"),  # it does not sign at all
        (LiteralIssuer(metadata_token=_token(header_typ="JWT")), "signed_metadata_not_trusted"),
        (LiteralIssuer(metadata_token=_token(sub="https://other.example")), "issuer_mismatch"),
        (LiteralIssuer(metadata_token=_token(sub=None)), "issuer_mismatch"),
        (LiteralIssuer(metadata_token=_token(iat=None)), "signed_metadata_not_trusted"),
        (LiteralIssuer(metadata_token=_token(exp=int(NOW.timestamp()))), "signed_metadata_not_trusted"),
        (LiteralIssuer(metadata_token=_token(iat=int(NOW.timestamp()) + 61)), "signed_metadata_not_trusted"),
        (
            LiteralIssuer(metadata_token=lambda content: _token()(content)[:-4] + "AAAA"),
            "signed_metadata_not_trusted",
        ),
    ],
)
def test_signed_metadata_that_nothing_vouches_for(issuer: LiteralIssuer, code: str) -> None:
    with pytest.raises(WalletMessageError) as caught:
        wallet_over(issuer, documents=DOCUMENTS).accept_offer(issuer.link(), SIGNED)
    assert caught.value.code == code
    assert issuer.tokens == []


# --- issuers that cheat


def _at(kind: str, change: Callable[[Document], Document]) -> Callable[[str, Document], Document]:
    return lambda found, document: change(document) if found == kind else document


def _with(kind: str, **changes: Any) -> Callable[[str, Document], Document]:
    """`None` takes a member away."""
    return _at(
        kind,
        lambda document: {name: value for name, value in (document | changes).items() if value is not None},
    )


@pytest.mark.parametrize(
    ("cheat", "code"),
    [
        (_with("metadata", credential_issuer="https://other.example"), "issuer_mismatch"),
        (_with("metadata", credential_issuer=IDENTIFIER + "/"), "issuer_mismatch"),
        (_with("metadata", credential_endpoint=None), "issuer_metadata_invalid"),
        (_with("metadata", credential_endpoint="http://issuer.example/c"), "address_not_secure"),
        (_with("metadata", nonce_endpoint="http://127.0.0.1/nonce"), "address_not_secure"),
        (_with("metadata", nonce_endpoint="https://user@issuer.example/nonce"), "address_not_secure"),
        (_with("metadata", authorization_servers=[]), "issuer_metadata_invalid"),
        (_with("metadata", authorization_servers=["https://login.example/?a=b"]), "address_not_secure"),
        (_with("metadata", batch_credential_issuance={"batch_size": 1}), "issuer_metadata_invalid"),
        (_with("metadata", credential_configurations_supported={}), "issuer_metadata_invalid"),
        (
            _with(
                "metadata",
                credential_configurations_supported={"another": {"format": "dc+sd-jwt"}},
            ),
            "unsupported_configuration",
        ),
        (
            _with("metadata", credential_configurations_supported={"welder": {"format": "mso_mdoc"}}),
            "unsupported_configuration",
        ),
        (_with("server", issuer="https://login.example"), "authorization_server_mismatch"),
        (_with("server", token_endpoint=None), "authorization_server_invalid"),
        (_with("server", token_endpoint="http://issuer.example/token"), "address_not_secure"),
        (_with("server", grant_types_supported=["authorization_code"]), "grant_not_offered"),
        (_with("offer", credential_issuer="http://issuer.example"), "address_not_secure"),
        (_with("offer", credential_issuer="https://issuer.example\\@evil.example"), "address_not_secure"),
        (_with("offer", credential_issuer="https://issuer.example/school?x=1"), "address_not_secure"),
        (_with("offer", credential_configuration_ids=[]), "offer_malformed"),
        (_with("offer", credential_configuration_ids=["welder", "welder"]), "offer_malformed"),
        (_with("offer", credential_configuration_ids=["somebody"]), "unsupported_configuration"),
        (_with("offer", grants={PRE_AUTHORIZED_CODE: {}}), "offer_malformed"),
        (
            _with(
                "offer",
                grants={
                    PRE_AUTHORIZED_CODE: {
                        "pre-authorized_code": "c",
                        "authorization_server": "https://login.example",
                    }
                },
            ),
            "authorization_server_mismatch",
        ),
    ],
)
def test_nothing_is_sent_where_the_issuer_is_not_what_it_says(
    cheat: Callable[[str, Document], Document], code: str
) -> None:
    issuer = LiteralIssuer(cheat=cheat)
    store = WalletInMemory()
    with pytest.raises(WalletMessageError) as caught:
        wallet_over(issuer, store=store).accept_offer(issuer.link(), DEFAULT)
    assert caught.value.code == code
    assert (issuer.tokens, len(store.states)) == ([], 1)


@pytest.mark.parametrize(
    "cheat",
    [
        _with("token", token_type="Bearer"),
        _with("token", token_type="MAC"),
        _with("token", access_token=None),
        _with("token", access_token=""),
        _with("credential", credentials=None),
        _with("credential", credentials=[]),
        _with("credential", credentials=[{"credential": "a"}, {"credential": "b"}]),
        _with("credential", credentials=[{"other": "a"}]),
        _with("credential", notification_id=7),
    ],
)
def test_answers_that_are_none(cheat: Callable[[str, Document], Document]) -> None:
    issuer = LiteralIssuer(dpop=True, cheat=cheat)
    store = WalletInMemory()
    with pytest.raises(WalletMessageError) as caught:
        wallet_over(issuer, store=store).accept_offer(issuer.link(), DEFAULT)
    assert caught.value.code == "response_malformed"
    assert store.load().credentials == ()


def test_another_transaction_than_was_asked_for() -> None:
    issuer = LiteralIssuer(deferrals=3)
    store, clock = WalletInMemory(), FixedClock(NOW)
    issuer.now = clock.now
    wallet = wallet_over(issuer, store=store, clock=clock)
    [pending] = wallet.accept_offer(issuer.link(), DEFAULT).pending
    issuer.cheat = _with("deferral", transaction_id="another")
    clock.advance(seconds=5)
    with pytest.raises(WalletMessageError, match="another transaction"):
        wallet.collect_credentials(pending)
    assert store.load().pending == (pending,)


OTHER_KEY = SoftSigner(77).public_key


def _of_another(kind: str) -> Callable[[str], str]:
    return lambda credential: issue(kind, OTHER_KEY)


def _damaged(credential: str) -> str:
    """With another claim than was signed."""
    if credential.startswith("{"):
        return credential.replace("Provider", "Another")
    head, payload, rest = credential.split(".", 2)
    return f"{head}.{payload[:-2]}{'AA' if payload[-2:] != 'AA' else 'BB'}.{rest}"


@pytest.mark.parametrize("kind", ALL_FORMATS)
@pytest.mark.parametrize("forge", ["another's", "damaged", "nonsense"])
def test_what_is_not_the_holders_or_not_genuine_is_not_kept(kind: str, forge: str) -> None:
    forgers = {"another's": _of_another(kind), "damaged": _damaged, "nonsense": lambda _: "no-credential"}
    issuer = LiteralIssuer({"welder": kind}, forge=forgers[forge])
    store = WalletInMemory()
    with pytest.raises(WalletMessageError) as caught:
        wallet_over(issuer, store=store).accept_offer(issuer.link(), DEFAULT)
    assert caught.value.code == "credential_not_acceptable"
    assert (store.load().credentials, store.load().keys, store.load().pending) == ((), (), ())
    assert issuer.notifications == [{"notification_id": "n-1", "event": "credential_failure"}]


@pytest.mark.parametrize("kind", ["ldp_vc", "jwt_vc_json"])
def test_the_issuer_may_name_the_same_key_by_another_did(kind: str) -> None:
    """An attested key has no DID of its own; it is presented under the one that the issuer wrote."""
    issuer = LiteralIssuer({"welder": kind})
    made: list[str] = []

    def renamed(credential: str) -> str:
        key = issuer.proven[-1]
        made.append(build_did_jwk(key))
        return issue(kind, key, did=made[-1])

    issuer.forge = renamed
    [received] = wallet_over(issuer).accept_offer(issuer.link(), DEFAULT).received
    assert received.credential.binding_method == "did:jwk"
    assert read_held(kind, received.credential.copies[0].content).subject_ids == (made[0],)


def test_one_bad_copy_refuses_the_batch() -> None:
    issuer = LiteralIssuer(batch_size=3)
    count = iter(range(3))
    issuer.forge = lambda credential: credential if next(count) < 2 else _damaged(credential)
    store = WalletInMemory()
    with pytest.raises(WalletMessageError):
        wallet_over(issuer, store=store).accept_offer(issuer.link(), AcceptOptions(copies=3))
    assert store.load().credentials == ()
    assert issuer.notifications[0]["event"] == "credential_failure"


def test_declining_asks_for_nothing() -> None:
    issuer = LiteralIssuer()
    with pytest.raises(WalletRefusedError) as caught:
        wallet_over(issuer, person=ScriptedPerson(agrees=False)).accept_offer(issuer.link(), DEFAULT)
    assert caught.value.code == "offer_declined"
    assert issuer.tokens == []


# --- authorization responses (RFC 6749 section 10.12, RFC 9207)


@pytest.mark.parametrize(
    ("cheat", "code"),
    [
        (_with("response", state="another"), "authorization_response_invalid"),
        (_with("response", state=None), "authorization_response_invalid"),
        (_with("response", code=None), "authorization_response_invalid"),
        (_with("response", iss="https://honest.example"), "authorization_server_mismatch"),
        (_with("response", iss=None), "authorization_server_mismatch"),
        (_with("response", code=None, error="access_denied"), "authorization_refused"),
        (
            _with("response", code=None, iss="https://honest.example", error="access_denied"),
            "authorization_server_mismatch",
        ),
    ],
)
def test_V_16_no_code_is_sent_after_a_response_that_is_not_to_the_request(
    cheat: Callable[[str, Document], Document], code: str
) -> None:
    issuer = LiteralIssuer(grants=("authorization_code",), cheat=cheat)
    with pytest.raises((WalletMessageError, WalletRefusedError)) as caught:
        wallet_over(issuer, person=ScriptedPerson(browse=issuer.browse)).accept_offer(issuer.link(), DEFAULT)
    assert caught.value.code == code
    assert issuer.tokens == []


def test_a_response_to_another_address_is_not_taken() -> None:
    issuer = LiteralIssuer(grants=("authorization_code",))
    person = ScriptedPerson(browse=lambda url: issuer.browse(url).replace("/cb", "/other"))
    with pytest.raises(WalletMessageError) as caught:
        wallet_over(issuer, person=person).accept_offer(issuer.link(), DEFAULT)
    assert caught.value.code == "authorization_response_invalid"


@pytest.mark.parametrize(
    "link",
    [
        "",
        "openid-credential-offer://",
        "openid-credential-offer://?credential_offer=%7B",
        "openid-credential-offer://?credential_offer=%7B%7D&credential_offer=%7B%7D",
        "openid-credential-offer://?credential_offer=%7B%7D&credential_offer_uri=https%3A%2F%2Fa.example",
        "openid-credential-offer://?credential_offer=%5B%5D",
        "openid-credential-offer://?credential_offer=" + "a" * 70_000,
    ],
)
def test_links_that_are_no_offers(link: str) -> None:
    issuer = LiteralIssuer()
    with pytest.raises(WalletMessageError) as caught:
        wallet_over(issuer).accept_offer(link, DEFAULT)
    assert caught.value.code == "offer_malformed"
    assert issuer.requests == []
