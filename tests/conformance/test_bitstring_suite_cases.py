"""What the W3C test suite for Bitstring Status List asserts, asked of our own VC-API over HTTP.

The suite issues a plain credential, reads the entry that the issuer added, fetches the list it names, and verifies the
credential. It never changes a status and has no list that is wrong; what is tried of that stands at the end.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from skillcred.model.datetimes import parse_instant
from skillcred.model.outcomes import EvidenceKind, EvidenceReference
from skillcred.status import StatusEntryError, parse_status_entries
from skillcred.status.bitstring_status_list import encode_list
from skillcred.verification import EvidenceItem
from skillcred.web.app import create_app
from worlds.application import open_in_memory_application
from worlds.in_memory import FixedClock

V2 = "https://www.w3.org/ns/credentials/v2"
ERRORS = "https://www.w3.org/ns/credentials/status-list#"
LIST_URI = "https://lists.example/9"
MIN_BYTES = 16 * 1024
ENDPOINTS = ("eddsa-rdfc-2022-status", "eddsa-jcs-2022-status")


class Lists:
    """Lists of others, by address, with the answers that were asked for."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}
        self.asked: list[str] = []

    def fetch_evidence(self, reference: EvidenceReference, *, at: Any) -> EvidenceItem:
        self.asked.append(reference.id)
        content = self.contents.get(reference.id)
        unavailable = None if content else "not_found"
        return EvidenceItem(reference, at, "lists.example", content, unavailable=unavailable)


class Suite:
    """What the suite has: an issuing and a verifying endpoint, and the addresses in what it gets."""

    def __init__(self, endpoint: str) -> None:
        self.clock, self.lists = FixedClock(), Lists()
        application = open_in_memory_application(
            clock=self.clock,
            foreign_sources={EvidenceKind.STATUS_LIST: self.lists},
            interop_enabled=True,
            verifications_per_minute=100_000,
        )
        self.base_url = application.settings.base_url
        self.client = TestClient(
            create_app(application, log_stream=io.StringIO()), raise_server_exceptions=False
        )
        listed = self.client.get("/vc-api/issuers").json()["issuers"]
        [self.issuer] = [entry for entry in listed if f"/{endpoint}/" in entry["endpoint"]]
        self.plain = endpoint.removesuffix("-status")
        self.endpoint = endpoint

    def unsigned(self, **changes: Any) -> dict[str, Any]:
        return {
            "@context": [V2],
            "id": f"urn:uuid:{uuid.uuid4()}",
            "type": ["VerifiableCredential"],
            "issuer": self.issuer["id"],
            "credentialSubject": {"id": "did:key:z6MkhTNL7i2etLerDK8Acz5t528giE5KA4p75T6ka1E1D74r"},
            **changes,
        }

    def post(self, path: str, body: Any):
        return self.client.post(f"/vc-api{path}", json=body)

    def issue(self, credential: Any, *, endpoint: str | None = None, **options: Any):
        body = {"credential": credential, "options": options}
        return self.post(f"/{endpoint or self.endpoint}/credentials/issue", body)

    def issued(self, **changes: Any) -> dict[str, Any]:
        response = self.issue(self.unsigned(**changes))
        assert response.status_code == 201, response.text
        credential: dict[str, Any] = response.json()
        return credential

    def verify(self, credential: Any, **options: Any):
        return self.post("/credentials/verify", {"verifiableCredential": credential, "options": options})

    def get_list(self, entry: dict[str, Any]):
        address = entry["statusListCredential"]
        assert address.startswith(self.base_url + "/vc-api/")
        return self.client.get(
            address.removeprefix(self.base_url), headers={"Accept": "application/ld+json, application/json"}
        )

    def set_status(self, credential_id: str, purpose: str, status: bool | None = True, **members: Any):
        stated = {"type": "BitstringStatusListEntry", "statusPurpose": purpose, **members}
        body = {"credentialId": credential_id, "credentialStatus": stated}
        return self.post("/credentials/status", body if status is None else {**body, "status": status})

    def publish(self, *, entry: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """A credential with `entry`, whose list is `changes` of a sound one, signed by the same issuer."""
        subject = {
            "id": f"{LIST_URI}#list",
            "type": "BitstringStatusList",
            "statusPurpose": entry["statusPurpose"],
            "encodedList": encode_list(131_072, entry.get("statusSize", 1), {7: 1}),
            **changes,
        }
        listed = self.issue(
            self.unsigned(
                id=LIST_URI,
                type=["VerifiableCredential", "BitstringStatusListCredential"],
                credentialSubject=subject,
            ),
            endpoint=self.plain,
        )
        assert listed.status_code == 201, listed.text
        self.lists.contents[LIST_URI] = listed.content
        signed = self.issue(self.unsigned(credentialStatus=entry), endpoint=self.plain)
        assert signed.status_code == 201, signed.text
        credential: dict[str, Any] = signed.json()
        return credential


@pytest.fixture(scope="module", params=ENDPOINTS)
def suite(request: pytest.FixtureRequest) -> Suite:
    return Suite(request.param)


@pytest.fixture(scope="module")
def issued(suite: Suite) -> dict[str, Any]:
    return suite.issued()


@pytest.fixture(scope="module")
def entries(issued: dict[str, Any]) -> list[dict[str, Any]]:
    found = issued["credentialStatus"]
    return found if isinstance(found, list) else [found]


@pytest.fixture(scope="module")
def lists(suite: Suite, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for entry in entries:
        response = suite.get_list(entry)
        assert response.status_code == 200
        assert "json" in response.headers["Content-Type"]
        found.append(response.json())
    return found


# the entry (section 2.1) -----------------------------------------------------------------------------------------


def test_a_conforming_credential_carries_the_entry(suite: Suite, issued: dict[str, Any]) -> None:
    assert issued["@context"][0] == V2
    assert "VerifiableCredential" in issued["type"]
    assert issued["proof"]["cryptosuite"] == suite.plain


def test_the_id_is_a_url_and_not_that_of_the_list(entries: list[dict[str, Any]]) -> None:
    for entry in entries:
        assert entry["id"].startswith("http")
        assert entry["id"] != entry["statusListCredential"]


def test_type_and_purpose(entries: list[dict[str, Any]]) -> None:
    assert {entry["type"] for entry in entries} == {"BitstringStatusListEntry"}
    assert [entry["statusPurpose"] for entry in entries] == ["revocation", "suspension"]


def test_the_index_is_a_decimal_text(entries: list[dict[str, Any]]) -> None:
    for entry in entries:
        assert re.fullmatch("0|[1-9][0-9]*", entry["statusListIndex"], re.ASCII)
        assert 0 <= int(entry["statusListIndex"]) < 131_072


def test_the_places_are_not_in_order(suite: Suite) -> None:
    indexes = [int(suite.issued()["credentialStatus"][0]["statusListIndex"]) for _ in range(8)]
    assert len(set(indexes)) == 8
    assert indexes not in (sorted(indexes), sorted(indexes, reverse=True))


def test_optional_members_are_left_out(entries: list[dict[str, Any]]) -> None:
    """So the suite leaves its assertions about `statusSize`, `statusMessage` and `statusReference` pending."""
    for entry in entries:
        assert not entry.keys() & {"statusSize", "statusMessage", "statusReference"}


# the list (section 2.2) ------------------------------------------------------------------------------------------


def test_the_address_gives_a_conforming_status_list_credential(
    suite: Suite, entries: list[dict[str, Any]], lists: list[dict[str, Any]]
) -> None:
    for entry, listed in zip(entries, lists, strict=True):
        assert listed["@context"][0] == V2
        assert isinstance(listed["type"], list)
        assert {"VerifiableCredential", "BitstringStatusListCredential"} <= set(listed["type"])
        assert listed["id"] == entry["statusListCredential"]
        assert listed["issuer"] == suite.issuer["id"]
        assert suite.verify(listed).status_code == 200


def test_the_subject_is_a_list_for_the_purpose_of_the_entry(
    entries: list[dict[str, Any]], lists: list[dict[str, Any]]
) -> None:
    for entry, listed in zip(entries, lists, strict=True):
        assert listed["credentialSubject"]["type"] == "BitstringStatusList"
        assert listed["credentialSubject"]["statusPurpose"] == entry["statusPurpose"]


def test_the_list_is_multibase_base64url_of_gzip_and_long_enough(lists: list[dict[str, Any]]) -> None:
    for listed in lists:
        encoded = listed["credentialSubject"]["encodedList"]
        assert re.fullmatch("u[A-Za-z0-9_-]+", encoded, re.ASCII)
        packed = base64.urlsafe_b64decode(encoded[1:] + "=" * (-len(encoded[1:]) % 4))
        assert len(gzip.decompress(packed)) >= MIN_BYTES


def test_lists_are_public_and_cacheable(suite: Suite, entries: list[dict[str, Any]]) -> None:
    response = suite.get_list(entries[0])
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "public" in response.headers["Cache-Control"]
    address = entries[0]["statusListCredential"].removeprefix(suite.base_url)
    seen = suite.client.get(address, headers={"If-None-Match": response.headers["ETag"]})
    assert seen.status_code == 304
    assert suite.client.get(address.rpartition("/")[0] + "/other").status_code == 404
    assert suite.client.get("/vc-api/v1/status-lists/none/revocation").status_code == 404


def test_the_other_views_of_a_list_have_their_own_types(suite: Suite, entries: list[dict[str, Any]]) -> None:
    address = entries[0]["statusListCredential"].removeprefix(suite.base_url).rpartition("/")[0]
    token = suite.client.get(f"{address}/token")
    assert token.status_code == 200
    assert token.headers["Content-Type"] == "application/statuslist+jwt"
    assert token.text.count(".") == 2
    assert suite.client.get(f"{address}/token", headers={"Accept": "application/vc"}).status_code == 406


# the algorithms (section 3) --------------------------------------------------------------------------------------


def test_a_malformed_entry_is_not_signed(suite: Suite) -> None:
    """The suite writes it as `statusEntry`, which no context defines. A jcs suite could sign any member, and what it
    signed would not conform (VCDM 2.0, section 5.2)."""
    wrong = {
        "type": "BitstringStatusListEntry",
        "statusListIndex": True,
        "statusListCredential": "https://example.com",
    }
    refused = suite.issue(suite.unsigned(statusEntry=wrong))
    assert (refused.status_code, refused.json()["code"]) == (400, "undefined_term")
    assert refused.json()["pointer"] == "/statusEntry"


def test_a_second_status_is_not_signed(suite: Suite, entries: list[dict[str, Any]]) -> None:
    refused = suite.issue(suite.unsigned(credentialStatus=entries[0]))
    assert (refused.status_code, refused.json()["code"]) == (400, "status_stated")


def test_what_is_issued_verifies_with_its_status(suite: Suite) -> None:
    body = suite.verify(suite.issued(), checks=["proof", "credentialStatus"])
    assert body.status_code == 200, body.text
    assert "status" in body.json()["checks"]


# what the suite has no cases for ---------------------------------------------------------------------------------


def bit(listed: dict[str, Any], index: str) -> bool:
    encoded = listed["credentialSubject"]["encodedList"][1:]
    data = gzip.decompress(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    return bool(data[int(index) // 8] & (128 >> int(index) % 8))


@pytest.mark.parametrize(("purpose", "code"), [("revocation", "revoked"), ("suspension", "suspended")])
def test_a_status_that_is_set_fails_the_verification(suite: Suite, purpose: str, code: str) -> None:
    credential, other = suite.issued(), suite.issued()
    assert suite.verify(credential).status_code == 200
    changed = suite.set_status(credential["id"], purpose)
    assert (changed.status_code, changed.json()["status"]) == (200, True), changed.text
    entry = next(entry for entry in credential["credentialStatus"] if entry["statusPurpose"] == purpose)
    assert bit(suite.get_list(entry).json(), entry["statusListIndex"])
    refused = suite.verify(credential)
    assert (refused.status_code, refused.headers["Content-Type"]) == (400, "application/problem+json")
    body = refused.json()
    assert (body["verified"], body["errors"], body["code"]) == (False, [code], code)
    assert body["problemDetails"][0]["type"].startswith("https://")
    assert suite.verify(credential, checks=["proof"]).status_code == 200
    assert suite.verify(other).status_code == 200


def test_a_suspension_is_lifted_and_a_revocation_never(suite: Suite) -> None:
    credential = suite.issued()
    assert suite.set_status(credential["id"], "suspension", None).status_code == 200
    assert suite.verify(credential).status_code == 400
    assert suite.set_status(credential["id"], "suspension", False).status_code == 200
    assert suite.verify(credential).status_code == 200
    assert suite.set_status(credential["id"], "revocation").status_code == 200
    for purpose in ("revocation", "suspension"):
        refused = suite.set_status(credential["id"], purpose, False)
        assert refused.status_code in (400, 409), refused.text
        assert refused.json()["code"] in ("revocation_is_final", "status_final")
    assert suite.verify(credential).json()["errors"] == ["revoked"]
    assert suite.set_status(credential["id"], "revocation").status_code == 200  # said again, it still holds


def test_a_change_names_the_entry_that_it_means(suite: Suite) -> None:
    credential = suite.issued()
    entry = credential["credentialStatus"][0]
    wrong = suite.set_status(
        credential["id"],
        "revocation",
        statusListIndex="131071" if entry["statusListIndex"] != "131071" else "0",
    )
    assert (wrong.status_code, wrong.json()["code"]) == (400, "status_entry_mismatch")
    assert suite.verify(credential).status_code == 200
    stated = {name: entry[name] for name in ("id", "statusListIndex", "statusListCredential")}
    assert suite.set_status(credential["id"], "revocation", **stated).status_code == 200
    assert suite.verify(credential).status_code == 400


ENTRY = {"type": "BitstringStatusListEntry", "statusPurpose": "revocation"}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"credentialId": "urn:x:1"},
        {"credentialId": "", "credentialStatus": ENTRY},
        {"credentialId": "urn:x:1", "credentialStatus": {"type": "BitstringStatusListEntry"}},
        {"credentialId": "urn:x:1", "credentialStatus": {**ENTRY, "type": "Other"}},
        {"credentialId": "urn:x:1", "credentialStatus": {**ENTRY, "statusPurpose": "message"}},
        {"credentialId": "urn:x:1", "credentialStatus": {**ENTRY, "statusListIndex": 4}},
        {"credentialId": "urn:x:1", "credentialStatus": ENTRY, "status": "true"},
        {"credentialId": "urn:x:1", "credentialStatus": ENTRY, "reason": "other"},
    ],
)
def test_malformed_changes_are_400(suite: Suite, body: Any) -> None:
    response = suite.post("/credentials/status", body)
    assert (response.status_code, response.headers["Content-Type"]) == (400, "application/problem+json")


def test_credentials_that_are_not_known_have_no_status(suite: Suite) -> None:
    assert suite.set_status("urn:uuid:other", "revocation").status_code == 404
    plain = suite.issue(suite.unsigned(), endpoint=suite.plain).json()
    assert suite.set_status(plain["id"], "revocation").status_code == 404


def test_a_credential_without_an_id_goes_by_another_name(suite: Suite) -> None:
    unnamed = suite.unsigned()
    del unnamed["id"]
    credential = suite.issue(unnamed, credentialId="urn:example:name").json()
    assert "id" not in credential
    assert suite.set_status("urn:example:name", "revocation").status_code == 200
    assert suite.verify(credential).json()["errors"] == ["revoked"]
    assert (
        suite.issue(suite.unsigned(), credentialId="urn:example:second").json()["code"]
        == "credential_id_stated"
    )
    assert (
        suite.issue(unnamed, endpoint=suite.plain, credentialId="urn:x:1").json()["code"]
        == "status_not_offered"
    )
    assert suite.issue(unnamed).status_code == 201  # it can be verified, and its status never changed


def test_a_list_of_tests_is_no_list_of_an_organisation(suite: Suite, entries: list[dict[str, Any]]) -> None:
    address = entries[0]["statusListCredential"].removeprefix(suite.base_url)
    assert suite.client.get(address.removeprefix("/vc-api")).status_code == 404


# lists of others: every way in which one says nothing -------------------------------------------------------------


def entry_of(purpose: str = "revocation", index: str = "4", **members: Any) -> dict[str, Any]:
    return {
        "id": f"{LIST_URI}#entry",
        "type": "BitstringStatusListEntry",
        "statusPurpose": purpose,
        "statusListIndex": index,
        "statusListCredential": LIST_URI,
        **members,
    }


@pytest.fixture
def others(suite: Suite) -> Suite:
    suite.lists.contents.clear()
    suite.lists.asked.clear()
    return suite


def status_of(suite: Suite, credential: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    response = suite.verify(credential)
    [step] = [step for step in response.json()["report"]["steps"] if step["step"] == "status"]
    return response.status_code, step


@pytest.mark.parametrize(("index", "wanted"), [("4", (200, "not_revoked")), ("7", (400, "revoked"))])
def test_a_list_of_another_is_read(others: Suite, index: str, wanted: tuple[int, str]) -> None:
    status, step = status_of(others, others.publish(entry=entry_of(index=index)))
    assert (status, step["code"]) == wanted
    assert others.lists.asked == [LIST_URI]


PLAIN_BITS = "u" + base64.urlsafe_b64encode(bytes(MIN_BYTES)).decode().rstrip("=")
VERIFICATION, LENGTH = ERRORS + "STATUS_VERIFICATION_ERROR", ERRORS + "STATUS_LIST_LENGTH_ERROR"
RANGE = "https://www.w3.org/TR/vc-data-model#RANGE_ERROR"


@pytest.mark.parametrize(
    ("changes", "index", "code", "error"),
    [
        ({"statusPurpose": "suspension"}, "4", "status_list_wrong_purpose", VERIFICATION),
        ({"encodedList": encode_list(131_064, 1, {})}, "4", "status_list_too_short", LENGTH),
        ({}, "131072", "status_index_out_of_range", RANGE),
        ({"encodedList": encode_list(131_072, 1, {})[1:]}, "4", "status_list_malformed", VERIFICATION),
        ({"encodedList": PLAIN_BITS}, "4", "status_list_malformed", VERIFICATION),
    ],
)
def test_a_list_that_is_wrong_never_says_not_revoked(
    others: Suite, changes: dict[str, Any], index: str, code: str, error: str
) -> None:
    credential = others.publish(entry=entry_of(index=index), **changes)
    body = others.verify(credential).json()
    _, step = status_of(others, credential)
    assert (step["outcome"], step["code"]) == ("indeterminate", code)
    assert body["report"]["verdict"] != "valid"
    assert [item["type"] for item in body["problemDetails"] if item["type"].endswith("_ERROR")] == [error]


def test_several_purposes_of_one_list(others: Suite) -> None:
    credential = others.publish(entry=entry_of(index="4"), statusPurpose=["revocation", "suspension"])
    assert status_of(others, credential)[1]["code"] == "not_revoked"


def test_a_list_that_cannot_be_had(others: Suite) -> None:
    credential = others.publish(entry=entry_of())
    others.lists.contents.clear()
    _, step = status_of(others, credential)
    assert (step["outcome"], step["problems"][0]["type"]) == (
        "indeterminate",
        ERRORS + "STATUS_RETRIEVAL_ERROR",
    )


MESSAGES = [{"status": f"0x{value}", "message": f"message {value}"} for value in range(4)]


@pytest.mark.parametrize(("value", "told"), [(0, "message 0"), (1, "message 1"), (3, "message 3")])
def test_messages_of_several_bits(others: Suite, value: int, told: str) -> None:
    """Section 2.1: the entry's `statusSize` says how wide entries are; the suite's own count of messages is not that of
    the specification, which is 2 to the power of `statusSize`."""
    entry = entry_of("message", statusSize=2, statusMessage=MESSAGES)
    credential = others.publish(entry=entry, encodedList=encode_list(131_072, 2, {4: value}))
    status, step = status_of(others, credential)
    assert (status, step["outcome"]) == (200, "passed")
    assert (step["details"]["entries"][0]["value"], step["details"]["entries"][0]["message"]) == (value, told)


@pytest.mark.parametrize(
    "members",
    [
        {"statusSize": 0},
        {"statusSize": 9},
        {"statusSize": "2", "statusMessage": MESSAGES},
        {"statusSize": 2},
        {"statusSize": 1, "statusMessage": MESSAGES},
        {"statusSize": 2, "statusMessage": [*MESSAGES, MESSAGES[0]]},
        {"statusSize": 2, "statusMessage": [{"status": "0x0"}]},
        {"statusSize": 2, "statusMessage": [{"status": 0, "message": "number"}]},
        {"statusSize": 2, "statusMessage": [{"status": "4", "message": "no prefix"}]},
        {"statusSize": 2, "statusMessage": [{"status": "0x4", "message": "out of range"}]},
    ],
)
def test_messages_that_are_malformed_fail(members: dict[str, Any]) -> None:
    with pytest.raises(StatusEntryError):
        parse_status_entries({"credentialStatus": entry_of("message", **members)})


def test_a_list_of_wide_entries_is_read_by_the_size_of_the_entry(others: Suite) -> None:
    """131,072 bits of two each are too few entries to hide anybody in."""
    entry = entry_of("message", statusSize=2, statusMessage=MESSAGES)
    credential = others.publish(entry=entry, encodedList=encode_list(131_072, 1, {}))
    assert status_of(others, credential)[1]["code"] == "status_list_too_short"


def test_an_expired_list_tells_nothing_more(others: Suite) -> None:
    credential = others.publish(entry=entry_of())
    listed = others.lists.contents[LIST_URI]
    assert status_of(others, credential)[1]["code"] == "not_revoked"
    before = others.clock.instant
    try:
        ended = others.issue(
            {
                **without_proof(listed),
                "validUntil": (before + timedelta(hours=1)).isoformat().replace("+00:00", "Z"),
            },
            endpoint=others.plain,
        )
        others.lists.contents[LIST_URI] = ended.content
        others.clock.advance(hours=2)
        assert status_of(others, credential)[1]["code"] == "status_list_stale"
    finally:
        others.clock.instant = before
    assert parse_instant(ended.json()["validUntil"]) > before


def without_proof(content: bytes) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(content)
    del document["proof"]
    return document
