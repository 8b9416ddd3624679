"""`ecdsa-sd-2023`: what a holder can show, and what nobody can forge (SECURITY X-01 to X-06)."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from skillcred.encoding.cbor import encode_cbor
from skillcred.errors import IntegrityError
from skillcred.issuance import decode_prepared, encode_prepared, prepare_credential
from skillcred.keys.algorithms import Algorithm
from skillcred.linkeddata.errors import LinkedDataError
from skillcred.model.outcomes import Outcome, Verdict
from skillcred.securing import (
    PreparedProof,
    SecuringError,
    attach_proof,
    derive_credential,
    prepare_proof,
    show_everything,
)
from skillcred.securing.data_integrity.ecdsa_sd_2023_proof_value import (
    ProofValueError,
    decode_derived_proof_value,
)
from skillcred.securing.data_integrity.selective_disclosure import default_mandatory_pointers
from skillcred.trust import AccreditationScope
from worlds.disclosure_world import ISSUER, check, components_of, derive, issue, with_components
from worlds.pure_world import AWARDED, PureWorld, SoftSigner, example_claims, sign

PROFILES = ("qualification", "training", "proficiency", "work-experience", "apprenticeship")
BASE_SIGNATURE, PUBLIC_KEY, SIGNATURES, LABELS, INDEXES = range(5)


def world(profile: str = "qualification") -> PureWorld:
    scope = AccreditationScope((profile,))
    return PureWorld(profile, example_claims(profile), provider=ISSUER, scope=scope)


UNSIGNED = world().unsigned()
UNSIGNED["credentialSubject"]["narrative"] = "First of her year."
BASE = issue(UNSIGNED)
CHOSEN = ("/credentialSubject/name", "/credentialSubject/identifier")
SHOWN = derive(BASE, *CHOSEN)


def refused(document: dict[str, Any] | bytes, *codes: str) -> None:
    findings = check(document)
    assert findings.verified is None
    assert findings.result.outcome is Outcome.FAILED
    if codes:
        assert findings.result.code in codes


def accepted(document: dict[str, Any] | bytes) -> Any:
    findings = check(document)
    assert (findings.result.outcome, findings.result.code) == (Outcome.PASSED, "proof_verified")
    assert findings.verified is not None
    return findings.verified.document


def test_what_is_shown_is_what_is_verified() -> None:
    assert accepted(SHOWN) == {name: value for name, value in SHOWN.items() if name != "proof"}
    assert SHOWN["credentialSubject"]["name"] == UNSIGNED["credentialSubject"]["name"]
    assert "narrative" not in SHOWN["credentialSubject"]


def test_all_can_be_shown() -> None:
    assert accepted(derive(BASE, "")) == UNSIGNED
    assert json.loads(show_everything(BASE, "ecdsa-sd-2023")) == derive(BASE, "")
    other = sign(UNSIGNED, SoftSigner(2))
    assert show_everything(other, "eddsa-rdfc-2022") is other


def test_only_what_must_be_shown_can_be_shown() -> None:
    shown = accepted(derive(BASE))
    assert "name" not in shown["credentialSubject"]
    assert shown["credentialSubject"]["achievement"] == UNSIGNED["credentialSubject"]["achievement"]


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("pointers", [(), ("/credentialSubject/name",), ("",)], ids=["least", "name", "all"])
def test_whatever_is_shown_of_a_skill_credential_is_enough(profile: str, pointers: tuple[str, ...]) -> None:
    there = world(profile)
    shown = derive(issue(there.unsigned()), *pointers)
    report = there.verify(json.dumps(shown).encode())
    assert (report.verdict, report.reason) == (Verdict.VALID, "issuer_authorised")


# --- what limits a credential (SECURITY X-02)


def test_limits_are_mandatory() -> None:
    document = copy.deepcopy(UNSIGNED)
    document["validUntil"] = "2030-01-01T00:00:00Z"
    document["termsOfUse"] = {
        "id": "https://provider.example/terms",
        "type": "https://provider.example/Terms",
    }
    document["credentialStatus"] = {
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "7",
        "statusListCredential": "https://provider.example/status/1",
    }
    shown = derive(issue(document))
    mandatory = set(document) - {"evidence", "image", "credentialSubject"}
    for name in mandatory:
        assert shown[name] == document[name], name
    for name in sorted(mandatory - {"@context", "id"}):
        changed = copy.deepcopy(shown)
        del changed[name]
        refused(changed)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"type": "x", "issuer": "i", "a/b": 1, "image": "p"}, ("/issuer", "/a~1b")),
        ({"credentialSubject": [{"name": "A"}]}, ("/credentialSubject",)),
        ({"credentialSubject": {"id": "did:example:1"}}, ("/credentialSubject/id",)),
        ({"credentialSubject": {"id": "did:example:1", "name": "A"}}, ("/credentialSubject/id",)),
        ({"credentialSubject": {"name": "A", "degree": {}}}, ("/credentialSubject/degree",)),
        (
            {"credentialSubject": {"identifier": [{}], "name": "A"}},
            ("/credentialSubject/identifier",),
        ),
        (
            {"credentialSubject": {"id": "did:example:1", "result": [{"value": "1"}, {"status": "Failed"}]}},
            ("/credentialSubject/result",),
        ),
        (
            {"credentialSubject": {"id": "did:example:1", "result": {"value": "1"}, "role": "x"}},
            ("/credentialSubject/role",),
        ),
    ],
)
def test_what_is_mandatory_by_default(document: dict[str, Any], expected: tuple[str, ...]) -> None:
    assert default_mandatory_pointers(document) == expected


def test_the_issuer_can_choose_what_is_mandatory() -> None:
    shown = derive(issue(UNSIGNED, ["/issuer", "/validFrom"]), "/credentialSubject/name")
    assert set(accepted(shown)) == {"@context", "id", "type", "issuer", "validFrom", "credentialSubject"}


def test_nothing_need_be_mandatory_but_something_must_be_shown() -> None:
    base = issue(UNSIGNED, [])
    assert set(accepted(derive(base, "/issuer"))) == {"@context", "id", "type", "issuer"}
    with pytest.raises(SecuringError) as caught:
        derive(base)
    assert caught.value.code == "nothing_selected"


# --- the wrong kind of proof (SECURITY X-01)


def test_a_base_proof_is_not_for_verifiers() -> None:
    refused(BASE, "base_proof_presented")
    refused(derive(BASE, "") | {"proof": json.loads(BASE)["proof"]}, "base_proof_presented")


def test_a_base_proof_under_the_other_header_is_refused() -> None:
    base = json.loads(BASE)
    refused(with_components(base, lambda c: c, b"\xd9\x5d\x01"), "proof_malformed")
    refused(with_components(SHOWN, lambda c: c, b"\xd9\x5d\x00"), "base_proof_presented")
    for header in (b"\xd9\x5d\x02", b"\xd9\x5d\x03", b"\xd9\x5c\x01", b"\x00\x00\x00"):
        refused(with_components(SHOWN, lambda c: c, header), "proof_malformed")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(json.dumps(SHOWN).encode(), "not_a_base_proof", id="X-01-derived"),
        pytest.param(sign(UNSIGNED, SoftSigner(2)), "not_a_base_proof", id="another-suite"),
        pytest.param(json.dumps(UNSIGNED).encode(), "not_a_base_proof", id="no-proof"),
        pytest.param(
            json.dumps({**json.loads(BASE), "proof": [json.loads(BASE)["proof"]] * 2}).encode(),
            "ambiguous_proof",
            id="two-base-proofs",
        ),
    ],
)
def test_what_nothing_can_be_derived_from(content: bytes, code: str) -> None:
    with pytest.raises(SecuringError) as caught:
        derive_credential(content, ["/issuer"])
    assert caught.value.code == code


def test_an_envelope_has_no_base_proof() -> None:
    with pytest.raises(SecuringError) as caught:
        derive_credential(b"eyJhbGciOiJFUzI1NiJ9.e30.AA", ["/issuer"])
    assert caught.value.code == "not_a_base_proof"


def test_other_proofs_of_the_document_are_left_out() -> None:
    base = json.loads(BASE)
    other = json.loads(sign(UNSIGNED, SoftSigner(3)))["proof"]
    both = json.dumps({**base, "proof": [other, base["proof"]]}).encode()
    assert derive(both, *CHOSEN) == SHOWN


# --- proof values that are not as they must be (SECURITY X-03, X-06)


def put(index: int, change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The components with one of them changed."""

    def changed(components: Any) -> Any:
        return [change(item) if place == index else item for place, item in enumerate(components)]

    return changed


def raw(change: Callable[[bytes], bytes]) -> Callable[[Any], bytes]:
    return lambda components: change(encode_cbor(components))


def first_label_twice(labels: dict[int, bytes]) -> dict[int, bytes]:
    return dict.fromkeys(labels, next(iter(labels.values())))


ALTERATIONS = [
    pytest.param(put(INDEXES, lambda i: [i[0], *i]), id="X-03-index-twice"),
    pytest.param(put(INDEXES, lambda i: [i[1], i[0], *i[2:]]), id="X-03-indexes-unsorted"),
    pytest.param(put(INDEXES, lambda i: [*i, 100_000]), id="X-03-index-out-of-range"),
    pytest.param(put(INDEXES, lambda i: [-1, *i]), id="X-03-index-negative"),
    pytest.param(put(INDEXES, lambda i: [False, *i]), id="index-boolean"),
    pytest.param(put(INDEXES, lambda i: i[:-1]), id="X-03-index-missing"),
    pytest.param(put(INDEXES, lambda i: [*i[:-1], i[-1] + 1]), id="X-03-index-moved"),
    pytest.param(put(INDEXES, lambda _: []), id="X-03-no-index"),
    pytest.param(put(LABELS, lambda m: dict(list(m.items())[:-1])), id="X-03-label-missing"),
    pytest.param(put(LABELS, lambda m: {**m, 99: bytes(32)}), id="X-03-label-extra"),
    pytest.param(put(LABELS, first_label_twice), id="X-03-labels-not-injective"),
    pytest.param(
        put(LABELS, lambda m: dict(zip(m, [*list(m.values())[1:], m[0]], strict=True))), id="labels-rotated"
    ),
    pytest.param(put(LABELS, lambda m: {**m, 0: m[0][:-1]}), id="label-short"),
    pytest.param(put(LABELS, lambda m: {str(key): value for key, value in m.items()}), id="label-key-text"),
    pytest.param(
        put(LABELS, lambda m: {-1 - key: value for key, value in m.items()}), id="label-key-negative"
    ),
    pytest.param(put(LABELS, lambda m: [[k, v] for k, v in m.items()]), id="labels-list"),
    pytest.param(put(SIGNATURES, lambda s: s[:-1]), id="X-03-signature-missing"),
    pytest.param(put(SIGNATURES, lambda s: [*s, s[0]]), id="X-03-signature-extra"),
    pytest.param(put(SIGNATURES, lambda s: [s[0]] * len(s)), id="X-03-signature-twice"),
    pytest.param(put(SIGNATURES, lambda s: [*s[:-1], s[-1][:-1]]), id="signature-short"),
    pytest.param(put(SIGNATURES, lambda s: [*s[:-1], bytes(64)]), id="signature-of-zeros"),
    pytest.param(put(SIGNATURES, lambda s: [item.hex() for item in s]), id="signature-text"),
    pytest.param(put(BASE_SIGNATURE, lambda s: s[:-1]), id="base-signature-short"),
    pytest.param(put(BASE_SIGNATURE, lambda _: bytes(64)), id="base-signature-of-zeros"),
    pytest.param(put(PUBLIC_KEY, lambda k: k[2:]), id="key-without-header"),
    pytest.param(put(PUBLIC_KEY, lambda k: b"\x81\x24" + k[2:]), id="key-of-another-curve"),
    pytest.param(put(PUBLIC_KEY, lambda k: k[:2] + b"\x04" + k[3:]), id="key-uncompressed"),
    pytest.param(put(PUBLIC_KEY, lambda k: k[:2] + b"\x02" + b"\xff" * 32), id="key-off-the-curve"),
    pytest.param(put(PUBLIC_KEY, lambda k: k + b"\0"), id="key-long"),
    pytest.param(
        put(PUBLIC_KEY, lambda _: b"\x80\x24" + SoftSigner(5, Algorithm.P256).public_key.key_bytes),
        id="another-key",
    ),
    pytest.param(lambda c: c[:4], id="four-components"),
    pytest.param(lambda c: [*c, 0], id="six-components"),
    pytest.param(lambda c: dict(enumerate(c)), id="map-of-components"),
    pytest.param(raw(lambda d: d + b"\0"), id="X-06-trailing-bytes"),
    pytest.param(raw(lambda d: b"\x9f" + d[1:] + b"\xff"), id="X-06-indefinite-length"),
    pytest.param(raw(lambda d: b"\xd2" + d), id="X-06-tag"),
    pytest.param(raw(lambda d: d[:1] + b"\xd2" + d[1:]), id="X-06-tagged-component"),
    pytest.param(raw(lambda _: b"\x85\x5b\0\0\0\0\x40\0\0\0"), id="X-06-a-gigabyte-declared"),
    pytest.param(raw(lambda _: b"\x81" * 10_000), id="X-06-depth"),
    pytest.param(raw(lambda d: d[:-1]), id="cut-off"),
    pytest.param(raw(lambda _: b""), id="nothing"),
]


@pytest.mark.parametrize("alteration", ALTERATIONS)
def test_an_altered_proof_value_is_refused(alteration: Callable[[Any], Any]) -> None:
    changed = with_components(SHOWN, alteration)
    assert changed != SHOWN
    started = time.thread_time()
    refused(changed, "proof_malformed", "signature_wrong")
    assert time.thread_time() - started < 1


def test_two_nodes_with_one_label_are_refused_before_any_signature_is_looked_at() -> None:
    """X-03: with one label, what is signed about one node could be shown as about two."""
    changed = with_components(SHOWN, put(LABELS, first_label_twice))
    with pytest.raises(ProofValueError) as caught:
        decode_derived_proof_value(changed["proof"]["proofValue"])
    assert "label map" in caught.value.message


@pytest.mark.parametrize("text", ["", "u", "z2V0B", "u2V0B!", "u2V0B=", "2V0B", 5, None, ["u2V0B"]])
def test_a_proof_value_that_is_no_multibase_is_refused(text: Any) -> None:
    refused({**SHOWN, "proof": {**SHOWN["proof"], "proofValue": text}}, "proof_malformed")


def test_mandatory_statements_cannot_pass_for_chosen_ones() -> None:
    """X-03: an index moved with its statement's place, signatures shortened to fit."""

    def moved(components: Any) -> Any:
        signature, key, signatures, labels, indexes = components
        return [signature, key, signatures[1:], labels, sorted({*indexes, indexes[-1] + 1, 0})]

    refused(with_components(SHOWN, moved), "signature_wrong", "proof_malformed")


# --- what the signatures cover


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda d: d.update(validFrom="2020-01-01T00:00:00Z"), id="mandatory-value"),
        pytest.param(lambda d: d.pop("validFrom"), id="X-02-mandatory-removed"),
        pytest.param(lambda d: d.pop("credentialSchema"), id="X-02-schema-removed"),
        pytest.param(lambda d: d["credentialSubject"].update(name="Another"), id="chosen-value"),
        pytest.param(lambda d: d["credentialSubject"].pop("name"), id="chosen-removed"),
        pytest.param(lambda d: d["credentialSubject"].update(id="did:example:thief"), id="subject"),
        pytest.param(lambda d: d["credentialSubject"].update(narrative="more"), id="added"),
        pytest.param(lambda d: d["type"].append("WorkExperienceCredential"), id="type-added"),
        pytest.param(lambda d: d.update(evidence=[{"type": ["Evidence"], "name": "x"}]), id="evidence-added"),
        pytest.param(lambda d: d["proof"].update(created="2026-03-15T09:00:01Z"), id="created"),
        pytest.param(lambda d: d["proof"].update(domain="x.example"), id="proof-member-added"),
    ],
)
def test_a_changed_document_is_refused(change: Callable[[Any], Any]) -> None:
    changed = copy.deepcopy(SHOWN)
    change(changed)
    refused(changed)


@pytest.mark.parametrize(
    "place", [(), ("issuer",), ("credentialSubject",), ("credentialSubject", "achievement")]
)
def test_an_undefined_member_is_refused_everywhere(place: tuple[str, ...]) -> None:
    """SECURITY X-04: on signing, on deriving and on verifying."""

    def with_extra(document: dict[str, Any]) -> dict[str, Any]:
        changed = node = copy.deepcopy(document)
        for name in place:
            node = node[name]
        node["unheardOf"] = "x"
        return changed

    with pytest.raises(LinkedDataError):
        issue(with_extra(UNSIGNED))
    with pytest.raises(LinkedDataError):
        derive(json.dumps(with_extra(json.loads(BASE))).encode(), "/issuer")
    refused(with_extra(SHOWN), "data_loss")


def test_the_proof_context_must_be_that_of_the_document() -> None:
    contexts = SHOWN["@context"]
    accepted({**SHOWN, "proof": {**SHOWN["proof"], "@context": contexts}})
    refused({**SHOWN, "proof": {**SHOWN["proof"], "@context": contexts[:1]}}, "signature_wrong")


def test_signatures_of_two_credentials_do_not_mix() -> None:
    """SECURITY X-05: another credential, of the same holder or another, has another key and other labels."""
    twin = derive(issue(UNSIGNED), *CHOSEN)
    for component in (SIGNATURES, PUBLIC_KEY, BASE_SIGNATURE, LABELS):
        theirs = components_of(twin)[component]
        refused(with_components(SHOWN, put(component, lambda _, theirs=theirs: theirs)))
    merged = {**SHOWN, "proof": twin["proof"], "credentialSubject": SHOWN["credentialSubject"]}
    accepted(merged)  # the same statements: only then does one proof fit the other document
    other = copy.deepcopy(UNSIGNED)
    other["credentialSubject"]["name"] = "Somebody Else"
    refused({**SHOWN, "proof": derive(issue(other), *CHOSEN)["proof"]}, "signature_wrong")


def test_two_derived_proofs_of_one_credential_say_so() -> None:
    """SECURITY X-08, and the reason: what two verifiers got can be put together."""
    first, second = components_of(derive(BASE)), components_of(SHOWN)
    assert first[BASE_SIGNATURE] == second[BASE_SIGNATURE]
    assert first[PUBLIC_KEY] == second[PUBLIC_KEY]
    assert set(first[LABELS].values()) <= set(second[LABELS].values())


def test_two_issuances_of_one_document_have_nothing_in_common() -> None:
    one, two = components_of(json.loads(BASE)), components_of(json.loads(issue(UNSIGNED)))
    assert one[1] != two[1]
    assert one[2] != two[2]
    assert not set(one[3]) & set(two[3])


def test_the_wrong_issuer_key_is_refused() -> None:
    stranger = SoftSigner(7, Algorithm.P256)
    forged = derive(issue(UNSIGNED, signer=stranger), *CHOSEN)
    forged["proof"]["verificationMethod"] = ISSUER.verification_method
    refused(forged, "signature_wrong")


# --- deriving from what is broken


@pytest.mark.parametrize(
    "alteration",
    [
        pytest.param(put(3, lambda s: s[:-1]), id="signature-missing"),
        pytest.param(put(3, lambda s: [*s, s[0]]), id="signature-extra"),
        pytest.param(put(3, lambda s: [s[-1], *s[:-1]]), id="signatures-rotated"),
        pytest.param(put(2, lambda _: bytes(32)), id="another-hmac-key"),
        pytest.param(put(4, lambda p: p[:-1]), id="fewer-mandatory-pointers"),
    ],
)
def test_nothing_is_derived_from_a_broken_base_proof(alteration: Callable[[Any], Any]) -> None:
    broken = with_components(json.loads(BASE), alteration)
    with pytest.raises(SecuringError) as caught:
        derive(json.dumps(broken).encode(), "")
    assert caught.value.code == "base_proof_broken"


@pytest.mark.parametrize(
    "alteration",
    [
        pytest.param(put(2, lambda k: k[:-1]), id="hmac-key-short"),
        pytest.param(put(4, lambda _: "/issuer"), id="pointers-text"),
        pytest.param(put(4, lambda _: ["issuer"]), id="no-pointer"),
        pytest.param(put(0, lambda s: s + b"\0"), id="base-signature-long"),
        pytest.param(lambda c: c[:4], id="four-components"),
    ],
)
def test_nothing_is_derived_from_a_malformed_base_proof(alteration: Callable[[Any], Any]) -> None:
    broken = with_components(json.loads(BASE), alteration)
    with pytest.raises(SecuringError) as caught:
        derive(json.dumps(broken).encode(), "")
    assert caught.value.code == "not_a_base_proof"


@pytest.mark.parametrize(
    ("pointers", "code"),
    [
        (["/nothing"], "pointer_not_found"),
        (["issuer"], "invalid_pointer"),
        (["/proof/proofValue"], "pointer_not_found"),
        ("/issuer", "invalid_pointer"),
    ],
)
def test_bad_pointers_are_named(pointers: Any, code: str) -> None:
    with pytest.raises(SecuringError) as caught:
        derive_credential(BASE, pointers)
    assert caught.value.code == code
    with pytest.raises(SecuringError) as caught:
        issue(UNSIGNED, pointers)
    assert caught.value.code == code


def test_there_are_no_options_for_deriving() -> None:
    with pytest.raises(SecuringError) as caught:
        derive_credential(BASE, ["/issuer"], options={"presentationHeader": "x"})
    assert caught.value.code == "unsupported_option"


# --- preparing and attaching


def test_preparing_keeps_no_private_key_and_survives_the_database() -> None:
    prepared = prepare_credential(
        UNSIGNED,
        mechanism="ecdsa-sd-2023",
        verification_method=ISSUER.verification_method,
        algorithm=Algorithm.P256,
        created=AWARDED,
    )
    assert set(prepared.proof.extra) == {"public_key", "hmac_key", "signatures", "mandatory_pointers"}
    again = decode_prepared(encode_prepared(prepared))
    assert again == prepared
    signature = ISSUER.sign(prepared.to_be_signed)
    assert attach_proof(again.proof, signature) == attach_proof(prepared.proof, signature)
    accepted(derive(attach_proof(again.proof, signature)))


@pytest.mark.parametrize(
    ("name", "value"), [("public_key", "z"), ("hmac_key", None), ("signatures", "x"), ("signatures", [1])]
)
def test_a_record_that_is_not_whole_is_noticed(name: str, value: Any) -> None:
    prepared = prepare_proof(
        "ecdsa-sd-2023",
        UNSIGNED,
        verification_method=ISSUER.verification_method,
        algorithm=Algorithm.P256,
        created=AWARDED,
    )
    broken = PreparedProof(
        prepared.mechanism,
        prepared.document,
        prepared.options,
        prepared.to_be_signed,
        {**prepared.extra, name: value},
    )
    with pytest.raises(IntegrityError):
        attach_proof(broken, bytes(64))


def test_only_p256_keys_sign() -> None:
    signer = SoftSigner(2, Algorithm.P384)
    with pytest.raises(SecuringError) as caught:
        prepare_proof(
            "ecdsa-sd-2023",
            UNSIGNED,
            verification_method=signer.verification_method,
            algorithm=Algorithm.P384,
            created=AWARDED,
        )
    assert caught.value.code == "wrong_key_type"


def test_an_ordered_list_is_shown_as_a_whole_or_not_at_all() -> None:
    document = copy.deepcopy(UNSIGNED)
    described = document["credentialSubject"]["achievement"]["resultDescription"][1]
    described["allowedValue"] = ["Completed", "InProgress", "Failed"]
    place = "/credentialSubject/achievement/resultDescription/1/allowedValue"
    base = issue(document, ["/issuer"])
    whole = accepted(derive(base, place))
    [shown] = whole["credentialSubject"]["achievement"]["resultDescription"]
    assert shown["allowedValue"] == described["allowedValue"]
    assert "allowedValue" not in json.dumps(derive(base, "/credentialSubject/name"))
    accepted(derive(base, ""))
    with pytest.raises(SecuringError) as caught:
        derive(base, f"{place}/0")
    assert caught.value.code == "pointer_splits_statement"
