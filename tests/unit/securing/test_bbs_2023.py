"""`bbs-2023`: what a holder can show, what nobody can forge, and what nobody can link (SECURITY X-01 to X-07)."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from skillcred.encoding.cbor import encode_cbor
from skillcred.errors import IntegrityError, LimitError
from skillcred.issuance import decode_prepared, encode_prepared, prepare_credential
from skillcred.keys.algorithms import Algorithm
from skillcred.keys.bbs import MAX_MESSAGES, BbsError
from skillcred.linkeddata.errors import LinkedDataError
from skillcred.model.outcomes import Outcome, Verdict
from skillcred.securing import (
    MECHANISM_NAMES,
    PreparedProof,
    SecuringError,
    attach_proof,
    derive_credential,
    key_algorithms,
    prepare_proof,
    show_everything,
)
from skillcred.securing.data_integrity.bbs_2023 import shuffled_label_map
from skillcred.securing.data_integrity.suites import CRYPTOSUITES
from skillcred.trust import AccreditationScope
from worlds.bbs_world import ISSUER, check
from worlds.disclosure_world import components_of, derive, issue, with_components
from worlds.pure_world import AWARDED, PureWorld, SoftSigner, example_claims, sign

PROFILES = ("qualification", "training", "proficiency", "work-experience", "apprenticeship")
PROOF, LABELS, MANDATORY, SELECTIVE, PRESENTATION = range(5)
SIGNATURE, HEADER, KEY, HMAC_KEY, POINTERS = range(5)


def world(profile: str = "qualification") -> PureWorld:
    scope = AccreditationScope((profile,))
    return PureWorld(profile, example_claims(profile), provider=ISSUER, scope=scope)


UNSIGNED = world().unsigned()
UNSIGNED["credentialSubject"]["narrative"] = "First of her year."
BASE = issue(UNSIGNED, signer=ISSUER)
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
    assert accepted(show_everything(BASE, "bbs-2023")) == UNSIGNED


def test_only_what_must_be_shown_can_be_shown() -> None:
    shown = accepted(derive(BASE))
    assert "name" not in shown["credentialSubject"]
    assert shown["credentialSubject"]["achievement"] == UNSIGNED["credentialSubject"]["achievement"]


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("pointers", [(), ("/credentialSubject/name",), ("",)], ids=["least", "name", "all"])
def test_whatever_is_shown_of_a_skill_credential_is_enough(profile: str, pointers: tuple[str, ...]) -> None:
    there = world(profile)
    shown = derive(issue(there.unsigned(), signer=ISSUER), *pointers)
    report = there.verify(json.dumps(shown).encode())
    assert (report.verdict, report.reason) == (Verdict.VALID, "issuer_authorised")


def test_the_issuer_can_choose_what_is_mandatory() -> None:
    shown = derive(issue(UNSIGNED, ["/issuer", "/validFrom"], signer=ISSUER), "/credentialSubject/name")
    assert set(accepted(shown)) == {"@context", "id", "type", "issuer", "validFrom", "credentialSubject"}


def test_all_or_nothing_can_be_mandatory() -> None:
    assert accepted(derive(issue(UNSIGNED, [""], signer=ISSUER))) == UNSIGNED
    base = issue(UNSIGNED, [], signer=ISSUER)
    assert set(accepted(derive(base, "/issuer"))) == {"@context", "id", "type", "issuer"}
    with pytest.raises(SecuringError) as caught:
        derive(base)
    assert caught.value.code == "nothing_selected"


# --- the wrong kind of proof (SECURITY X-01)


def test_a_base_proof_is_not_for_verifiers() -> None:
    refused(BASE, "base_proof_presented")
    refused(derive(BASE, "") | {"proof": json.loads(BASE)["proof"]}, "base_proof_presented")


def test_a_proof_under_another_header_is_refused() -> None:
    base = json.loads(BASE)
    refused(with_components(base, lambda c: c, b"\xd9\x5d\x03"), "proof_malformed")
    for header in (b"\xd9\x5d\x02", b"\xd9\x5d\x04", b"\xd9\x5d\x06", b"\xd9\x5d\x08"):
        refused(with_components(SHOWN, lambda c: c, header), "base_proof_presented")
    for header in (b"\xd9\x5d\x00", b"\xd9\x5d\x01", b"\xd9\x5d\x0a", b"\xd9\x5c\x03", b"\x00\x00\x00"):
        refused(with_components(SHOWN, lambda c: c, header), "proof_malformed")


@pytest.mark.parametrize("number", [5, 7, 9])
def test_optional_features_are_not_supported_and_never_valid(number: int) -> None:
    findings = check(with_components(SHOWN, lambda c: c, bytes([0xD9, 0x5D, number])))
    assert findings.verified is None
    assert (findings.result.outcome, findings.result.code) == (Outcome.INDETERMINATE, "unsupported_proof")
    assert findings.result.problems[0].code == "unsupported_feature"


@pytest.mark.parametrize("number", [4, 6, 8])
def test_nothing_is_derived_with_optional_features(number: int) -> None:
    base = with_components(json.loads(BASE), lambda c: c, bytes([0xD9, 0x5D, number]))
    with pytest.raises(SecuringError) as caught:
        derive(json.dumps(base).encode(), "/issuer")
    assert caught.value.code == "not_a_base_proof"


def test_nothing_is_derived_from_a_derived_proof() -> None:
    with pytest.raises(SecuringError) as caught:
        derive_credential(json.dumps(SHOWN).encode(), ["/issuer"])
    assert caught.value.code == "not_a_base_proof"


# --- proof values that are not as they must be (SECURITY X-03, X-06, X-07)


def put(index: int, change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The components with one of them changed."""

    def changed(components: Any) -> Any:
        return [change(item) if place == index else item for place, item in enumerate(components)]

    return changed


def raw(change: Callable[[bytes], bytes]) -> Callable[[Any], bytes]:
    return lambda components: change(encode_cbor(components))


def first_label_twice(labels: dict[int, int]) -> dict[int, int]:
    return dict.fromkeys(labels, next(iter(labels.values())))


ALTERATIONS = [
    pytest.param(put(MANDATORY, lambda i: [i[0], *i]), id="X-03-index-twice"),
    pytest.param(put(MANDATORY, lambda i: [i[1], i[0], *i[2:]]), id="X-03-indexes-unsorted"),
    pytest.param(put(MANDATORY, lambda i: [*i, 100_000]), id="X-03-index-out-of-range"),
    pytest.param(put(MANDATORY, lambda i: [-1, *i]), id="X-03-index-negative"),
    pytest.param(put(MANDATORY, lambda i: [False, *i[1:]]), id="index-boolean"),
    pytest.param(put(MANDATORY, lambda i: i[:-1]), id="X-03-index-missing"),
    pytest.param(put(MANDATORY, lambda _: []), id="X-03-no-index"),
    pytest.param(put(MANDATORY, lambda i: dict(enumerate(i))), id="indexes-map"),
    pytest.param(put(SELECTIVE, lambda i: [i[0], *i]), id="X-03-selective-twice"),
    pytest.param(put(SELECTIVE, lambda i: i[::-1]), id="X-03-selective-unsorted"),
    pytest.param(put(SELECTIVE, lambda i: [*i[:-1], 100_000]), id="X-03-selective-out-of-range"),
    pytest.param(put(SELECTIVE, lambda i: [*i[:-1], 2**64 - 1]), id="X-03-selective-huge"),
    pytest.param(put(SELECTIVE, lambda i: [-1, *i[1:]]), id="X-03-selective-negative"),
    pytest.param(put(SELECTIVE, lambda i: i[:-1]), id="X-03-selective-missing"),
    pytest.param(put(SELECTIVE, lambda i: [*i, i[-1] + 1]), id="X-03-selective-extra"),
    pytest.param(put(SELECTIVE, lambda i: [*i[:-1], i[-1] + 1]), id="X-03-selective-moved"),
    pytest.param(put(LABELS, lambda m: dict(list(m.items())[:-1])), id="X-03-label-missing"),
    pytest.param(put(LABELS, lambda m: {**m, 99: 99}), id="X-03-label-extra"),
    pytest.param(put(LABELS, first_label_twice), id="X-03-labels-not-injective"),
    pytest.param(
        put(LABELS, lambda m: dict(zip(m, [*list(m.values())[1:], m[0]], strict=True))), id="labels-rotated"
    ),
    pytest.param(put(LABELS, lambda m: {**m, 0: b"b0"}), id="label-bytes"),
    pytest.param(put(LABELS, lambda m: {**m, 0: -1}), id="label-negative"),
    pytest.param(put(LABELS, lambda m: {str(k): v for k, v in m.items()}), id="label-key-text"),
    pytest.param(put(LABELS, lambda m: [[k, v] for k, v in m.items()]), id="labels-list"),
    pytest.param(put(PRESENTATION, lambda _: b"another nonce"), id="X-07-another-presentation-header"),
    pytest.param(put(PRESENTATION, lambda _: b"\0"), id="X-07-presentation-header-of-zero"),
    pytest.param(put(PRESENTATION, lambda _: None), id="X-07-presentation-header-missing"),
    pytest.param(put(PRESENTATION, lambda _: "nonce"), id="X-07-presentation-header-text"),
    pytest.param(put(PROOF, lambda p: p[:-1]), id="proof-short"),
    pytest.param(put(PROOF, lambda p: p[:-32]), id="proof-a-scalar-less"),
    pytest.param(put(PROOF, lambda p: p + bytes(31) + b"\1"), id="proof-a-scalar-more"),
    pytest.param(put(PROOF, lambda p: p[:100]), id="proof-far-too-short"),
    pytest.param(put(PROOF, lambda _: b""), id="no-proof"),
    pytest.param(put(PROOF, lambda p: bytes(len(p))), id="proof-of-zeros"),
    pytest.param(put(PROOF, lambda p: b"\xc0" + bytes(47) + p[48:]), id="neutral-point"),
    pytest.param(put(PROOF, lambda p: (b"\xc0" + bytes(47)) * 2 + p[96:]), id="two-neutral-points"),
    pytest.param(put(PROOF, lambda p: p[48:96] + p[:48] + p[96:]), id="points-swapped"),
    pytest.param(put(PROOF, lambda p: p.hex()), id="proof-text"),
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
    assert time.thread_time() - started < 2


def test_a_proof_of_more_messages_than_are_looked_at_is_not_judged() -> None:
    changed = with_components(SHOWN, put(PROOF, lambda p: p + bytes(32 * MAX_MESSAGES)))
    findings = check(changed)
    assert findings.verified is None
    assert (findings.result.outcome, findings.result.code) == (
        Outcome.INDETERMINATE,
        "canonicalization_limit",
    )


@pytest.mark.parametrize("text", ["", "u", "z2V0D", "u2V0D!", "u2V0D=", "2V0D", 5, None, ["u2V0D"]])
def test_a_proof_value_that_is_no_multibase_is_refused(text: Any) -> None:
    refused({**SHOWN, "proof": {**SHOWN["proof"], "proofValue": text}}, "proof_malformed")


def test_mandatory_statements_cannot_pass_for_chosen_ones() -> None:
    """X-03: the index of a mandatory statement taken away and one of a message put in."""

    def moved(components: Any) -> Any:
        proof, labels, mandatory, selective, header = components
        extra = next(index for index in range(1000) if index not in selective)
        return [proof, labels, mandatory[:-1], sorted([*selective, extra]), header]

    refused(with_components(SHOWN, moved), "signature_wrong")


# --- what the signature covers


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda d: d.update(validFrom="2020-01-01T00:00:00Z"), id="mandatory-value"),
        pytest.param(lambda d: d.pop("validFrom"), id="X-02-mandatory-removed"),
        pytest.param(lambda d: d.pop("credentialSchema"), id="X-02-schema-removed"),
        pytest.param(lambda d: d.update(issuer={**d["issuer"], "name": "Other"}), id="X-02-issuer"),
        pytest.param(lambda d: d["credentialSubject"].update(name="Another"), id="chosen-value"),
        pytest.param(lambda d: d["credentialSubject"].pop("name"), id="chosen-removed"),
        pytest.param(lambda d: d["credentialSubject"].update(id="did:example:thief"), id="subject"),
        pytest.param(lambda d: d["credentialSubject"].update(narrative="more"), id="added"),
        pytest.param(lambda d: d["type"].append("WorkExperienceCredential"), id="type-added"),
        pytest.param(lambda d: d.update(evidence=[{"type": ["Evidence"], "name": "x"}]), id="evidence-added"),
        pytest.param(lambda d: d["proof"].update(created="2026-03-15T09:00:01Z"), id="created"),
        pytest.param(lambda d: d["proof"].update(domain="x.example"), id="proof-member-added"),
        pytest.param(lambda d: d["proof"].pop("created"), id="proof-member-removed"),
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
        issue(with_extra(UNSIGNED), signer=ISSUER)
    with pytest.raises(LinkedDataError):
        derive(json.dumps(with_extra(json.loads(BASE))).encode(), "/issuer")
    refused(with_extra(SHOWN), "data_loss")


def test_the_proof_context_must_be_that_of_the_document() -> None:
    contexts = SHOWN["@context"]
    accepted({**SHOWN, "proof": {**SHOWN["proof"], "@context": contexts}})
    refused({**SHOWN, "proof": {**SHOWN["proof"], "@context": contexts[:1]}}, "signature_wrong")


def test_proofs_of_two_credentials_do_not_mix() -> None:
    """SECURITY X-05."""
    other = copy.deepcopy(UNSIGNED)
    other["credentialSubject"]["name"] = "Somebody Else"
    theirs = derive(issue(other, signer=ISSUER), *CHOSEN)
    refused({**SHOWN, "proof": theirs["proof"]}, "signature_wrong")
    again = derive(issue(UNSIGNED, signer=ISSUER), *CHOSEN)
    for component in (PROOF, MANDATORY, SELECTIVE):
        mixed = with_components(SHOWN, put(component, lambda _, at=component: components_of(theirs)[at]))
        if mixed != SHOWN:
            refused(mixed)
    accepted({**SHOWN, "proof": again["proof"]})  # the same statements: the proof is for them, not for a file


def test_two_derived_proofs_of_one_credential_have_nothing_in_common() -> None:
    """The purpose of this suite (compare SECURITY X-08): verifiers cannot tell them from those of two credentials."""
    first, second = components_of(derive(BASE, *CHOSEN)), components_of(SHOWN)
    pieces = [{p[PROOF][start : start + 16] for start in range(len(p[PROOF]) - 15)} for p in (first, second)]
    assert pieces[0].isdisjoint(pieces[1])
    assert first[LABELS] == second[LABELS]
    base = components_of(json.loads(BASE))
    for secret in (base[SIGNATURE], base[HMAC_KEY]):
        chunks = {secret[start : start + 16] for start in range(len(secret) - 15)}
        assert chunks.isdisjoint(pieces[0])


def test_labels_are_numbers_in_an_order_that_the_key_decides() -> None:
    """Section 3.2.1: nothing of the HMAC is left in a label."""
    canonical = [f"c14n{number}" for number in range(20)]
    orders = set()
    for seed in range(5):
        labels = shuffled_label_map(bytes([seed]) * 32)(canonical)
        assert sorted(labels.values()) == sorted(f"b{number}" for number in range(20))
        orders.add(tuple(labels[label] for label in canonical))
    assert len(orders) == 5


def test_two_issuances_of_one_document_have_nothing_in_common() -> None:
    one, two = components_of(json.loads(BASE)), components_of(json.loads(issue(UNSIGNED, signer=ISSUER)))
    assert one[SIGNATURE] != two[SIGNATURE]
    assert one[HMAC_KEY] != two[HMAC_KEY]
    assert one[KEY] == two[KEY] == ISSUER.public_key.key_bytes


def test_the_wrong_issuer_key_is_refused() -> None:
    stranger = SoftSigner(7, Algorithm.BLS12381G2)
    forged = derive(issue(UNSIGNED, signer=stranger), *CHOSEN)
    forged["proof"]["verificationMethod"] = ISSUER.verification_method
    refused(forged, "signature_wrong")


# --- the presentation header (SECURITY X-07)


def test_a_proof_can_be_bound_to_a_nonce() -> None:
    options = {"presentationHeader": "uETN3qg"}
    shown = json.loads(derive_credential(BASE, CHOSEN, options=options))  # type: ignore[arg-type]
    assert components_of(shown)[PRESENTATION] == bytes.fromhex("113377aa")
    accepted(shown)
    refused(with_components(shown, put(PRESENTATION, lambda _: b"")), "signature_wrong")
    assert components_of(SHOWN)[PRESENTATION] == b""


@pytest.mark.parametrize(
    "options",
    [
        {"presentationHeader": "113377aa"},
        {"presentationHeader": "zETN3qg"},
        {"presentationHeader": "u!"},
        {"presentationHeader": 5},
        {"presentationHeader": "u" + "A" * 2000},
        {"nonce": "x"},
        {"featureOption": "pseudonym"},
    ],
)
def test_other_options_for_deriving_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(SecuringError) as caught:
        derive_credential(BASE, ["/issuer"], options=options)
    assert caught.value.code == "unsupported_option"


# --- deriving from what is broken


@pytest.mark.parametrize(
    ("alteration", "code"),
    [
        pytest.param(put(HMAC_KEY, lambda _: bytes(32)), "base_proof_broken", id="another-hmac-key"),
        pytest.param(put(POINTERS, lambda p: p[:-1]), "base_proof_broken", id="fewer-mandatory-pointers"),
        pytest.param(put(HEADER, lambda _: bytes(64)), "base_proof_broken", id="another-header"),
        pytest.param(
            put(KEY, lambda _: SoftSigner(7, Algorithm.BLS12381G2).public_key.key_bytes),
            "base_proof_broken",
            id="another-key",
        ),
        pytest.param(put(KEY, lambda _: bytes(96)), "base_proof_broken", id="key-that-is-none"),
        pytest.param(
            put(SIGNATURE, lambda s: s[:48] + bytes(31) + b"\1"), "base_proof_broken", id="signature"
        ),
        pytest.param(put(SIGNATURE, lambda s: s + b"\0"), "not_a_base_proof", id="signature-long"),
        pytest.param(put(HEADER, lambda h: h[:-1]), "not_a_base_proof", id="header-short"),
        pytest.param(put(KEY, lambda k: k[:-1]), "not_a_base_proof", id="key-short"),
        pytest.param(put(HMAC_KEY, lambda k: k[:-1]), "not_a_base_proof", id="hmac-key-short"),
        pytest.param(put(POINTERS, lambda _: "/issuer"), "not_a_base_proof", id="pointers-text"),
        pytest.param(put(POINTERS, lambda _: ["issuer"]), "not_a_base_proof", id="no-pointer"),
        pytest.param(lambda c: c[:4], "not_a_base_proof", id="four-components"),
    ],
)
def test_nothing_is_derived_from_a_broken_base_proof(alteration: Callable[[Any], Any], code: str) -> None:
    broken = with_components(json.loads(BASE), alteration)
    with pytest.raises(SecuringError) as caught:
        derive(json.dumps(broken).encode(), "")
    assert caught.value.code == code


def test_nothing_is_derived_from_a_changed_document() -> None:
    changed = json.loads(BASE)
    changed["credentialSubject"]["name"] = "Another"
    with pytest.raises(SecuringError) as caught:
        derive(json.dumps(changed).encode(), "/issuer")
    assert caught.value.code == "base_proof_broken"


# --- keys, preparing and attaching


@pytest.mark.parametrize("name", sorted(set(MECHANISM_NAMES) - {"bbs-2023"}))
def test_no_other_mechanism_takes_a_bbs_key(name: str) -> None:
    assert Algorithm.BLS12381G2 not in key_algorithms(name)
    with pytest.raises(SecuringError) as caught:
        prepare_proof(
            name,
            UNSIGNED,
            verification_method=ISSUER.verification_method,
            algorithm=Algorithm.BLS12381G2,
            created=AWARDED,
        )
    assert caught.value.code == "wrong_key_type"


@pytest.mark.parametrize("name", sorted(set(CRYPTOSUITES) & set(MECHANISM_NAMES) - {"bbs-2023"}))
def test_no_other_cryptosuite_verifies_with_a_bbs_key(name: str) -> None:
    signer = SoftSigner(2, key_algorithms(name)[0])
    document = json.loads(show_everything(sign(UNSIGNED, signer, name), name))
    document["proof"]["verificationMethod"] = ISSUER.verification_method
    refused(document, "signature_wrong")


@pytest.mark.parametrize("algorithm", sorted(set(Algorithm) - {Algorithm.BLS12381G2}))
def test_only_bbs_keys_sign(algorithm: Algorithm) -> None:
    assert key_algorithms("bbs-2023") == (Algorithm.BLS12381G2,)
    with pytest.raises(SecuringError) as caught:
        prepare_proof(
            "bbs-2023",
            UNSIGNED,
            verification_method=ISSUER.verification_method,
            algorithm=algorithm,
            created=AWARDED,
        )
    assert caught.value.code == "wrong_key_type"


def test_preparing_survives_the_database() -> None:
    prepared = prepare_credential(
        UNSIGNED,
        mechanism="bbs-2023",
        verification_method=ISSUER.verification_method,
        algorithm=Algorithm.BLS12381G2,
        created=AWARDED,
    )
    assert set(prepared.proof.extra) == {"bbs_header", "hmac_key", "mandatory_pointers"}
    again = decode_prepared(encode_prepared(prepared))
    assert again == prepared
    signature = ISSUER.sign(prepared.to_be_signed)
    assert signature == ISSUER.sign(again.to_be_signed)
    assert attach_proof(again.proof, signature) == attach_proof(prepared.proof, signature)
    accepted(derive(attach_proof(again.proof, signature)))


@pytest.mark.parametrize(
    ("name", "value"),
    [("bbs_header", "!"), ("hmac_key", None), ("mandatory_pointers", "x"), ("signature", 80)],
)
def test_a_record_that_is_not_whole_is_noticed(name: str, value: Any) -> None:
    prepared = prepare_proof(
        "bbs-2023",
        UNSIGNED,
        verification_method=ISSUER.verification_method,
        algorithm=Algorithm.BLS12381G2,
        created=AWARDED,
    )
    signature = bytes(value) if name == "signature" else ISSUER.sign(prepared.to_be_signed)
    broken = PreparedProof(
        prepared.mechanism,
        prepared.document,
        prepared.options,
        prepared.to_be_signed,
        {**prepared.extra, name: value},
    )
    with pytest.raises(IntegrityError):
        attach_proof(broken, signature)


def test_a_bbs_key_signs_no_other_bytes() -> None:
    """A key that signed whatever it is given could be made to sign a header of the asker's choice."""
    for data in (b"", b"message", bytes(64)):
        with pytest.raises((BbsError, LimitError)):
            ISSUER.sign(data + b"\1")
