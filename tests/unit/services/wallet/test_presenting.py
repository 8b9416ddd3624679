"""A wallet shows the least that is enough to whom it is proven to be, and nothing to anybody else."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from skillcred.exchange.holder.errors import WalletMessageError, WalletRefusedError
from skillcred.exchange.oid4vp.client_ids import hash_certificate
from skillcred.keys.certificates import parse_trust_anchors
from skillcred.services.accept_offer import AcceptOptions
from skillcred.services.wallet_ports import WalletTrust
from skillcred.verification import HolderState, verify_presentation
from worlds.certificates import AUTHORITY, OTHER_ROOT, ROOT, certify
from worlds.in_memory import FixedClock
from worlds.literal_parties import (
    NONCE,
    RESPONSE_URI,
    VCT,
    VERIFIER,
    WELDER_QUERY,
    BothParties,
    Document,
    LiteralIssuer,
    LiteralVerifier,
    ScriptedPerson,
    WalletInMemory,
    issue,
)
from worlds.pure_world import NOW, SoftSigner, did_document
from worlds.wallets import wallet_over

HOST = "verifier.example"
TYPES = {
    "ldp_vc": [["https://www.w3.org/2018/credentials#VerifiableCredential"]],
    "jwt_vc_json": [["https://www.w3.org/2018/credentials#VerifiableCredential"]],
    "vc+sd-jwt": [["https://www.w3.org/2018/credentials#VerifiableCredential"]],
}
MEDIA_TYPES = {
    "dc+sd-jwt": "application/dc+sd-jwt",
    "vc+sd-jwt": "application/vc+sd-jwt",
    "jwt_vc_json": "application/jwt",
    "ldp_vc": "application/vp",
}


def query_for(kind: str, *paths: list[Any], **more: Any) -> Document:
    meta = {"vct_values": [VCT]} if kind == "dc+sd-jwt" else {"type_values": TYPES[kind]}
    query: Document = {"id": "wanted", "format": kind, "meta": meta, **more}
    if paths:
        query["claims"] = [{"path": path} for path in paths]
    return {"credentials": [query]}


class Scene:
    """A wallet that holds one credential, and a verifier."""

    def __init__(
        self, verifier: LiteralVerifier, kind: str = "dc+sd-jwt", *, copies: int = 1, trust: Any = None
    ) -> None:
        self.issuer = LiteralIssuer({"welder": kind}, batch_size=copies)
        self.verifier = verifier
        self.person = ScriptedPerson()
        self.store = WalletInMemory()
        documents = {"did:web:verifier.example": json.dumps(did_document(WEB_SIGNER)).encode()}
        self.wallet = wallet_over(
            BothParties(self.issuer, verifier),
            person=self.person,
            store=self.store,
            clock=FixedClock(NOW),
            trust=trust or WalletTrust(parse_trust_anchors(ROOT.pem)),
            documents=documents,
        )
        self.wallet.accept_offer(self.issuer.link(), AcceptOptions(copies=copies))
        self.states_before = len(self.store.states)

    def present(self, link: str, **options: Any) -> Any:
        return self.wallet.present_credentials(link, **options)

    def refused(self, link: str, **options: Any) -> str:
        """The code, where nothing may have been shown."""
        with pytest.raises((WalletMessageError, WalletRefusedError)) as caught:
            self.present(link, **options)
        assert all("vp_token" not in answer and "response" not in answer for answer in self.verifier.answers)
        assert len(self.store.states) == self.states_before
        return caught.value.code


WEB_SIGNER = SoftSigner(32, VERIFIER.public_key.algorithm, "did:web:verifier.example")


class CertifiedSigner:
    """A key with a certificate, as a signer of requests."""

    def __init__(self, certified: Any) -> None:
        self._certified = certified
        self.public_key = certified.public_key
        self.verification_method = None
        self.did = None

    def sign(self, message: bytes) -> bytes:
        signature: bytes = self._certified.sign(message)
        return signature


CERTIFIED = certify(AUTHORITY, "Verifier", names=(x509.DNSName(HOST),))
DER = CERTIFIED.certificate.public_bytes(Encoding.DER)


def certified_verifier(prefix: str, certified: Any = CERTIFIED, **options: Any) -> LiteralVerifier:
    original = HOST if prefix == "x509_san_dns" else hash_certificate(DER)
    options.setdefault("client_id", f"{prefix}:{original}")
    header = {"x5c": certified.x5c, "kid": None} | options.pop("header", {})
    return LiteralVerifier(signer=CertifiedSigner(certified), header=header, **options)


def verifier_of(prefix: str, **options: Any) -> LiteralVerifier:
    if prefix == "decentralized_identifier":
        return LiteralVerifier(**options)
    if prefix == "redirect_uri":
        return LiteralVerifier(f"redirect_uri:{RESPONSE_URI}", **options)
    return certified_verifier(prefix, **options)


PREFIXES = ("decentralized_identifier", "x509_san_dns", "x509_hash", "redirect_uri")


@pytest.mark.parametrize("kind", MEDIA_TYPES)
@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("encrypted", [False, True])
def test_what_is_shown_is_a_presentation_for_this_verifier_and_question(
    kind: str, prefix: str, encrypted: bool
) -> None:
    query = query_for(kind, ["skill"]) if kind == "dc+sd-jwt" else query_for(kind)
    verifier = verifier_of(
        prefix, query=query, encrypted=encrypted, reply={"redirect_uri": "https://go.example/on"}
    )
    scene = Scene(verifier, kind)
    link = verifier.link_by_value() if prefix == "redirect_uri" else verifier.link()
    presented = scene.present(link)
    assert presented.redirect_uri == "https://go.example/on"
    token = verifier.vp_token()
    assert list(token) == ["wanted"]
    [presentation] = token["wanted"]
    content = presentation if isinstance(presentation, str) else json.dumps(presentation)
    report = verify_presentation(
        content.encode(),
        at=NOW,
        media_type=MEDIA_TYPES[kind],
        challenge=NONCE,
        domain=verifier.client_id,
    )
    outcomes = {step.step.value: step.outcome.value for step in report.steps}
    assert outcomes["proof"] == outcomes["holder_binding"] == "passed", report.steps
    assert [each.holder for each in report.credentials] == [HolderState.PROVEN]
    [view] = scene.person.views
    assert (view.client_id, view.encrypted) == (verifier.client_id, encrypted)
    assert (view.proven_by is None) == (prefix == "redirect_uri")


def test_a_jwt_of_the_newer_model_is_presented_in_its_own_kind() -> None:
    verifier = LiteralVerifier(query=query_for("jwt_vc_json"))
    scene = Scene(verifier)
    scene.issuer.formats = {"welder": "jwt_vc_json"}
    keys: list[Any] = []
    scene.issuer.forge = lambda credential: issue("vc+jwt", keys[-1])
    proven = scene.issuer._issue

    def remembering(body: Document, name: str, found: Any) -> Any:
        keys.extend(found)
        return proven(body, name, found)

    scene.issuer._issue = remembering  # type: ignore[method-assign]
    scene.wallet.accept_offer(scene.issuer.link(), AcceptOptions())
    scene.present(verifier.link())
    [presentation] = verifier.vp_token()["wanted"]
    report = verify_presentation(
        presentation.encode(),
        at=NOW,
        media_type="application/vp+jwt",
        challenge=NONCE,
        domain=verifier.client_id,
    )
    assert [each.holder for each in report.credentials] == [HolderState.PROVEN]


def test_only_what_is_asked_for_is_disclosed_and_that_is_what_is_shown_to_her() -> None:
    scene = Scene(LiteralVerifier())
    scene.present(scene.verifier.link())
    [presentation] = scene.verifier.vp_token()["welder"]
    assert presentation.count("~") == 2  # one disclosure
    [view] = scene.person.views
    places = dict(view.credentials[0].claims)
    assert places["/skill"] == "welding"
    assert not {"/name", "/birthdate"} & set(places)
    assert places["/level"] == "3", "what the issuer has not concealed is seen, and so is told"


def test_nothing_is_disclosed_where_no_claim_is_asked_for() -> None:
    scene = Scene(LiteralVerifier(query=query_for("dc+sd-jwt")))
    scene.present(scene.verifier.link())
    [presentation] = scene.verifier.vp_token()["wanted"]
    assert presentation.count("~") == 1


@pytest.mark.parametrize("by", ["get", "post", "value"])
def test_a_signed_request_comes_in_three_ways(by: str) -> None:
    scene = Scene(LiteralVerifier())
    link = (
        scene.verifier.link_by_value(signed=True) if by == "value" else scene.verifier.link(post=by == "post")
    )
    scene.present(link)
    fetched = [request.method for request in scene.verifier.requests if "/requests/" in request.url]
    assert fetched == {"get": ["GET"], "post": ["POST"], "value": []}[by]


def test_a_did_web_verifier_is_looked_up() -> None:
    scene = Scene(LiteralVerifier("decentralized_identifier:did:web:verifier.example", signer=WEB_SIGNER))
    scene.present(scene.verifier.link())
    assert scene.verifier.vp_token()
    other = SoftSigner(33, VERIFIER.public_key.algorithm, "did:web:verifier.example")
    forged = Scene(LiteralVerifier("decentralized_identifier:did:web:verifier.example", signer=other))
    assert forged.refused(forged.verifier.link()) == "verifier_not_proven"
    unknown = SoftSigner(32, VERIFIER.public_key.algorithm, "did:web:other.example")
    nowhere = Scene(LiteralVerifier("decentralized_identifier:did:web:other.example", signer=unknown))
    assert nowhere.refused(nowhere.verifier.link()) == "verifier_not_proven"


OTHER = SoftSigner(34, VERIFIER.public_key.algorithm)
IN_THE_PAST, IN_THE_FUTURE = int(NOW.timestamp()), int(NOW.timestamp()) + 61


@pytest.mark.parametrize(
    ("verifier", "code"),
    [
        (LiteralVerifier(signer=OTHER), "verifier_not_proven"),  # kid of another DID
        (LiteralVerifier(signer=OTHER, header={"kid": VERIFIER.verification_method}), "verifier_not_proven"),
        (LiteralVerifier(header={"kid": None}), "verifier_not_proven"),
        (LiteralVerifier(header={"typ": "JWT"}), "request_malformed"),
        (LiteralVerifier(header={"alg": "none"}), "request_malformed"),
        (LiteralVerifier(header={"jwk": OTHER.public_key.to_jwk()}), "request_malformed"),
        (LiteralVerifier(changes={"client_id": f"decentralized_identifier:{OTHER.did}"}), "request_mismatch"),
        (LiteralVerifier(changes={"client_id": VERIFIER.did}), "request_mismatch"),
        (LiteralVerifier(changes={"aud": "https://other.example"}), "request_mismatch"),
        (LiteralVerifier(changes={"exp": IN_THE_PAST}), "request_mismatch"),
        (LiteralVerifier(changes={"nbf": IN_THE_FUTURE}), "request_mismatch"),
        (LiteralVerifier(changes={"iat": IN_THE_FUTURE}), "request_mismatch"),
        (LiteralVerifier(changes={"response_uri": "http://verifier.example/a"}), "address_not_secure"),
        (LiteralVerifier(changes={"response_uri": "https://127.0.0.1/a"}), "address_not_secure"),
        (LiteralVerifier(changes={"redirect_uri": "https://verifier.example/cb"}), "request_malformed"),
        (LiteralVerifier(changes={"response_mode": "fragment"}), "request_malformed"),
        (LiteralVerifier(changes={"response_type": "code"}), "request_malformed"),
        (LiteralVerifier(changes={"nonce": None}), "request_malformed"),
        (LiteralVerifier(changes={"dcql_query": None}), "request_malformed"),
        (LiteralVerifier(changes={"dcql_query": {"credentials": []}}), "request_malformed"),
        (LiteralVerifier(changes={"scope": "openid"}), "request_malformed"),
        (LiteralVerifier("x509_san_dns:verifier.example"), "verifier_not_proven"),  # no certificate
        (certified_verifier("x509_san_dns", client_id="x509_san_dns:bank.example"), "verifier_not_proven"),
        (certified_verifier("x509_hash", client_id="x509_hash:" + "A" * 43), "verifier_not_proven"),
        (
            certified_verifier("x509_san_dns", changes={"response_uri": "https://evil.example/a"}),
            "verifier_not_proven",
        ),
        (
            certified_verifier("x509_san_dns", certify(OTHER_ROOT, "Verifier", names=(x509.DNSName(HOST),))),
            "verifier_not_proven",
        ),
        (
            certified_verifier(
                "x509_san_dns",
                certify(AUTHORITY, "V", names=(x509.DNSName(HOST),), end=NOW - timedelta(minutes=1)),
            ),
            "verifier_not_proven",
        ),
    ],
)
def test_requests_that_are_not_believed_get_no_answer(verifier: LiteralVerifier, code: str) -> None:
    scene = Scene(verifier)
    assert scene.refused(verifier.link()) == code
    assert verifier.answers == []
    assert scene.person.views == []


def test_without_authorities_no_certificate_proves_anything() -> None:
    verifier = certified_verifier("x509_san_dns")
    scene = Scene(verifier, trust=WalletTrust())
    assert scene.refused(verifier.link()) == "verifier_not_proven"


def test_what_stands_in_the_link_counts_for_nothing_beside_a_signed_request() -> None:
    scene = Scene(LiteralVerifier())
    scene.present(scene.verifier.link(response_uri="https://evil.example/a", nonce="another"))
    [presentation] = scene.verifier.vp_token()["welder"]
    assert presentation


@pytest.mark.parametrize(
    ("link", "code"),
    [
        ("", "request_not_supported"),
        ("openid4vp://?client_id=somebody&request_uri=https%3A%2F%2Fa.example", "request_not_supported"),
        ("openid4vp://?client_id=x509_hash%3Aabc&request_uri=http%3A%2F%2Fa.example", "address_not_secure"),
        (
            "openid4vp://?client_id=x509_hash%3Aabc&request_uri=https%3A%2F%2Fa.example&request_uri_method=PUT",
            "request_not_supported",
        ),
        (
            "openid4vp://?client_id=x509_hash%3Aabc&request_uri=https%3A%2F%2Fa.example&request=x",
            "request_malformed",
        ),
        (
            "openid4vp://?client_id=redirect_uri%3Ahttps%3A%2F%2Fa.example&request_uri=https%3A%2F%2Fa.example",
            "verifier_not_proven",
        ),
        ("openid4vp://?client_id=x509_hash%3Aabc&client_id=x509_hash%3Adef", "request_malformed"),
    ],
)
def test_links_that_are_no_requests(link: str, code: str) -> None:
    scene = Scene(LiteralVerifier())
    assert scene.refused(link) == code
    assert scene.verifier.requests == []


def test_an_unsigned_request_is_only_for_its_own_address() -> None:
    plain = LiteralVerifier(f"redirect_uri:{RESPONSE_URI}", changes={"response_uri": "https://evil.example/"})
    scene = Scene(plain)
    assert scene.refused(plain.link_by_value()) == "request_malformed"
    unsigned = LiteralVerifier()
    assert Scene(unsigned).refused(unsigned.link_by_value()) == "verifier_not_proven"


def test_a_posted_request_must_repeat_the_wallets_nonce() -> None:
    verifier = LiteralVerifier(repeats_nonce=False)
    scene = Scene(verifier)
    assert scene.refused(verifier.link(post=True)) == "request_mismatch"


def test_no_and_cannot_are_the_same_to_a_verifier() -> None:
    """SECURITY PR-13."""
    declined, asked, lacking = (
        LiteralVerifier(),
        LiteralVerifier(),
        LiteralVerifier(query=query_for("ldp_vc")),
    )
    assert Scene(declined).refused(declined.link(), decline=True) == "presentation_declined"
    scene = Scene(asked)
    scene.person.agrees = False
    assert scene.refused(asked.link()) == "presentation_declined"
    assert Scene(lacking).refused(lacking.link()) == "request_not_met"
    assert declined.answers == asked.answers == lacking.answers
    assert declined.answers[0]["error"] == "access_denied"
    assert declined.answers[0]["state"] == "a-state"


def test_transaction_data_is_refused_and_not_ignored() -> None:
    """SECURITY R-14."""
    verifier = LiteralVerifier(changes={"transaction_data": ["e30"]})
    assert Scene(verifier).refused(verifier.link()) == "request_not_supported"
    assert verifier.answers[0]["error"] == "invalid_transaction_data"


def test_copies_are_used_once_even_if_the_verifier_fails() -> None:
    verifier = LiteralVerifier(status=500)
    scene = Scene(verifier, copies=2)
    for left in (1, 0):
        with pytest.raises(WalletRefusedError) as caught:
            scene.present(verifier.link())
        assert caught.value.code == "verifier_refused"
        [credential] = scene.store.load().credentials
        assert len(credential.usable) == left
    first, second = (json.loads(answer["vp_token"])["welder"][0] for answer in verifier.answers)
    assert first.split("~")[0] != second.split("~")[0]
    with pytest.raises(WalletRefusedError) as caught:
        scene.present(verifier.link())
    assert caught.value.code == "request_not_met"
    assert [view.credentials[0].times_left for view in scene.person.views] == [1, 0]


def test_two_queries_never_share_a_copy() -> None:
    query = {
        "credentials": [WELDER_QUERY["credentials"][0], WELDER_QUERY["credentials"][0] | {"id": "again"}]
    }
    scene = Scene(LiteralVerifier(query=query), copies=2)
    scene.present(scene.verifier.link())
    token = scene.verifier.vp_token()
    assert token["welder"][0].split("~")[0] != token["again"][0].split("~")[0]


def test_without_holder_binding_only_where_the_verifier_does_not_want_it() -> None:
    query = query_for("dc+sd-jwt", ["skill"], require_cryptographic_holder_binding=False)
    scene = Scene(LiteralVerifier(query=query))
    scene.present(scene.verifier.link())
    assert scene.verifier.vp_token()["wanted"][0].endswith("~")
    assert not scene.person.views[0].credentials[0].proven


def test_the_credential_may_be_chosen() -> None:
    scene = Scene(LiteralVerifier())
    scene.wallet.accept_offer(scene.issuer.link(), AcceptOptions())
    older, newer = scene.store.load().credentials
    assert scene.present(scene.verifier.link()).credential_ids == (newer.id,)
    chosen = scene.present(scene.verifier.link(), credential_ids=[older.id])
    assert chosen.credential_ids == (older.id,)


def test_an_encrypted_answer_needs_a_key_of_the_request() -> None:
    verifier = LiteralVerifier(encrypted=True, changes={"client_metadata": {"client_name": "x"}})
    scene = Scene(verifier)
    assert scene.refused(verifier.link()) == "request_not_supported"
    assert verifier.answers == []


def test_a_value_that_is_not_held_is_not_met() -> None:
    query = query_for("dc+sd-jwt")
    query["credentials"][0]["claims"] = [{"path": ["skill"], "values": ["cooking"]}]
    verifier = LiteralVerifier(query=query)
    assert Scene(verifier).refused(verifier.link()) == "request_not_met"
