"""What is signed: golden canonical forms, and every way in which a claim could escape the signature."""

from __future__ import annotations

import copy
import json
import threading
from pathlib import Path
from typing import Any

import pytest
from pyld import jsonld

from skillcred.linkeddata import (
    BUNDLED_CONTEXTS,
    OB_3_0_3,
    OWN_CONTEXT_SKILL,
    V2,
    LinkedDataError,
    LinkedDataLimitError,
    canonicalise,
)

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.json"))


def credential(**members: Any) -> dict[str, Any]:
    """A small valid credential; None removes a member."""
    document: dict[str, Any] = {
        "@context": [V2, OB_3_0_3],
        "id": "urn:uuid:3f1c2b1e-9d53-4a0c-8d0e-0d7b2c1d9a11",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": "did:example:issuer", "type": ["Profile"], "name": "Institute"},
        "validFrom": "2026-03-01T00:00:00Z",
        "credentialSubject": {
            "id": "did:example:subject",
            "type": ["AchievementSubject"],
            "achievement": {"type": ["Achievement"], "name": "Welder", "criteria": {"narrative": "Weld."}},
        },
    }
    document.update(members)
    return {name: value for name, value in document.items() if value is not None}


def subject(**members: Any) -> dict[str, Any]:
    """The same credential with other members in its subject."""
    document = credential()
    document["credentialSubject"].update(members)
    return document


def load(url: str, _: object) -> dict[str, Any]:
    document = json.loads(BUNDLED_CONTEXTS.content(url))
    return {"contextUrl": None, "documentUrl": url, "document": document}


def pyld_form(document: dict[str, Any]) -> bytes:
    options = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": load}
    return str(jsonld.normalize(document, options)).encode()


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: f"L-23-{path.stem}")
def test_golden_documents_keep_their_canonical_form(path: Path) -> None:
    canonical = canonicalise(json.loads(path.read_text(encoding="utf-8")))
    assert canonical.nquads == path.with_suffix(".nq").read_bytes()
    assert canonical.road == "fast"


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_the_canonical_form_is_that_of_pyld(path: Path) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    assert canonicalise(document).nquads == pyld_form(document)


def test_labels_say_what_became_of_each_blank_node() -> None:
    labels = canonicalise(credential()).labels
    assert sorted(labels.values()) == ["c14n0", "c14n1"]
    with pytest.raises(TypeError):
        labels["b0"] = "c14n9"  # type: ignore[index]


def test_a_valid_credential_passes_and_is_not_changed() -> None:
    document = credential()
    before = copy.deepcopy(document)
    assert canonicalise(document).nquads == pyld_form(document)
    assert document == before


STATUS = {"id": "https://e.example/1#2", "type": "BitstringStatusListEntry", "statusPurpose": "revocation"}
REFUSED = [
    # L-01, L-02: what the contexts do not define
    pytest.param(
        subject(licenceNumber="X1"), "undefined_term", "/credentialSubject/licenceNumber", id="L-01-subject"
    ),
    pytest.param(credential(newProp=1), "undefined_term", "/newProp", id="L-01-top"),
    pytest.param(
        credential(issuer={"id": "did:example:issuer", "rank": "A"}),
        "undefined_term",
        "/issuer/rank",
        id="L-01-issuer",
    ),
    pytest.param(
        credential(credentialStatus={**STATUS, "extra": "x"}),
        "undefined_term",
        "/credentialStatus/extra",
        id="L-01-status",
    ),
    pytest.param(
        {"@context": [V2], "type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022", "trust": "me"},
        "undefined_term",
        "/trust",
        id="L-01-proof-options",
    ),
    pytest.param(credential(__proto__={"a": "b"}), "undefined_term", "/__proto__", id="P-11-proto"),
    pytest.param(
        subject(type=["AchievementSubject", "Surgeon"]),
        "undefined_type",
        "/credentialSubject/type/1",
        id="L-02",
    ),
    pytest.param(
        subject(type="Surgeon", achievement=None),
        "empty_value",
        "/credentialSubject/achievement",
        id="L-05-order",
    ),
    pytest.param(
        {"@context": [V2], "type": "DataIntegrityProof", "proofPurpose": "graduation"},
        "relative_iri",
        "/proofPurpose",
        id="L-02-unmapped-vocabulary-value",
    ),
    # L-03: identifiers
    *(
        pytest.param(
            subject(evidence=[{"id": bad, "type": "Evidence"}]),
            code,
            "/credentialSubject/evidence/0/id",
            id=f"L-03-id-{n}",
        )
        for n, (bad, code) in enumerate(
            [
                ("did:example:s ", "invalid_iri"),
                ("https://e.example/<x>", "invalid_iri"),
                ('https://e.example/"', "invalid_iri"),
                ("https://e.example/\n", "invalid_iri"),
                ("https://e.example/`", "invalid_iri"),
                ("https://e.example/{x}", "invalid_iri"),
                ("https://e.example/%zz", "invalid_iri"),
                ("https://e.example/\u202e", "invalid_iri"),
                ("https://", "invalid_iri"),
                ("https:e.example", "invalid_iri"),
                ("", "relative_iri"),
                ("#frag", "relative_iri"),
                ("//host/x", "relative_iri"),
                ("../x", "relative_iri"),
                ("x", "relative_iri"),
                ("_:b0", "blank_node_id"),
            ]
        )
    ),
    pytest.param(
        subject(id="https://e.example/\x01"), "control_character", "/credentialSubject/id", id="L-03-control"
    ),
    pytest.param(subject(id=["did:example:s"]), "invalid_iri", "/credentialSubject/id", id="L-03-id-array"),
    pytest.param(
        subject(type=["AchievementSubject", "a b:c"]),
        "relative_iri",
        "/credentialSubject/type/1",
        id="L-03-type",
    ),
    pytest.param(
        subject(type=["AchievementSubject", "_:t"]),
        "blank_node_id",
        "/credentialSubject/type/1",
        id="L-03-type-blank",
    ),
    pytest.param(
        subject(type=["AchievementSubject", 1]),
        "undefined_type",
        "/credentialSubject/type/1",
        id="L-03-type-number",
    ),
    pytest.param(subject(type=[]), "empty_value", "/credentialSubject/type", id="L-03-type-empty"),
    pytest.param(credential(issuer="institute"), "relative_iri", "/issuer", id="L-03-reference"),
    pytest.param(credential(issuer="did:example:a b"), "invalid_iri", "/issuer", id="L-03-reference-space"),
    # L-04: language and value objects
    pytest.param(
        credential(name={"@value": "x", "@language": 'en .\n<did:a> <b:c> "y"@en'}),
        "language_tag",
        "/name/@language",
        id="L-04-hidden-quad",
    ),
    pytest.param(
        credential(name={"@value": "x", "@language": "en_US"}),
        "language_tag",
        "/name/@language",
        id="L-04-not-bcp47",
    ),
    pytest.param(
        credential(name={"@value": "x", "@language": "ar", "@direction": "rtl"}),
        "direction_not_protected",
        "/name/@direction",
        id="L-04-direction",
    ),
    pytest.param(
        credential(name={"@value": "x", "@direction": "up"}),
        "value_object",
        "/name/@direction",
        id="L-04-bad-direction",
    ),
    pytest.param(
        credential(name={"@value": "x", "@type": "a b"}), "value_object", "/name", id="L-04-datatype"
    ),
    pytest.param(credential(name={"@value": "x"}), "value_object", "/name", id="L-04-value-alone"),
    pytest.param(
        credential(name={"@value": 1, "@language": "en"}), "value_object", "/name", id="L-04-number"
    ),
    pytest.param(
        credential(name={"@value": "x", "@language": "en", "id": "a:b"}),
        "value_object",
        "/name",
        id="L-04-more",
    ),
    pytest.param(
        credential(name={"@language": "en"}), "keyword_not_allowed", "/name/@language", id="L-04-no-value"
    ),
    # L-05: what disappears
    *(
        pytest.param(document, "empty_value", pointer, id=f"L-05-{n}")
        for n, (document, pointer) in enumerate(
            [
                ({**credential(), "validUntil": None}, "/validUntil"),
                ({**credential(), "credentialStatus": None}, "/credentialStatus"),
                ({**credential(), "evidence": []}, "/evidence"),
                ({**credential(), "evidence": {}}, "/evidence"),
                ({**credential(), "evidence": [{}]}, "/evidence/0"),
                ({**credential(), "name": [None]}, "/name/0"),
                ({"@context": [V2]}, ""),
            ]
        )
    ),
    pytest.param(subject(tag=[["a"]]), "nested_array", "/credentialSubject/tag/0", id="L-05-nested-array"),
    # L-06, L-07: contexts in the wrong place
    pytest.param(
        credential(credentialSubject={"@context": [V2], "id": "a:b"}),
        "nested_context",
        "/credentialSubject/@context",
        id="L-07-subject",
    ),
    pytest.param(
        credential(evidence=[{"@context": None, "id": "a:b"}]),
        "nested_context",
        "/evidence/0/@context",
        id="L-07-item",
    ),
    pytest.param(
        credential(proof={"@context": {}, "type": "DataIntegrityProof"}),
        "nested_context",
        "/proof/@context",
        id="L-07-proof",
    ),
    # L-11: keywords, absolute names, prefixes
    *(
        pytest.param(
            credential(**{name: [{"id": "a:b"}]}), "keyword_not_allowed", f"/{name}", id=f"L-11-{name}"
        )
        for name in [
            "@included",
            "@reverse",
            "@graph",
            "@nest",
            "@index",
            "@set",
            "@list",
            "@json",
            "@foo",
            "@id",
            "@type",
        ]
    ),
    pytest.param(
        credential(type=["VerifiableCredential", "@json"]),
        "keyword_not_allowed",
        "/type/1",
        id="L-11-type-json",
    ),
    pytest.param(
        credential(**{"https://www.w3.org/2018/credentials#credentialStatus": STATUS}),
        "undefined_term",
        "/https:~1~1www.w3.org~12018~1credentials#credentialStatus",
        id="L-11-status-hidden-behind-its-IRI",
    ),
    pytest.param(
        credential(
            type=[
                "VerifiableCredential",
                "https://purl.imsglobal.org/spec/vc/ob/vocab.html#OpenBadgeCredential",
            ]
        ),
        "iri_for_term",
        "/type/1",
        id="L-11-type-hidden-behind-its-IRI",
    ),
    pytest.param(
        {
            "@context": [V2],
            "type": "DataIntegrityProof",
            "proofPurpose": "https://w3id.org/security#assertionMethod",
        },
        "iri_for_term",
        "/proofPurpose",
        id="L-11-purpose-hidden-behind-its-IRI",
    ),
    # L-13: merging
    pytest.param(
        subject(
            evidence={"id": "urn:uuid:3f1c2b1e-9d53-4a0c-8d0e-0d7b2c1d9a11", "issuer": "did:example:evil"}
        ),
        "duplicate_id",
        "/credentialSubject/evidence/id",
        id="L-13-own-id",
    ),
    pytest.param(
        subject(achievement={"type": ["Achievement"], "name": "n", "creator": {"id": "did:example:issuer"}}),
        "duplicate_id",
        "/credentialSubject/achievement/creator/id",
        id="L-13-bare-object-beside-definition",
    ),
    pytest.param(
        credential(evidence=[{"id": "a:b", "name": True}, {"id": "a:b", "name": 1}]),
        "duplicate_id",
        "/evidence/1/id",
        id="L-13-true-is-not-1",
    ),
    # M9: said twice
    pytest.param(
        credential(type=["VerifiableCredential", "VerifiableCredential"]),
        "duplicate_value",
        None,
        id="M9-type-twice",
    ),
    pytest.param(
        credential(type=["VerifiableCredential", "OpenBadgeCredential", "AchievementCredential"]),
        "duplicate_value",
        None,
        id="M9-two-terms-one-type",
    ),
    pytest.param(credential(name=["a", "a"]), "duplicate_value", "/name/1", id="M9-text-twice"),
    pytest.param(
        credential(name=[{"@value": "a", "@language": "en"}, {"@value": "a", "@language": "EN"}]),
        "duplicate_value",
        "/name/1/@value",
        id="M9-language-case",
    ),
    pytest.param(
        credential(evidence=[{"id": "a:b", "name": "c"}] * 2),
        "duplicate_value",
        "/evidence/1/id",
        id="M9-object-twice",
    ),
    # L-18, M7: numbers
    *(
        pytest.param(
            subject(creditsEarned=number),
            "number_not_exact",
            "/credentialSubject/creditsEarned",
            id=f"L-18-{number}",
        )
        for number in [0.1, 1.0, 1e21, 2**53, -(2**53), 10**22, float("nan"), float("inf")]
    ),
    pytest.param(
        subject(creditsEarned="42"),
        "ambiguous_value",
        "/credentialSubject/creditsEarned",
        id="L-18-text-for-number",
    ),
    pytest.param(credential(validFrom=20260301), "ambiguous_value", None, id="L-18-number-for-text"),
    pytest.param(
        subject(identifier={"type": "IdentityObject", "hashed": "false"}),
        "ambiguous_value",
        "/credentialSubject/identifier/hashed",
        id="L-18-text-for-boolean",
    ),
    pytest.param(
        subject(identifier={"type": "IdentityObject", "hashed": 0}),
        "ambiguous_value",
        None,
        id="L-18-number-for-boolean",
    ),
    # P-07, P-09
    *(
        pytest.param(
            credential(name=f"a{character}b"), "control_character", "/name", id=f"P-09-{ord(character):04x}"
        )
        for character in "\x00\x08\x0b\x1f\x7f"
    ),
    pytest.param(credential(name="a\ud800"), "lone_surrogate", "/name", id="P-07-M10"),
    pytest.param(credential(**{"na\x00me": "x"}), "control_character", "/na\x00me", id="P-09-name"),
    pytest.param(credential(name=b"x"), "not_json", "/name", id="not-json"),
    pytest.param(credential(name=object()), "not_json", "/name", id="not-json-object"),
    # L-14: credentials in a presentation have contexts of their own, nothing else has
    pytest.param(
        {
            "@context": [V2],
            "type": "VerifiablePresentation",
            "verifiableCredential": [
                {"@context": ["https://evil.example/v1"], "type": "VerifiableCredential"}
            ],
        },
        "context_not_allowed",
        "/verifiableCredential/0/@context",
        id="L-14-embedded-credential-with-foreign-context",
    ),
    pytest.param(
        credential(evidence={"type": "Evidence", "verifiableCredential": credential()}),
        "nested_context",
        "/evidence/verifiableCredential/@context",
        id="L-14-credential-in-evidence",
    ),
    pytest.param(
        {
            "@context": [V2],
            "type": "VerifiablePresentation",
            "verifiableCredential": [{"type": ["VerifiableCredential"]}],
        },
        None,
        None,
        id="L-14-credential-without-context",
    ),
    pytest.param(
        credential(proof="did:example:proof"), "data_loss", "/proof", id="L-14-graph-that-says-nothing"
    ),
    pytest.param(
        credential(proof={"id": "did:example:proof"}), "data_loss", "/proof/id", id="L-14-graph-of-a-name"
    ),
    pytest.param({"@context": [V2], "id": "did:example:a"}, "data_loss", "", id="M9-only-an-id"),
]


@pytest.mark.parametrize(("document", "code", "pointer"), REFUSED)
def test_what_a_signature_would_not_protect_is_refused(
    document: dict[str, Any], code: str | None, pointer: str | None
) -> None:
    with pytest.raises(LinkedDataError) as refused:
        canonicalise(document)
    if code is not None:
        assert (refused.value.code, refused.value.pointer) == (code, pointer)


def test_prefixes_of_the_old_context_do_not_abbreviate_identifiers() -> None:
    document = {
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "type": ["VerifiableCredential"],
        "issuer": "did:example:a",
        "credentialSubject": {"id": "did:example:b"},
        "refreshService": {"id": "cred:x", "type": "ManualRefreshService2018"},
    }
    with pytest.raises(LinkedDataError) as refused:
        canonicalise(document)
    assert (refused.value.code, refused.value.pointer) == ("compact_iri", "/refreshService/id")


def test_equal_objects_with_one_id_may_repeat() -> None:
    issuer = {
        "id": "did:example:issuer",
        "type": ["Profile"],
        "name": "Institute",
        "address": {"type": "Address", "addressCountry": "PH"},
    }
    document = credential(issuer=issuer)
    document["credentialSubject"]["achievement"]["creator"] = copy.deepcopy(issuer)
    assert canonicalise(document).nquads == pyld_form(document)


def test_a_bare_reference_beside_a_definition_is_fine() -> None:
    document = credential(
        evidence=[{"id": "urn:uuid:1", "type": "Evidence", "name": "e"}], termsOfUse="urn:uuid:1"
    )
    assert canonicalise(document).nquads == pyld_form(document)


@pytest.mark.parametrize(
    "language", ["am", "ar-EG", "zh-Hans", "x-own", "sl-rozaj-biske", "en-a-bbb-x-a-ccc"]
)
def test_language_tags_are_signed_in_lower_case(language: str) -> None:
    nquads = canonicalise(credential(name={"@value": "x", "@language": language})).nquads
    assert f'"x"@{language.lower()} .'.encode() in nquads


@pytest.mark.parametrize(
    ("texts", "code", "pointer"),
    [
        pytest.param({}, "empty_value", "", id="empty"),
        pytest.param({"en_US": "x"}, "language_tag", "/en_US", id="L-04-tag"),
        pytest.param({"@none": "x"}, "language_tag", "/@none", id="L-11-none"),
        pytest.param({"en": 1}, "value_object", "/en", id="number"),
        pytest.param(
            {"en": {"@value": "x", "@language": "fr"}},
            "value_object",
            "/en/@value",
            id="other-language-inside",
        ),
        pytest.param({"en": {"name": "x"}}, None, None, id="object"),
        pytest.param({"en": None}, "empty_value", "/en", id="L-05-null"),
        pytest.param({"en": ["x", "x"]}, "duplicate_value", "/en/1", id="M9-twice"),
    ],
)
def test_language_maps(texts: dict[str, Any], code: str | None, pointer: str | None) -> None:
    document = credential(**{"@context": [V2, OB_3_0_3, OWN_CONTEXT_SKILL], "nameTranslations": texts})
    with pytest.raises(LinkedDataError) as refused:
        canonicalise(document)
    if code is not None:
        assert (refused.value.code, refused.value.pointer) == (code, f"/nameTranslations{pointer}")


@pytest.mark.parametrize(
    ("literal", "code"),
    [
        pytest.param({"a": 2**53}, "number_not_exact", id="L-18-integer"),
        pytest.param({"a": float("nan")}, "number_not_exact", id="P-03-nan"),
        pytest.param({"a": "\ud800"}, "lone_surrogate", id="P-07"),
        pytest.param({"a\x00": 1}, "control_character", id="P-09"),
    ],
)
def test_json_literals_must_have_one_exact_form(literal: dict[str, Any], code: str) -> None:
    document = {
        "@context": [V2],
        "type": ["VerifiableCredential", "JsonSchemaCredential"],
        "issuer": "did:example:a",
        "credentialSubject": {"id": "a:b", "type": "JsonSchema", "jsonSchema": literal},
    }
    with pytest.raises(LinkedDataError) as refused:
        canonicalise(document)
    assert refused.value.code == code


def test_a_json_literal_outside_its_scope_is_no_literal() -> None:
    with pytest.raises(LinkedDataError) as refused:
        canonicalise(credential(jsonSchema={"a": {"@context": "x"}}))
    assert (refused.value.code, refused.value.pointer) == ("undefined_term", "/jsonSchema")


def nested(depth: int) -> dict[str, Any]:
    value: dict[str, Any] = {"name": "x"}
    for _ in range(depth):
        value = {"evidence": value}
    return value


def many_types(count: int) -> dict[str, Any]:
    scoped = [
        "Achievement",
        "AchievementSubject",
        "Address",
        "Alignment",
        "EndorsementSubject",
        "Evidence",
        "Image",
    ]
    scoped += ["GeoCoordinates", "IdentifierEntry", "IdentityObject", "Profile", "Related", "Result"]
    items = [
        {"type": [name for n, name in enumerate(scoped) if number >> n & 1]} for number in range(1, count)
    ]
    return credential(evidence=items)


@pytest.mark.parametrize(
    ("document", "code"),
    [
        pytest.param(credential(evidence=nested(40)), "too_deep", id="M10-P-05-objects"),
        pytest.param(credential(evidence=nested(3000)), "too_deep", id="M10-3000"),
        pytest.param(
            credential(evidence=[{"name": f"n{n}"} for n in range(25_000)]),
            "too_many_values",
            id="many-values",
        ),
        pytest.param(
            credential(evidence=[{"name": f"n{n}"} for n in range(6_000)]),
            "canonicalization_limit",
            id="L-15-many-blank-nodes",
        ),
        pytest.param(many_types(2000), "too_many_contexts", id="many-combinations-of-types"),
    ],
)
def test_limits(document: dict[str, Any], code: str) -> None:
    with pytest.raises(LinkedDataLimitError) as refused:
        canonicalise(document)
    assert refused.value.code == code


def test_after_a_limit_the_same_thread_works_on() -> None:
    with pytest.raises(LinkedDataLimitError):
        canonicalise(many_types(2000))
    assert canonicalise(credential()).nquads == pyld_form(credential())


def test_a_credential_with_200_achievements_is_canonicalised() -> None:
    achievements = [
        {
            "type": ["Achievement"],
            "name": f"Unit {number}",
            "criteria": {"narrative": "Pass the test."},
            "alignment": [
                {"type": ["Alignment"], "targetName": "EQF 4", "targetUrl": "https://e.example/eqf/4"}
            ],
        }
        for number in range(200)
    ]
    document = subject(achievement=achievements)
    document["evidence"] = [{"type": ["Evidence"], "name": "Photograph"} for _ in range(50)]
    canonical = canonicalise(document)
    assert canonical.nquads.count(b"\n") == 1958
    assert canonical.nquads == pyld_form(document)


def test_threads_and_stores_do_not_disturb_each_other() -> None:
    """L-21: another store gives another meaning to the same URL; neither sees the other's."""
    other_meaning = json.loads(BUNDLED_CONTEXTS.content(OB_3_0_3))
    other_meaning["@context"]["narrative"] = {"@id": "https://e.example/poison"}
    poisoned = BUNDLED_CONTEXTS.extended({OB_3_0_3: json.dumps(other_meaning).encode()}, [])
    document = credential(narrative="n")
    expected = canonicalise(document).nquads
    poison = canonicalise(document, contexts=poisoned).nquads
    assert b"poison" in poison
    assert b"poison" not in expected
    outcomes: list[bool] = []

    def work() -> None:
        for _ in range(20):
            outcomes.append(canonicalise(document).nquads == expected)
            outcomes.append(canonicalise(document, contexts=poisoned).nquads == poison)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [True] * 240


@pytest.mark.parametrize("hash_name", ["md5", "sha1", "SHA256", ""])
def test_other_hashes_are_a_mistake_of_the_caller(hash_name: str) -> None:
    with pytest.raises(ValueError, match="RDFC"):
        canonicalise(credential(), hash_name=hash_name)


def test_sha384_is_used_inside_when_asked_for() -> None:
    document = subject(achievement=[{"type": ["Achievement"], "name": f"n{n}"} for n in range(20)])
    assert canonicalise(document, hash_name="sha384").labels != canonicalise(document).labels
