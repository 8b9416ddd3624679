"""Every MUST of the data model that can be told from the document alone, as tables of one fault each."""

from __future__ import annotations

import base64
import copy
import hashlib
import re
from collections.abc import Callable

import pytest

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.encoding.multibase import encode_multibase
from skillcred.model.conformance import check_conformance
from skillcred.model.findings import MAX_PROBLEMS, is_url
from skillcred.model.outcomes import MALFORMED_VALUE_ERROR, PARSING_ERROR, RANGE_ERROR

V2 = "https://www.w3.org/ns/credentials/v2"
V1 = "https://www.w3.org/2018/credentials/v1"
RESOURCE = b'{"@context": {}}'
RESOURCE_URL = "https://example.org/context/v1"
SRI = "sha256-" + base64.b64encode(hashlib.sha256(RESOURCE).digest()).decode()
SRI_512 = "sha512-" + base64.b64encode(hashlib.sha512(RESOURCE).digest()).decode()
MULTIBASE = encode_multibase(b"\x12\x20" + hashlib.sha256(RESOURCE).digest())
OTHER_SRI = "sha256-" + base64.b64encode(hashlib.sha256(b"other").digest()).decode()

CREDENTIAL: JsonObject = {
    "@context": [V2],
    "id": "urn:uuid:9c9a36f8-518f-4976-a934-6649502d0008",
    "type": ["VerifiableCredential", "https://example.org/#Thing"],
    "name": [{"@value": "Dog", "@language": "en"}, {"@value": "ውሻ", "@language": "am"}],
    "issuer": {"id": "did:example:issuer", "name": "Issuer"},
    "validFrom": "2024-01-01T00:00:00Z",
    "validUntil": "2024-01-01T03:00:00+03:00",
    "credentialSubject": {"id": "did:example:subject"},
    "credentialStatus": [{"type": "Status"}, {"id": "https://example.org/status#1", "type": "Status"}],
    "credentialSchema": {"id": "https://example.org/schema", "type": "JsonSchema"},
    "evidence": {"type": ["Evidence"]},
    "termsOfUse": {"type": "Policy", "id": "did:example:terms"},
    "refreshService": {"type": "Refresh"},
    "relatedResource": [{"id": RESOURCE_URL, "digestSRI": SRI, "digestMultibase": MULTIBASE}],
    "proof": {"type": "DataIntegrityProof"},
}
CREDENTIAL_1: JsonObject = {
    "@context": [V1, {"Term": "https://example.org/#Term"}],
    "type": ["VerifiableCredential"],
    "issuer": "https://example.org/issuer",
    "issuanceDate": "2020-01-01T00:00:00Z",
    "expirationDate": "2030-01-01T00:00:00Z",
    "credentialSubject": [{"id": "did:example:a"}, {"name": "b"}],
    "credentialStatus": {"id": "https://example.org/status#1", "type": "RevocationList"},
}
PRESENTATION: JsonObject = {
    "@context": [V2],
    "type": "VerifiablePresentation",
    "holder": {"id": "did:example:holder"},
    "verifiableCredential": [
        CREDENTIAL,
        {"@context": V2, "id": "data:application/vc+jwt,a.b.c", "type": "EnvelopedVerifiableCredential"},
    ],
}


def put(base: JsonObject, path: str, value: JsonValue) -> JsonObject:
    """A copy of `base` with `value` at `path`; `...` takes the member away."""
    document = copy.deepcopy(base)
    node: JsonValue = document
    *parents, last = path.split(".")
    for part in parents:
        node = node[int(part)] if isinstance(node, list) else node[part]  # type: ignore[index,call-overload]
    if value is ...:
        del node[last]  # type: ignore[union-attr,arg-type]
    else:
        node[int(last) if isinstance(node, list) else last] = value  # type: ignore[index,call-overload]
    return document


def place(path: str, fault: str) -> tuple[str, str]:
    """Code and pointer of an expected problem: at `path` itself, unless `fault` names another pointer."""
    code, _, pointer = fault.partition(" ")
    return code, pointer or "/" + path.replace("/", "~1").replace(".", "/")


def found(document: JsonObject) -> set[tuple[str, str | None]]:
    return {
        (p.code, p.pointer) for p in check_conformance(document, known_resources={RESOURCE_URL: RESOURCE})
    }


@pytest.mark.parametrize("document", [CREDENTIAL, CREDENTIAL_1, PRESENTATION])
def test_conforming_documents_have_no_problems(document: JsonObject) -> None:
    assert found(document) == set()


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ("@context", ..., "context_missing"),
        ("@context", V2, "context_not_list"),
        ("@context", [], "context_not_list"),
        ("@context", [{"a": "https://a.example/"}, V2], "context_base_missing /@context/0"),
        ("@context", ["https://www.w3.org/ns/credentials/v3"], "context_base_missing /@context/0"),
        ("@context", [V2, 123], "context_malformed /@context/1"),
        ("@context", [V2, "https ://not-a-url"], "context_malformed /@context/1"),
        ("id", "https ://not-a-url", "id_malformed"),
        ("id", ["https://a.example", "https://b.example"], "id_malformed"),
        ("id", None, "id_malformed"),
        ("id", "", "id_malformed"),
        ("id", "_:b0", "id_malformed"),
        ("id", "//host/x", "id_malformed"),
        ("type", ..., "type_missing"),
        ("type", [], "type_missing"),
        ("type", ["Other"], "type_required_missing"),
        ("type.1", 7, "type_malformed"),
        ("type.1", "has space", "type_malformed"),
        ("name", 3, "text_malformed"),
        ("name.1", {"@value": "x", "@language": "e n"}, "text_malformed"),
        ("description", {"@value": "x", "url": "did:x:y"}, "text_malformed"),
        ("issuer", ..., "issuer_missing"),
        ("issuer", None, "issuer_malformed"),
        ("issuer", "fake", "issuer_malformed"),
        ("issuer", ["did:example:a"], "issuer_malformed"),
        ("issuer.id", ..., "id_missing"),
        ("issuer.id", "fake", "id_malformed"),
        ("issuer.name", {"@value": "x", "@foo": "y"}, "text_malformed"),
        ("validFrom", "2024-01-01", "datetime_malformed"),
        ("validFrom", "2024-01-01T00:00:00", "datetime_malformed"),
        ("validFrom", 20240101, "datetime_malformed"),
        ("validUntil", None, "datetime_malformed"),
        ("validUntil", "2024-01-01T02:59:59+03:00", "period_inverted"),
        ("credentialSubject", ..., "subject_missing"),
        ("credentialSubject", {}, "subject_empty"),
        ("credentialSubject", [], "subject_empty"),
        ("credentialSubject", [{"id": "did:x:y"}, {}], "subject_empty /credentialSubject/1"),
        ("credentialSubject", "did:example:subject", "subject_malformed"),
        ("credentialSubject.id", ["did:a:b", "did:c:d"], "id_malformed"),
        ("credentialStatus.0.type", ..., "type_missing"),
        ("credentialStatus.0.type", 2, "type_malformed"),
        ("credentialStatus.1.id", "nowhere", "id_malformed"),
        ("credentialStatus", "https://example.org/1", "credential_status_malformed"),
        ("credentialSchema.id", ..., "id_missing"),
        ("credentialSchema.type", ..., "type_missing"),
        ("evidence.type", [], "type_missing"),
        ("evidence", ["x"], "evidence_malformed /evidence/0"),
        ("termsOfUse.type", ..., "type_missing"),
        ("refreshService.type", ..., "type_missing"),
        ("relatedResource", "https://example.org", "related_resource_malformed"),
        ("relatedResource.0.id", ..., "related_resource_id_malformed"),
        ("relatedResource.0.digestSRI", "md5-abc", "digest_malformed"),
        ("relatedResource.0.digestSRI", "sha256-AAAA", "digest_malformed"),
        ("relatedResource.0.digestSRI", "", "digest_malformed"),
        ("relatedResource.0.digestSRI", OTHER_SRI, "related_resource_digest_mismatch"),
        ("relatedResource.0.digestMultibase", "zQmNot", "digest_malformed"),
        ("relatedResource.0.digestMultibase", 5, "digest_malformed"),
        ("relatedResource.0", {"id": RESOURCE_URL}, "related_resource_digest_missing"),
        ("proof.type", ..., "type_missing"),
        ("proof", "z123", "proof_malformed"),
    ],
)  # fmt: skip
def test_fault_of_a_credential(path: str, value: JsonValue, fault: str) -> None:
    assert place(path, fault) in found(put(CREDENTIAL, path, value))


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        pytest.param("validUntil", None, "datetime_malformed", id="L-05-null-valid-until"),
        pytest.param("credentialStatus", None, "credential_status_malformed", id="L-05-null-status"),
        pytest.param("credentialStatus", [], "empty_value", id="L-05-no-status"),
        pytest.param("evidence", {}, "empty_value", id="L-05-empty-evidence"),
        pytest.param("evidence", [], "empty_value", id="L-05-no-evidence"),
        pytest.param("credentialSubject.claim", None, "null_value", id="L-05-null-claim"),
        pytest.param("credentialSubject.a/b", [[]], "empty_value /credentialSubject/a~1b/0", id="L-05-deep"),
        pytest.param("credentialSubject.n", 2**53, "number_not_exact", id="P-04-2-53"),
        pytest.param("credentialSubject.n", -(10**300), "number_not_exact", id="P-04-309-digits"),
        pytest.param("credentialSubject.n", 0.1, "number_not_exact", id="P-04-fraction"),
        pytest.param("credentialSubject.n", 1.0, "number_not_exact", id="L-18-1.0"),
        pytest.param("credentialSubject.n", -0.0, "number_not_exact", id="L-18-minus-zero"),
        pytest.param("credentialSubject.n", 1e21, "number_not_exact", id="L-18-1e21"),
    ],
)  # fmt: skip
def test_values_that_no_member_may_hold(path: str, value: JsonValue, fault: str) -> None:
    assert place(path, fault) in found(put(CREDENTIAL, path, value))


@pytest.mark.parametrize("number", [0, 1, -1, 2**53 - 1, -(2**53 - 1), True])
def test_l_18_exact_numbers_are_accepted(number: int) -> None:
    assert found(put(CREDENTIAL, "credentialSubject.n", number)) == set()


@pytest.mark.parametrize(
    "stamp",
    [
        "2026-02-30T00:00:00Z", "2026-01-01T24:00:01Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00",
        "2026-01-01T00:00:00+14:01", "0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "2026-01-01t00:00:00Z",
        "2026-01-01T00:00:00z", "2026-01-01T00:00:00." + "1" * 60 + "Z", "Sat 25 Feb 2023 07:16:31 PM CST",
        "٢٠٢٦-٠١-٠١T٠٠:٠٠:٠٠Z",
    ],
    ids=lambda stamp: f"P-15-{stamp[:30]}",
)  # fmt: skip
def test_p_15_instants_refused(stamp: str) -> None:
    assert ("datetime_malformed", "/validFrom") in found(put(CREDENTIAL, "validFrom", stamp))


@pytest.mark.parametrize(
    "value", [0, 1767225600, True, ["2026-01-01T00:00:00Z"], {"@value": "2026-01-01T00:00:00Z"}]
)
def test_p_15_an_instant_is_text(value: JsonValue) -> None:
    assert ("datetime_malformed", "/validFrom") in found(put(CREDENTIAL, "validFrom", value))


@pytest.mark.parametrize(
    "stamp",
    [
        "2026-01-01T24:00:00Z", "2026-01-01T24:00:00.000Z", "2026-01-01T00:00:00-00:00",
        "2026-01-01T24:00:00-00:00", "2026-01-01T00:00:00+14:00", "2026-01-01T00:00:00-14:00",
        "2026-01-01T00:00:00." + "1" * 40 + "Z",
    ],
    ids=lambda stamp: f"P-15-{stamp[:30]}",
)  # fmt: skip
def test_p_15_every_spelling_of_xsd_is_accepted(stamp: str) -> None:
    """XSD 1.1 part 2, section 3.3.7.2: end of day as 24:00:00, and offsets of both signs up to 14:00."""
    assert _XSD_STAMP.fullmatch(stamp)
    assert ("datetime_malformed", "/validFrom") not in found(put(CREDENTIAL, "validFrom", stamp))


_XSD_STAMP = re.compile(
    r"-?([1-9][0-9]{3,}|0[0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"T(([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?|(24:00:00(\.0+)?))"
    r"(Z|(\+|-)((0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
)


@pytest.mark.parametrize(
    ("start", "end", "inverted"),
    [
        ("2026-01-01T00:00:00+14:00", "2025-12-31T10:00:00Z", False),
        ("2026-01-01T00:00:00+14:00", "2025-12-31T09:59:59Z", True),
        ("2026-01-01T24:00:00Z", "2026-01-02T00:00:00Z", False),
    ],
)
def test_p_15_periods_are_compared_in_utc(start: str, end: str, inverted: bool) -> None:
    document = put(put(CREDENTIAL, "validFrom", start), "validUntil", end)
    assert (("period_inverted", "/validUntil") in found(document)) is inverted


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ("issuanceDate", ..., "datetime_missing"),
        ("issuanceDate", "yesterday", "datetime_malformed"),
        ("expirationDate", "2019-12-31T23:59:59Z", "period_inverted"),
        ("credentialStatus.id", ..., "id_missing"),
        ("refreshService", {"type": "Refresh"}, "id_missing /refreshService/id"),
    ],
)
def test_fault_of_a_credential_of_version_1(path: str, value: JsonValue, fault: str) -> None:
    assert place(path, fault) in found(put(CREDENTIAL_1, path, value))


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ("holder", "fake", "holder_malformed"),
        ("holder", {"name": "Acme"}, "id_missing /holder/id"),
        ("type", ["Other"], "type_required_missing"),
        ("verifiableCredential", ["a.b.c"], "credential_not_object /verifiableCredential/0"),
        ("verifiableCredential.0", {"type": []}, "type_missing /verifiableCredential/0/type"),
        ("verifiableCredential.0.issuer", ..., "issuer_missing"),
        ("verifiableCredential.0", {"type": "VerifiablePresentation"}, "credential_expected"),
        ("verifiableCredential.1.id", "https://a.example/", "envelope_malformed"),
        ("verifiableCredential.1.id", "data:application/vc+jwt;a.b.c", "envelope_malformed"),
        ("verifiableCredential.1.@context", ..., "context_base_missing"),
    ],
)  # fmt: skip
def test_fault_of_a_presentation(path: str, value: JsonValue, fault: str) -> None:
    assert place(path, fault) in found(put(PRESENTATION, path, value))


def test_presentation_of_version_1_may_hold_credentials_as_text() -> None:
    document: JsonObject = {
        "@context": [V1], "type": ["VerifiablePresentation"], "verifiableCredential": ["a.b.c"]
    }  # fmt: skip
    assert found(document) == set()


def test_all_problems_are_reported_with_types_of_the_specification() -> None:
    document = put(put(put(CREDENTIAL, "issuer", ...), "validUntil", "2000-01-01T00:00:00Z"), "id", "x")
    problems = {p.code: p.type for p in check_conformance(document)}
    assert problems == {
        "id_malformed": MALFORMED_VALUE_ERROR,
        "issuer_missing": MALFORMED_VALUE_ERROR,
        "period_inverted": RANGE_ERROR,
    }
    assert [p.type for p in check_conformance([])] == [PARSING_ERROR]  # type: ignore[arg-type]


def test_messages_do_not_repeat_what_was_sent() -> None:
    secret = "did-not-a-url-4711"
    document = put(put(CREDENTIAL, "id", secret), "issuer.id", secret)
    assert not [p for p in check_conformance(document) if secret in p.message]


def test_repeated_related_resource() -> None:
    document = put(CREDENTIAL, "relatedResource", [{"id": RESOURCE_URL, "digestSRI": SRI}] * 2)
    assert found(document) == {("related_resource_repeated", "/relatedResource/1/id")}


@pytest.mark.parametrize(
    ("digest", "codes"),
    [
        (f"{OTHER_SRI} {SRI}", set()),
        (f"{SRI} {SRI_512}", set()),
        (f"{SRI}?option", set()),
        (f"{OTHER_SRI} {SRI_512}", set()),
        (f"{SRI} sha512-{base64.b64encode(bytes(64)).decode()}", {"related_resource_digest_mismatch"}),
        (f"{SRI} garbage", {"digest_malformed"}),
    ],
)
def test_strongest_digest_decides(digest: str, codes: set[str]) -> None:
    document = put(CREDENTIAL, "relatedResource", {"id": RESOURCE_URL, "digestSRI": digest})
    assert {code for code, _ in found(document)} == codes


def test_digest_of_a_resource_we_do_not_hold_is_only_checked_for_form() -> None:
    document = put(
        CREDENTIAL, "relatedResource.0", {"id": "https://elsewhere.example/", "digestSRI": OTHER_SRI}
    )
    assert found(document) == set()


def test_number_of_problems_is_bounded() -> None:
    document = put(CREDENTIAL, "credentialSubject.claims", [None] * 5000)
    assert len(check_conformance(document)) == MAX_PROBLEMS


def test_p_05_nesting_does_not_end_the_process() -> None:
    deep: JsonValue = "x"
    for _ in range(100_000):
        deep = [deep]
    assert found({**CREDENTIAL, "credentialSubject": {"claim": deep}}) == set()


@pytest.mark.parametrize(
    ("url", "good"),
    [
        pytest.param("https://example.org/a?b#c", True, id="https"),
        pytest.param("did:key:z6Mk#z6Mk", True, id="did-url"),
        pytest.param("urn:uuid:0c4a1de2-7c3b-4a55-8d5e-3f6d7a9b8e01", True, id="urn"),
        pytest.param("https://example.org/ትምህርት", True, id="international"),
        pytest.param("https://good@evil.example/", False, id="P-16-user"),
        pytest.param("https:///path", False, id="no-host"),
        pytest.param("https://a.example/\t", False, id="P-16-tab"),
        pytest.param("https://a.example\\b", False, id="P-16-backslash"),
        pytest.param("https://a.example/\u0085", False, id="P-09-c1"),
        pytest.param("did:x:<y>", False, id="L-03-angle"),
        pytest.param("relative/path", False, id="relative"),
        pytest.param(None, False, id="null"),
    ],
)
def test_url(url: JsonValue, good: bool) -> None:
    assert is_url(url) is good


@pytest.mark.parametrize("check", [is_url])
def test_p_17_url_takes_linear_time(check: Callable[[JsonValue], bool]) -> None:
    assert not check("a" * 1_000_000)
    assert not check("https://" + "a" * 1_000_000 + " ")
