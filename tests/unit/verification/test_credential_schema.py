"""The step `schema`: the suite of the W3C, and schemas that want to do harm or cannot be had."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from pathlib import Path
from typing import Any

import pytest

from skillcred.model.outcomes import EvidenceKind, EvidenceReference, Outcome, Step, StepResult, Verdict
from skillcred.shipped import shipped_path
from skillcred.verification import Evidence, EvidenceItem, verify
from skillcred.verification.credential_schema import SchemaCredential, check_credential_schema
from worlds.pure_world import AWARDED, NOW, PureWorld, SoftSigner, sign

SCHEMA = "https://schemas.example/welder.json"
VERSION = "https://json-schema.org/draft/2020-12/schema"
OUTCOMES = {
    "success": Outcome.PASSED,
    "failure": Outcome.FAILED,
    "indeterminate": Outcome.INDETERMINATE,
}
BOTH = [(1, 1, "success"), (1, 2, "failure")]
JSON_SCHEMA_CASES = [*BOTH, (2, 1, "type"), (1, 3, "failure"), (1, 4, "failure"), (1, 5, "failure")]
JSON_SCHEMA_CASES += [(1, 6, "failure"), (1, 7, "indeterminate")]
CREDENTIAL_CASES = [*BOTH, (2, 1, "type"), *((1, number, "failure") for number in range(3, 11))]
CREDENTIAL_CASES += [(1, 11, "indeterminate")]
"""The numbers of credential and schema, and what the suite's own mapping (tests/testmapping.js) expects.

It expects `failure` for a type that is neither; there the type is said outside. A verifier cannot know whether a type
that it does not know is wrong: that is indeterminate (`schema_type_unknown`).
"""
SUITE = [
    *(
        ("jsonschema", draft, *case)
        for draft in ("Draft-7", "2019-09", "2020-12")
        for case in JSON_SCHEMA_CASES
    ),
    *(
        ("jsonschemacredential", draft, *case)
        for draft in ("Draft-7", "2019-09", "2020-12")
        for case in CREDENTIAL_CASES
    ),
]


def taken_as_verified(content: bytes) -> SchemaCredential:
    return SchemaCredential(json.loads(content))


def check(document: Any, *contents: bytes, identifier: str = SCHEMA) -> StepResult:
    def lookup(reference: EvidenceReference) -> EvidenceItem | None:
        assert reference.kind is EvidenceKind.CREDENTIAL_SCHEMA
        if reference.id != identifier or not contents:
            return None
        return EvidenceItem(reference, NOW, "test", content=contents[0])

    return check_credential_schema(document, lookup, taken_as_verified)


@pytest.mark.parametrize(("kind", "draft", "credential", "schema", "expected"), SUITE)
def test_the_suite_of_the_w3c(
    shared_dir: Path, kind: str, draft: str, credential: int, schema: int, expected: str
) -> None:
    folder = shared_dir / "vectors" / "w3c-vc-json-schema-suite" / kind / draft
    document = json.loads((folder / f"{credential}-credential.json").read_bytes())
    content = (folder / f"{schema}-schema.json").read_bytes()
    result = check(document, content, identifier=document["credentialSchema"]["id"])
    if expected == "type":
        assert (result.outcome, result.code) == (Outcome.INDETERMINATE, "schema_type_unknown")
    else:
        assert result.outcome is OUTCOMES[expected], result


def declared(kind: str = "JsonSchema", **members: Any) -> dict[str, Any]:
    return {
        "credentialSubject": {"name": "Aña", "children": [{"name": "b"}]},
        "credentialSchema": {"id": SCHEMA, "type": kind, **members},
    }


def schema(**members: Any) -> bytes:
    return json.dumps({"$id": SCHEMA, "$schema": VERSION, **members}).encode()


WITHOUT_END = {"a": {"allOf": [{"$ref": "#/$defs/b"}]}, "b": {"anyOf": [{"$ref": "#/$defs/a"}]}}
DOUBLING = {f"d{i}": {"allOf": [{"$ref": f"#/$defs/d{i + 1}"}] * 2} for i in range(60)} | {"d60": {}}
DOUBLING_DOWN = {
    "d": {"allOf": [{"additionalProperties": {"$ref": "#/$defs/d"}, "items": {"$ref": "#/$defs/d"}}] * 8}
}
ANCHORED = {f"d{i}": {"$anchor": f"d{i}", "allOf": [{"$ref": f"#d{i + 1}"}] * 2} for i in range(60)} | {
    "d60": {"$anchor": "d60"}
}
DRAFT_7 = "http://json-schema.org/draft-07/schema#"
HARMFUL = {
    "circle": {"$ref": "#/$defs/a", "$defs": WITHOUT_END},
    "itself": {"$ref": "#"},
    "doubling": {"$ref": "#/$defs/d0", "$defs": DOUBLING},
    "doubling-with-depth": {"$ref": "#/$defs/d", "$defs": DOUBLING_DOWN},
    "foreign-reference": {"$ref": "https://elsewhere.example/schema"},
    "file-reference": {"$ref": "file:///etc/passwd"},
    "inner-address": {"properties": {"x": {"$id": "https://elsewhere.example/", "$ref": "y"}}},
    "dynamic-reference": {"$dynamicRef": "#node"},
    "dangling-reference": {"$ref": "#/$defs/none"},
    "anchor": {"$ref": "#anchor"},
    "anchor-in-an-example": {"$ref": "#a", "examples": [{"$anchor": "a"}]},
    "anchor-twice": {"$ref": "#a", "$defs": {"x": {"$anchor": "a"}, "y": {"$anchor": "a"}}},
    "anchor-of-itself": {"$anchor": "a", "$ref": "#a"},
    "anchor-elsewhere": {"$ref": "https://elsewhere.example/schema#a", "$defs": {"x": {"$anchor": "a"}}},
    "anchor-in-draft-7": {"$schema": DRAFT_7, "$ref": "#a", "definitions": {"x": {"$anchor": "a"}}},
    "doubling-by-anchors": {"$ref": "#d0", "$defs": ANCHORED},
    "backtracking": {"properties": {"name": {"pattern": "(?=a)(a+)+$"}}},
    "large-expression": {"properties": {"name": {"pattern": "((a{999}){999}){999}"}}},
    "many-expressions": {"patternProperties": {f"^{i}$": {} for i in range(300)}},
    "many-parts": {"$defs": {"x": {}}, "allOf": [{} for _ in range(6000)]},
    "no-schema-at-all": {"type": 12},
}


@pytest.mark.parametrize("name", HARMFUL)
def test_harmful_schemas_are_not_run(name: str) -> None:
    document = declared()
    for _ in range(20):
        document["credentialSubject"] = {"child": document["credentialSubject"]}
    started = time.thread_time()
    result = check(document, schema(**HARMFUL[name]))
    assert (result.outcome, result.code) == (Outcome.INDETERMINATE, "schema_not_usable"), result
    assert time.thread_time() - started < 2


@pytest.mark.parametrize("reference", ["#/$defs/node", "#node", f"{SCHEMA}#node", f"{SCHEMA}#/$defs/node"])
def test_schemas_may_refer_to_themselves_on_the_way_down(reference: str) -> None:
    tree = {
        "$defs": {
            "node": {
                "$anchor": "node",
                "properties": {"children": {"items": {"$ref": reference}}, "name": {"type": "string"}},
            }
        }
    }
    good = schema(properties={"credentialSubject": {"$ref": reference}}, **tree)
    assert check(declared(), good).outcome is Outcome.PASSED
    bad = declared()
    bad["credentialSubject"]["children"][0]["name"] = 7
    result = check(bad, good)
    assert (result.outcome, result.problems[0].pointer) == (
        Outcome.FAILED,
        "/credentialSubject/children/0/name",
    )


def sri(content: bytes) -> str:
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


def test_digests_are_checked_before_the_schema_is_run() -> None:
    content = schema(required=["credentialSubject"])
    assert check(declared(digestSRI=sri(content)), content).outcome is Outcome.PASSED
    other = check(declared(digestSRI=sri(content + b" ")), content)
    assert (other.outcome, other.code) == (Outcome.INDETERMINATE, "schema_digest_mismatch")
    assert check(declared(digestSRI="sha384-"), content).code == "schema_digest_mismatch"


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"a":1,"a":2}', b"x" * 300_000])
def test_what_cannot_be_read_is_not_usable(content: bytes) -> None:
    assert check(declared(), content).code == "schema_not_usable"


def test_several_schemas_all_count() -> None:
    document = declared()
    document["credentialSchema"] = [
        document["credentialSchema"],
        {"id": "https://other.example/s", "type": "JsonSchema"},
    ]
    result = check(document, schema())
    assert (result.outcome, result.code) == (Outcome.INDETERMINATE, "schema_not_available")
    assert [need.id for need in result.needs] == ["https://other.example/s"]
    assert check(document, schema(required=["none"])).outcome is Outcome.FAILED
    document["credentialSchema"] = [{"id": SCHEMA, "type": "JsonSchema"}] * 9
    assert check(document, schema()).code == "schema_not_usable"
    document["credentialSchema"] = []
    assert check(document, schema()).outcome is Outcome.INDETERMINATE


BADGE_SCHEMA = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"


def test_badges_in_the_wild_need_nothing_fetched(shared_dir: Path) -> None:
    badge = json.loads((shared_dir / "vectors/openbadges-3/ob30/complete.json").read_bytes())
    assert badge["credentialSchema"][0]["type"] == "1EdTechJsonSchemaValidator2019"
    badge["credentialSchema"] = {"id": BADGE_SCHEMA, "type": "1EdTechJsonSchemaValidator2019"}
    assert check(badge).outcome is Outcome.PASSED
    badge["credentialSubject"]["achievement"].pop("criteria")
    assert check(badge).outcome is Outcome.FAILED
    pinned = {**badge, "credentialSchema": {**badge["credentialSchema"], "digestSRI": sri(b"x")}}
    assert check(pinned).code == "schema_digest_mismatch", "a stand-in is not the file that was pinned"


WORLD = PureWorld()


def with_schema(**members: Any) -> bytes:
    document = WORLD.unsigned()
    return sign(
        {**document, "credentialSchema": {"id": SCHEMA, "type": "JsonSchema", **members}}, WORLD.provider
    )


def item(content: bytes) -> EvidenceItem:
    reference = EvidenceReference(EvidenceKind.CREDENTIAL_SCHEMA, SCHEMA)
    return EvidenceItem(reference, NOW, "test", content=content)


def judge(content: bytes, *items: EvidenceItem) -> tuple[Verdict, str, tuple[EvidenceReference, ...]]:
    report = verify(content, evidence=WORLD.evidence().with_items(items), at=NOW)
    step = next(step for step in report.steps if step.step is Step.SCHEMA)
    return report.verdict, step.code, report.needs


def test_our_own_schema_is_shipped_and_can_be_pinned() -> None:
    own = shipped_path("schemas/profiles/qualification-v1.json").read_bytes()
    identifier = json.loads(own)["$id"]
    for digest, expected in ((sri(own), Verdict.VALID), (sri(b"other"), Verdict.INDETERMINATE)):
        content = with_schema(id=identifier, digestSRI=digest)
        assert judge(content)[0] is expected


def schema_credential(signer: SoftSigner, **members: Any) -> dict[str, Any]:
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": SCHEMA,
        "type": ["VerifiableCredential", "JsonSchemaCredential"],
        "issuer": signer.did,
        "validFrom": AWARDED.isoformat(),
        "credentialSchema": {
            "id": "https://www.w3.org/2022/credentials/v2/json-schema-credential-schema.json",
            "type": "JsonSchema",
        },
        "credentialSubject": {
            "id": SCHEMA + "/inner",
            "type": "JsonSchema",
            "jsonSchema": {"$id": SCHEMA + "/inner", "$schema": VERSION, "required": ["credentialSubject"]},
        },
        **members,
    }


def test_a_schema_credential_is_verified_itself() -> None:
    author = SoftSigner(31)
    document = WORLD.unsigned() | {"credentialSchema": {"id": SCHEMA, "type": "JsonSchemaCredential"}}
    content = sign(document, WORLD.provider, "eddsa-jcs-2022")
    good = sign(schema_credential(author), author, "eddsa-jcs-2022")
    assert judge(content, item(good))[:2] == (Verdict.VALID, "schema_satisfied")
    unsigned = json.dumps(schema_credential(author)).encode()
    tampered = good.replace(b'"required": ["credentialSubject"]', b'"required": []').replace(
        b'"required": [\n', b'"x": [\n'
    )
    assert tampered != good
    foreign = sign(schema_credential(author), SoftSigner(32), "eddsa-jcs-2022")
    expired = sign(schema_credential(author, validUntil="2026-04-01T00:00:00Z"), author, "eddsa-jcs-2022")
    status = {"type": "BitstringStatusListEntry", "id": "https://s.example/1#0"}
    revocable = sign(schema_credential(author, credentialStatus=status), author, "eddsa-jcs-2022")
    for bad in (unsigned, tampered, foreign, expired, revocable, b"{}", b"no"):
        assert judge(content, item(bad))[:2] == (Verdict.INDETERMINATE, "schema_not_verified")


def test_a_schema_that_is_not_at_hand_is_never_passed() -> None:
    content = with_schema()
    verdict, code, needs = judge(content)
    assert (verdict, code) == (Verdict.INDETERMINATE, "schema_not_available")
    assert [(need.kind, need.id) for need in needs] == [(EvidenceKind.CREDENTIAL_SCHEMA, SCHEMA)]
    gone = EvidenceItem(needs[0], NOW, "none", unavailable="not_fetched")
    assert judge(content, gone) == (Verdict.INDETERMINATE, "schema_not_available", ())
    assert judge(content, item(schema()))[:2] == (Verdict.VALID, "schema_satisfied")
    assert judge(content, item(schema(required=["none"])))[:2] == (Verdict.INVALID, "schema_violated")
    assert verify(content, evidence=Evidence(), at=NOW).verdict is Verdict.INDETERMINATE
