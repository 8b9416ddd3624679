"""Section 5 (L): what linked data could hide, change or fetch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from conformance.making import documents as d
from conformance.making.case import Case, Expected, fail, malformed, open_question
from conformance.making.positives import ASKED

RDFC = d.embedded()
JCS = d.embedded(suite="eddsa-jcs-2022")
CONTEXTS = d.unsigned()["@context"]
V1 = "https://www.w3.org/2018/credentials/v1"
Edit = Callable[[Any], object]


def lost(problem: str, pointer: str) -> Expected:
    return malformed((problem, pointer), code="data_loss")


def refused(pointer: str) -> Expected:
    """A context that is not known leaves it open what the document means."""
    return open_question(("context_not_allowed", pointer), code="context_not_allowed")


def case(name: str, text: str, inputs: Mapping[str, Any], expected: Any, **more: Any) -> Case:
    shown = {variant: d.text(document) for variant, document in inputs.items()}
    options = {"positive": "valid_eddsa_rdfc", "extension": "json", **more}
    return fail(name, text, shown, expected, **options)


def edited(base: Any, edits: Mapping[str, Edit]) -> dict[str, Any]:
    return {name: d.change(base, edit) for name, edit in edits.items()}


def put(path: str, value: Any) -> Edit:
    """Sets what `path` names, by member names between slashes."""

    def edit(document: Any) -> None:
        *way, last = path.split("/")
        for name in way:
            document = document[int(name) if isinstance(document, list) else name]
        document[last] = value

    return edit


def terms() -> Iterator[Case]:
    places = {
        "subject": ("credentialSubject/licenceNumber", "/credentialSubject/licenceNumber"),
        "top": ("newProp", "/newProp"),
        "issuer": ("issuer/newProp", "/issuer/newProp"),
        "achievement": ("credentialSubject/achievement/newProp", "/credentialSubject/achievement/newProp"),
    }
    added = edited(RDFC, {name: put(path, "x") for name, (path, _) in places.items()})
    added["proof"] = {**RDFC, "proof": {**RDFC["proof"], "newProp": "x"}}
    yield case(
        "L-01_member_without_a_term",
        "A member is added that no context defines. Linked data drops it, so that the signature would still fit.",
        added,
        {
            **{name: lost("undefined_term", pointer) for name, (_, pointer) in places.items()},
            "proof": malformed(("proof_malformed", "/proof/newProp")),
        },
    )
    yield case(
        "L-02_type_without_a_term",
        "The holder adds a type that no context defines: dropped from what is signed, shown to the reader.",
        edited(
            RDFC,
            {
                "top": put("type", [*RDFC["type"], "Surgeon"]),
                "subject": put("credentialSubject/type", ["AchievementSubject", "Surgeon"]),
            },
        ),
        {
            "top": lost("undefined_type", "/type/3"),
            "subject": lost("undefined_type", "/credentialSubject/type/1"),
        },
    )
    identifiers = {
        "space": "did:example:s ",
        "less": "did:example:<s",
        "quote": 'did:example:"s',
        "newline": "did:example:s\n",
        "backtick": "did:example:`s",
        "brace": "did:example:{s",
        "control": "did:example:s\u0001",
        "empty": "",
        "fragment": "#s",
        "no-scheme": "//example.org/s",
        "relative": "../s",
        "blank-node": "_:b0",
    }
    place = "/credentialSubject/1/id"
    yield case(
        "L-03_second_subject_with_a_bad_identifier",
        "A second subject whose `id` is no IRI vanishes from the canonical form, with all that is claimed about it.",
        {
            name: {**RDFC, "credentialSubject": [RDFC["credentialSubject"], {"id": value, "name": "Surgeon"}]}
            for name, value in identifiers.items()
        },
        {
            **dict.fromkeys(
                ("space", "less", "quote", "newline", "backtick", "brace"), lost("invalid_iri", place)
            ),
            **dict.fromkeys(("control",), lost("control_character", place)),
            **dict.fromkeys(("empty", "fragment", "no-scheme", "relative"), lost("relative_iri", place)),
            "blank-node": lost("blank_node_id", place),
        },
    )
    yield case(
        "L-03_type_that_is_no_iri",
        "A further type holds a space, so that it vanishes from the canonical form.",
        {"": {**RDFC, "type": [*RDFC["type"], "https://provider.example/Head Surgeon"]}},
        lost("invalid_iri", "/type/3"),
    )
    hidden = 'en .\n<did:example:s> <https://schema.org/jobtitle> "surgeon"@en'
    yield case(
        "L-04_statement_inside_a_language_tag",
        "A whole statement stands inside a language tag, which goes into the canonical form as it is.",
        {
            "tag": {**RDFC, "description": {"@value": "x", "@language": hidden}},
            "datatype": {**RDFC, "description": {"@value": "x", "@type": "https://a.example/ b"}},
            "direction": {**RDFC, "description": {"@value": "x", "@language": "en", "@direction": "up"}},
        },
        {
            "tag": lost("language_tag", "/description/@language"),
            "datatype": lost("value_object", "/description"),
            "direction": lost("value_object", "/description/@direction"),
        },
    )
    nothing: dict[str, Any] = {"null": None, "list": [], "object": {}}
    yield case(
        "L-05_values_that_say_nothing",
        "`null`, an empty list and an empty object vanish from the canonical form: a member can be blanked out, or put"
        " where a reader takes it for an answer.",
        {
            f"{member}-{kind}": {**RDFC, member: value}
            for member in ("validUntil", "credentialStatus", "evidence")
            for kind, value in nothing.items()
        },
        {
            f"{member}-{kind}": lost("empty_value", f"/{member}")
            for member in ("validUntil", "credentialStatus", "evidence")
            for kind in nothing
        },
    )


def contexts() -> Iterator[Case]:
    inline: dict[str, Any] = {
        "vocab": {"@vocab": "https://attacker.example/"},
        "alias": {"identity": "@id"},
        "swap": {"name": "https://schema.org/description", "description": "https://schema.org/name"},
        "redefined": {"issuer": "https://attacker.example/issuer"},
        "unprotected": {"@protected": False},
        "base": {"@base": "https://attacker.example/"},
        "import": {"@import": "https://attacker.example/v1"},
        "propagate": {"@propagate": False},
    }
    for suite, document in (("rdfc", RDFC), ("jcs", JCS)):
        signed = suite == "jcs"
        yield case(
            f"L-06_inline_context_{suite}",
            "Definitions inside the document change what its terms mean, or make all terms mean something."
            + (" Here the issuer's own signature covers them." if signed else ""),
            {
                name: d.forced_jcs(d.unsigned(**{"@context": [*CONTEXTS, value]}))
                if signed
                else {**document, "@context": [*CONTEXTS, value]}
                for name, value in inline.items()
            },
            refused("/@context/3"),
            positive=f"valid_eddsa_{suite}",
        )
    nested: dict[str, tuple[str, Any]] = {
        "subject": ("credentialSubject/@context", CONTEXTS[0]),
        "achievement": ("credentialSubject/achievement/@context", {"name": "https://schema.org/description"}),
        "null": ("credentialSubject/@context", None),
        "list-item": ("credentialSubject/achievement/alignment/0/@context", []),
        "issuer": ("issuer/@context", CONTEXTS),
    }
    yield case(
        "L-07_context_inside_the_document",
        "A context below the top changes the meaning of what is around it.",
        {name: d.change(RDFC, put(path, value)) for name, (path, value) in nested.items()},
        {name: lost("nested_context", f"/{path}") for name, (path, _) in nested.items()},
    )
    proof = {
        "null": None,
        "object": {"name": "https://schema.org/description"},
        "other-list": ["https://www.w3.org/ns/credentials/v2"],
    }
    yield case(
        "L-07_context_inside_the_proof",
        "The proof has a context that is not the document's.",
        {name: {**JCS, "proof": {**JCS["proof"], "@context": value}} for name, value in proof.items()},
        malformed(("context_not_signed", "/@context"), code="signature_wrong"),
        positive="valid_eddsa_jcs",
    )
    remote = {
        "https": "https://attacker.example/v1",
        "loopback": "http://127.0.0.1:8000/v1",
        "metadata": "http://169.254.169.254/latest",
        "file": "file:///etc/passwd",
        "data": "data:application/json,{}",
        "fragment": "https://www.w3.org/ns/credentials/v2#x",
        "slash": "https://www.w3.org/ns/credentials/v2/",
        "upper-case": "https://WWW.W3.ORG/ns/credentials/v2",
    }
    yield case(
        "L-08_context_to_fetch",
        "The document names a context that is elsewhere, or one of ours in another spelling, signed by the issuer. No"
        " context is fetched; what the document means is not known.",
        {name: d.forced_jcs(d.unsigned(**{"@context": [*CONTEXTS, url]})) for name, url in remote.items()},
        refused("/@context/3"),
        positive="valid_eddsa_jcs",
    )
    orders = {
        "swapped": [CONTEXTS[0], CONTEXTS[2], CONTEXTS[1]],
        "base-last": [*CONTEXTS[1:], CONTEXTS[0]],
        "repeated": [*CONTEXTS, CONTEXTS[1]],
        "both-versions": [V1, *CONTEXTS],
        "version-1-behind": [*CONTEXTS, V1],
    }
    not_signed = malformed(("context_not_signed", "/@context"), code="signature_wrong")
    for suite, document in (("rdfc", RDFC), ("jcs", JCS)):
        yield case(
            f"L-09_list_of_contexts_{suite}",
            "The contexts are swapped, repeated, or others stand beside them, each of which is known for itself.",
            {name: {**document, "@context": urls} for name, urls in orders.items()},
            refused("/@context") if suite == "rdfc" else not_signed,
            positive=f"valid_eddsa_{suite}",
        )
    schema = (("value_not_allowed", "/@context"),)
    yield case(
        "L-09_known_context_appended",
        "A context that is known, and defines nothing that the document uses, is added after it was signed"
        " with an `rdfc`"
        " suite. The statements are the same, so that the signature fits; the profile has its own list.",
        {"": {**RDFC, "@context": [*CONTEXTS, "https://w3id.org/security/data-integrity/v2"]}},
        Expected("profile_violated", schema, step="profile"),
    )
    yield case(
        "L-12_context_added_behind_the_signed_ones",
        "The specification of the suite lets the document have more contexts than the proof. They would not be signed.",
        {"": {**JCS, "@context": [*CONTEXTS, "https://w3id.org/security/data-integrity/v2"]}},
        malformed(("context_not_signed", "/@context"), code="signature_wrong"),
        positive="valid_eddsa_jcs",
    )


def structure() -> Iterator[Case]:
    keywords: dict[str, Any] = {
        "included": ("@included", [{"id": "did:example:s", "name": "Surgeon"}]),
        "reverse": ("@reverse", {"issuer": "did:example:s"}),
        "graph": ("@graph", [{"id": "did:example:s"}]),
        "nest": ("@nest", {"name": "Surgeon"}),
        "index": ("@index", "x"),
        "set": ("@set", ["x"]),
        "list": ("@list", ["x"]),
        "id": ("@id", "did:example:s"),
        "type": ("@type", "https://attacker.example/Surgeon"),
        "unknown": ("@foo", "x"),
    }
    yield case(
        "L-11_keywords_of_json_ld",
        "Keywords move claims elsewhere, turn them round, or hide them from the canonical form.",
        {
            name: d.change(RDFC, put(f"credentialSubject/{key}", value))
            for name, (key, value) in keywords.items()
        },
        {
            name: lost("keyword_not_allowed", f"/credentialSubject/{key}")
            for name, (key, value) in keywords.items()
        },
    )
    yield case(
        "L-11_json_literal",
        "A value that is JSON for itself.",
        {"": d.change(RDFC, put("description", {"@value": {"a": 1}, "@type": "@json"}))},
        lost("value_object", "/description"),
    )
    again = {"id": RDFC["id"], "type": ["Achievement"], "name": "x", "validUntil": "2030-01-01T00:00:00Z"}
    twins = [
        {"id": "did:example:s", "type": ["Profile"], "name": "One"},
        {"id": "did:example:s", "type": ["Profile"], "name": "Another"},
    ]
    yield case(
        "L-13_two_objects_with_one_id",
        "Two objects with one `id` are one node of the graph: claims can be moved from one to the other, and the"
        " credential itself can be extended from inside.",
        {
            "of-the-credential": d.change(RDFC, put("credentialSubject/achievement/related", [again])),
            "twins": {**RDFC, "credentialSubject": twins},
        },
        {
            "of-the-credential": lost("duplicate_id", "/credentialSubject/achievement/related/0/id"),
            "twins": lost("duplicate_id", "/credentialSubject/1/id"),
        },
    )
    inner = d.embedded()
    forged = {**inner, "credentialSubject": {**inner["credentialSubject"], "name": "Surgeon"}}
    yield case(
        "L-14_claims_that_leak_between_graphs",
        "Credentials in one presentation share an identifier with other claims, or a credential hides where"
        " none is looked"
        " for. Each is judged from its own JSON alone.",
        {
            "twin-with-other-claims": d.forced_presentation(d.presentation(inner, forged)),
            "unsigned-twin": d.forced_presentation(
                d.presentation(inner, {n: v for n, v in forged.items() if n != "proof"})
            ),
        },
        Expected("credential_invalid", step="credentials"),
        positive="valid_presentation",
        request=ASKED,
    )
    yield case(
        "L-14_credential_with_a_blank_label",
        "A credential in a presentation is named by a label that another one could have, too.",
        {"": d.forced_presentation(d.presentation({**inner, "id": "_:b0"}))},
        Expected(
            "presentation_not_conforming",
            (("id_malformed", "/verifiableCredential/0/id"),),
            step="conformance",
        ),
        positive="valid_presentation",
        request=ASKED,
    )
    yield case(
        "L-14_credential_hidden_in_evidence",
        "A credential of its own stands inside the evidence of another, where nobody checks it.",
        {"": d.change(RDFC, put("evidence", [inner]))},
        lost("nested_context", "/evidence/0/@context"),
    )
    numbers: dict[str, Any] = {"fraction": 1.5, "whole-as-fraction": 1.0, "large": 2**53, "larger": 10**21}
    yield case(
        "L-18_numbers_with_two_spellings",
        "Numbers that are one value in the canonical form and another to a reader, or the other way round.",
        {
            **{
                name: d.change(RDFC, put("credentialSubject/achievement/credits", value))
                for name, value in numbers.items()
            },
        },
        lost("number_not_exact", "/credentialSubject/achievement/credits"),
    )
    yield case(
        "L-18_numbers_signed_by_the_issuer",
        "The same under the issuer's own `jcs` signature: no credential may hold them.",
        {
            name: d.forced_jcs(d.change(d.unsigned(), put("credentialSubject/age", value)))
            for name, value in numbers.items()
            if value < 2**53
        },
        Expected("not_conforming", (("number_not_exact", "/credentialSubject/age"),), step="conformance"),
        positive="valid_eddsa_jcs",
    )


def cases() -> Iterator[Case]:
    yield from terms()
    yield from contexts()
    yield from structure()
