"""Signing under certificates: what is in the header of SD-JWT VCs, and who believes it (WALLETS, issuer item 10)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509

from skillcred.encoding.base64url import decode_base64url
from skillcred.errors import SkillcredError
from skillcred.keys.certificates import TrustAnchors, parse_certificate_chain, verify_certificate_chain
from skillcred.model.outcomes import Verdict
from skillcred.securing.jose.envelope import parse_compact_jws, verify_compact_jws
from skillcred.services.issue_credential import IssuanceRequest
from worlds.application import DemoRegistry, example_claims, fill_demo_registry, open_in_memory_application
from worlds.certificates import Requested, certify_authority
from worlds.in_memory import FixedClock


class School:
    """A provider with a P-256 key, and the authority that certifies it."""

    def __init__(self) -> None:
        self.clock = FixedClock()
        self.registry: DemoRegistry = fill_demo_registry(open_in_memory_application(clock=self.clock))
        application, provider = self.registry.application, self.registry.provider
        self.application, self.actor = application, provider
        self.key = application.create_key(provider, "P-256")
        year = {"begin": self.clock.now() - timedelta(days=90), "end": self.clock.now() + timedelta(days=365)}
        self.root = certify_authority(None, "Root", **year)
        self.authority = certify_authority(self.root, "Authority", **year)

    def certify(self, **options: Any) -> None:
        request = Requested(self.application.request_certificate(self.actor, self.key.id))
        answer = request.answer(self.authority, self.clock.now(), **options)
        self.application.certify_key(self.actor, self.key.id, answer + self.root.pem)

    def issue(self, mechanism: str = "dc+sd-jwt") -> tuple[bytes, dict[str, Any]]:
        self.number = getattr(self, "number", 0) + 1
        request = IssuanceRequest("training", example_claims("training"), mechanism)
        stored = self.application.issue_credential(self.actor, request, f"n{self.number}")
        report = self.application.verify_document(stored.content, media_type=stored.media_type).report
        assert (report.verdict, report.reason) == (Verdict.VALID, "issuer_authorised")
        header: dict[str, Any] = json.loads(decode_base64url(stored.content.split(b".")[0].decode()))
        return stored.content, header

    def code(self, *arguments: Any) -> str:
        with pytest.raises(SkillcredError) as error:
            self.application.certify_key(*arguments)
        return error.value.code


@pytest.fixture
def school() -> School:
    return School()


def test_item_10_the_header_has_the_chain_and_the_name_of_the_key(school: School) -> None:
    assert "x5c" not in school.issue()[1]
    school.certify()
    content, header = school.issue()
    assert header["kid"] == school.key.id, "who goes by the DID finds the key as before"
    certified = verify_certificate_chain(
        parse_certificate_chain(header["x5c"]), TrustAnchors((school.root.certificate,)), school.clock.now()
    )
    jws = parse_compact_jws(content.split(b"~")[0], header_members=frozenset({"alg", "typ", "kid", "x5c"}))
    verify_compact_jws(jws, certified.public_key)
    assert len(header["x5c"]) == 2, "not the root"
    issuer = json.loads(decode_base64url(content.split(b".")[1].decode()))["iss"]
    assert certified.uris == (issuer,), "wallets compare iss with the names in the certificate"
    assert issuer == "http://127.0.0.1:8000/issuers/welding-school", "as the metadata for wallets have it"
    report = school.application.verify_document(content, media_type="application/dc+sd-jwt").report
    assert report.facts is not None
    assert report.facts.issuer_id == school.actor.organisation.did, "which is whom the registry knows"


def test_only_sd_jwt_vcs_have_them(school: School) -> None:
    """In other tokens a key in the header is refused (docs/divergences.md)."""
    school.certify()
    assert "x5c" not in school.issue("vc+sd-jwt")[1]
    assert "x5c" not in school.issue("vc+jwt")[1]


def test_what_ended_or_was_taken_away_is_not_in_the_header(school: School) -> None:
    school.certify()
    school.clock.advance(days=31)
    assert "x5c" not in school.issue()[1]
    school.certify()
    assert "x5c" in school.issue()[1]
    school.application.certify_key(school.actor, school.key.id, None)
    assert "x5c" not in school.issue()[1]


def test_the_next_key_has_none_until_it_is_certified(school: School) -> None:
    school.certify()
    old = school.key
    school.key = school.application.rotate_key(school.actor, "P-256")
    assert "x5c" not in school.issue()[1]
    assert school.code(school.actor, old.id, None) == "key_not_active"
    school.certify()
    assert "x5c" in school.issue()[1]


def test_the_organisation_has_an_address(school: School) -> None:
    """A did:key is published nowhere."""
    answer = Requested(school.application.request_certificate(school.actor, school.key.id)).answer(
        school.authority, school.clock.now()
    )
    did = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
    keyless = replace(school.actor, organisation=replace(school.actor.organisation, did=did))
    assert school.code(keyless, school.key.id, answer) == "unsupported_did_method"


def test_others_cannot_certify_it(school: School) -> None:
    stranger = school.registry.stranger
    request = Requested(school.application.request_certificate(school.actor, school.key.id))
    answer = request.answer(school.authority, school.clock.now())
    assert school.code(stranger, school.key.id, answer) == "not_found"
    elsewhere = request.answer(
        school.authority, school.clock.now(), names=(x509.UniformResourceIdentifier("https://other.example"),)
    )
    assert school.code(school.actor, school.key.id, elsewhere) == "certificate_for_another_issuer"


def test_the_status_list_is_signed_with_the_key_of_the_credential(school: School) -> None:
    """Item 10: wallets verify the token of the list as they verified the credential."""
    content, header = school.issue()
    claims = json.loads(decode_base64url(content.split(b".")[1].decode()))
    path = claims["status"]["status_list"]["uri"].rpartition("/status-lists/")[2]
    list_id, _, view = path.partition("/")
    token = school.application.publish_status_list(list_id, view).content
    told = json.loads(decode_base64url(token.split(b".")[0].decode()))
    assert (told["typ"], told["kid"]) == ("statuslist+jwt", header["kid"])
