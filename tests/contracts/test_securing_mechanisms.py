"""The contract of securing mechanisms: what each of them must do, whoever wrote it (ARCHITECTURE, "How a part
plugs in"). Every mechanism of the table is tried with every kind of key it signs with."""

from __future__ import annotations

import functools
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from skillcred.errors import SkillcredError
from skillcred.identifiers import (
    ControlledIdentifierDocument,
    derive_document,
    parse_controlled_identifier_document,
)
from skillcred.keys.algorithms import Algorithm
from skillcred.model.documents import Form, parse_secured_document
from skillcred.model.outcomes import Outcome, Step
from skillcred.securing import (
    MECHANISMS,
    ControllerDocuments,
    PreparedProof,
    ProofFindings,
    ProofRequest,
    SecuringError,
    attach_proof,
    key_algorithms,
    peek_controllers,
    prepare_proof,
    secured_media_type,
    show_everything,
    verify_secured_document,
)
from worlds.pure_world import AWARDED, NOW, SoftSigner, did_document
from worlds.secured_forms import FORMS, PLAIN_CLAIMS, SecuredForm

each_form = pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)


@functools.cache
def secured(form: SecuredForm) -> bytes:
    """With a proof by this mechanism and no other."""
    return form.make_alone()[0]


@functools.cache
def accepted(form: SecuredForm) -> bytes:
    """With as many proofs as it takes."""
    return form.make()[0]


def check(
    form: SecuredForm,
    content: bytes,
    *,
    at: datetime = NOW,
    purpose: str = "assertionMethod",
    controllers: ControllerDocuments | None = None,
    **expected: str,
) -> ProofFindings:
    parsed = parse_secured_document(content, form.media_type)
    documents = known(form, peek_controllers(parsed)) if controllers is None else controllers
    return verify_secured_document(parsed, ProofRequest(purpose, at, documents, **expected))


def known(form: SecuredForm, dids: tuple[str, ...]) -> ControllerDocuments:
    own = form.world().provider.did
    found = {did: provider_document(form) if did == own else derive_document(did) for did in dids}
    return {did: document for did, document in found.items() if document is not None}


def test_every_name_belongs_to_one_mechanism() -> None:
    names = [name for mechanism in MECHANISMS for name in mechanism.names]
    assert len(names) == len(set(names))


def test_every_form_of_documents_is_taken_by_one_mechanism() -> None:
    assert sorted(mechanism.form for mechanism in MECHANISMS) == sorted(Form)
    for form in FORMS:
        parsed = parse_secured_document(secured(form), form.media_type)
        [taken] = [mechanism for mechanism in MECHANISMS if mechanism.form is parsed.form]
        assert form.mechanism in taken.names, form.name


@each_form
def test_round_trip(form: SecuredForm) -> None:
    findings = check(form, accepted(form))
    assert findings.result.step is Step.PROOF
    assert (findings.result.outcome, findings.result.code) == (Outcome.PASSED, "proof_verified")
    assert findings.verified is not None
    signer, *companions = form.signers()
    [proof] = findings.verified.experimental_proofs if form.experimental else findings.verified.proofs
    assert bool(companions) is form.experimental
    assert proof.mechanism == form.mechanism
    assert proof.controller == signer.did
    assert proof.verification_method == signer.verification_method
    assert proof.public_key_multibase == signer.public_key.to_multikey()
    assert proof.purpose == "assertionMethod"
    assert "proof" not in findings.verified.document


@each_form
def test_alone_an_experimental_proof_is_not_enough(form: SecuredForm) -> None:
    """docs/adr/0006-post-quantum-second-proof.md: what nobody else could check must not make a verdict valid."""
    findings = check(form, secured(form))
    if form.experimental:
        assert findings.verified is None
        expected = (Outcome.INDETERMINATE, "experimental_proof_only")
    else:
        assert findings.verified is not None
        assert findings.verified.experimental_proofs == ()
        expected = (Outcome.PASSED, "proof_verified")
    assert (findings.result.outcome, findings.result.code) == expected


@each_form
def test_the_verified_document_is_what_was_signed(form: SecuredForm) -> None:
    findings = check(form, accepted(form))
    assert findings.verified is not None
    assert findings.verified.document == form.unsigned()


@each_form
def test_the_controller_is_peeked_and_no_other(form: SecuredForm) -> None:
    parsed = parse_secured_document(secured(form), form.media_type)
    assert peek_controllers(parsed) == (form.world().provider.did,)


@each_form
def test_without_the_controllers_document_nothing_is_known(form: SecuredForm) -> None:
    findings = check(form, secured(form), controllers={})
    assert findings.verified is None
    assert (findings.result.outcome, findings.result.code) == (Outcome.INDETERMINATE, "key_not_available")
    assert [need.id for need in findings.result.needs] == [form.world().provider.did]


def provider_document(form: SecuredForm) -> ControlledIdentifierDocument:
    signers = form.signers()
    document = derive_document(signers[0].did)
    if document is None:
        content = json.dumps(did_document(*signers)).encode()
        return parse_controlled_identifier_document(content, expected_id=signers[0].did)
    return document


def with_method(form: SecuredForm, **changes: Any) -> ControllerDocuments:
    """The provider's document with something else about the key of the mechanism."""
    document = provider_document(form)
    name = form.world().provider.verification_method
    changed = replace(document.verification_methods[name], **changes)
    return {
        document.id: replace(document, verification_methods={**document.verification_methods, name: changed})
    }


@each_form
def test_another_key_under_the_same_name_fails(form: SecuredForm) -> None:
    stranger = SoftSigner(99, form.algorithm)
    findings = check(form, secured(form), controllers=with_method(form, public_key=stranger.public_key))
    assert findings.verified is None
    assert (findings.result.outcome, findings.result.code) == (Outcome.FAILED, "signature_wrong")


@each_form
def test_a_key_of_another_kind_fails(form: SecuredForm) -> None:
    """SECURITY J-03: what the key is decides the algorithm, never what the document says."""
    for algorithm in Algorithm:
        if algorithm is form.algorithm or not can_sign(algorithm):
            continue
        stranger = SoftSigner(99, algorithm)
        findings = check(form, secured(form), controllers=with_method(form, public_key=stranger.public_key))
        assert findings.verified is None
        assert findings.result.outcome is Outcome.FAILED, algorithm


def can_sign(algorithm: Algorithm) -> bool:
    return any(algorithm is form.algorithm for form in FORMS)


@each_form
def test_a_method_of_another_controller_fails(form: SecuredForm) -> None:
    findings = check(form, secured(form), controllers=with_method(form, controller="did:example:other"))
    assert findings.verified is None
    assert findings.result.outcome is Outcome.FAILED


@each_form
def test_another_purpose_fails(form: SecuredForm) -> None:
    """A credential is not a presentation (SECURITY D-05)."""
    findings = check(form, secured(form), purpose="authentication")
    assert findings.verified is None
    assert findings.result.outcome is not Outcome.PASSED


@each_form
def test_a_key_without_the_relationship_fails(form: SecuredForm) -> None:
    document = provider_document(form)
    without = replace(document, relationships={**document.relationships, "assertionMethod": frozenset()})
    findings = check(form, secured(form), controllers={document.id: without})
    assert findings.verified is None
    assert (findings.result.outcome, findings.result.code) == (Outcome.FAILED, "key_not_authorised")


@each_form
def test_a_revoked_key_fails_and_an_expired_one_tells_nothing(form: SecuredForm) -> None:
    revoked = check(form, secured(form), controllers=with_method(form, revoked=NOW - timedelta(days=1)))
    assert (revoked.result.outcome, revoked.result.code) == (Outcome.FAILED, "key_revoked")
    expired = check(form, secured(form), controllers=with_method(form, expires=NOW - timedelta(days=1)))
    assert (expired.result.outcome, expired.result.code) == (Outcome.INDETERMINATE, "key_expired")
    assert revoked.verified is None
    assert expired.verified is None


@each_form
def test_a_signature_from_the_future_fails(form: SecuredForm) -> None:
    findings = check(form, secured(form), at=AWARDED - timedelta(hours=2))
    assert findings.verified is None
    assert (findings.result.outcome, findings.result.code) == (Outcome.FAILED, "proof_from_the_future")


@each_form
def test_an_expected_challenge_must_be_there(form: SecuredForm) -> None:
    for expected in ({"challenge": "c-1"}, {"domain": "verifier.example"}):
        findings = check(form, secured(form), **expected)
        assert findings.verified is None
        assert findings.result.outcome is not Outcome.PASSED


@each_form
def test_every_changed_byte_is_noticed_or_means_nothing(form: SecuredForm) -> None:
    content = accepted(form)
    controllers = {form.world().provider.did: provider_document(form)}
    step = max(1, len(content) // 150)
    for position in range(0, len(content), step):
        changed = bytearray(content)
        changed[position] ^= 0x01
        try:
            findings = check(form, bytes(changed), controllers=controllers)
        except SkillcredError:
            continue  # it cannot even be read
        if findings.verified is not None:
            assert same_meaning(bytes(changed), content), position


def same_meaning(left: bytes, right: bytes) -> bool:
    return bool(json.loads(left) == json.loads(right))


@each_form
def test_no_truncated_document_is_accepted(form: SecuredForm) -> None:
    content = accepted(form)
    for end in range(0, len(content) - 1, max(1, len(content) // 60)):
        try:
            findings = check(form, content[:end])
        except SkillcredError:
            continue
        assert findings.verified is None


embedded = pytest.mark.parametrize(
    "form", [form for form in FORMS if form.form is Form.JSON], ids=lambda form: form.name
)


@embedded
@pytest.mark.parametrize("proof", [None, [], {}, "x", 1, [None], [{}], ["x"]])
def test_there_must_be_a_proof(form: SecuredForm, proof: Any) -> None:
    """SECURITY D-01."""
    document = json.loads(secured(form))
    document["proof"] = proof
    findings = check(form, json.dumps(document).encode(), controllers={})
    assert findings.verified is None
    assert findings.result.outcome is Outcome.FAILED


@embedded
@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("unknownOption", "x"),
        ("created", "2026-03-15T09:00:01Z"),
        ("expires", "2099-01-01T00:00:00Z"),
        ("domain", "a.example"),
        ("challenge", "x"),
        ("nonce", "x"),
        ("id", "urn:uuid:7c4c1d1c-35f1-4d1c-8f83-1f5b8f8f9a01"),
        ("previousProof", "urn:uuid:7c4c1d1c-35f1-4d1c-8f83-1f5b8f8f9a01"),
        ("proofPurpose", "authentication"),
        ("type", "OtherProof"),
        ("cryptosuite", "rsa-rdfc-1999"),
        ("verificationMethod", "#key-1"),
        ("proofValue", "z"),
        ("proofValue", ""),
        ("@context", ["https://www.w3.org/ns/credentials/v2"]),
    ],
)
def test_every_proof_option_is_signed(form: SecuredForm, member: str, value: str) -> None:
    """SECURITY D-04, D-09."""
    document = json.loads(secured(form))
    document["proof"][member] = value
    findings = check(form, json.dumps(document).encode())
    assert findings.verified is None
    assert findings.result.outcome is not Outcome.PASSED


@embedded
def test_no_proof_is_lent_by_another_document(form: SecuredForm) -> None:
    """SECURITY D-15: the proof of one credential on another by the same key."""
    world = form.world()
    other = {**world.unsigned(), "id": "https://provider.example/credentials/2"}
    document = {**other, "proof": json.loads(secured(form))["proof"]}
    findings = check(form, json.dumps(document).encode())
    assert findings.verified is None
    assert findings.result.outcome is Outcome.FAILED


def prepare(form: SecuredForm, **options: Any) -> PreparedProof:
    signer = form.world().provider
    return prepare_proof(
        form.mechanism,
        form.unsigned(),
        verification_method=signer.verification_method,
        algorithm=form.algorithm,
        created=AWARDED,
        options=options,
    )


@each_form
def test_a_proof_ends_when_it_says(form: SecuredForm) -> None:
    """SECURITY D-10; RFC 7519 section 4.1.4. The instant itself is too late. Where the signature has no end of its
    own, as with SD-JWT VCs, none is taken."""
    if form.mechanism == PLAIN_CLAIMS:
        with pytest.raises(SecuringError) as refused:
            prepare(form, expires="2026-05-01T00:00:00Z")
        assert refused.value.code == "unsupported_option"
        return
    prepared = prepare(form, expires="2026-05-01T00:00:00Z")
    signed = attach_proof(prepared, form.world().provider.sign(prepared.to_be_signed))
    content = show_everything(signed, form.mechanism)
    for second, code in ((-1, None), (0, "proof_expired"), (86_400, "proof_expired")):
        at = datetime(2026, 5, 1, tzinfo=UTC) + timedelta(seconds=second)
        result = check(form, content, at=at).result
        assert (result.outcome is Outcome.FAILED) is (code is not None), (second, result)
        assert code in (None, result.code)


@each_form
@pytest.mark.parametrize(
    "option", [{"unknownOption": "x"}, {"challenge": 1}, {"proofPurpose": "authentication"}]
)
def test_an_unknown_option_is_not_left_out(form: SecuredForm, option: dict[str, Any]) -> None:
    """Nobody shall believe that his wish was signed."""
    with pytest.raises(SecuringError) as refused:
        prepare(form, **option)
    assert refused.value.code == "unsupported_option"


def test_what_cannot_sign_is_refused() -> None:
    """SECURITY K-03, J-03: no mechanism signs with a key of a kind that it does not name."""
    tried = 0
    for mechanism in MECHANISMS:
        for name in mechanism.names:
            for algorithm in set(Algorithm) - set(key_algorithms(name)):
                with pytest.raises(SecuringError) as caught:
                    prepare_proof(
                        name,
                        FORMS[0].world().unsigned(),
                        verification_method="did:example:a#k",
                        algorithm=algorithm,
                        created=AWARDED,
                    )
                assert caught.value.code == "wrong_key_type"
                tried += 1
    assert tried


def test_an_unknown_mechanism_is_refused() -> None:
    for ask in (key_algorithms, secured_media_type):
        with pytest.raises(SecuringError) as caught:
            ask("rsa-rdfc-1999")
        assert caught.value.code == "unsupported_mechanism"
