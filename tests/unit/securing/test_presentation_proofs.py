"""Proofs of presentations that hold whole credentials (SECURITY D-02, D-05, D-11, L-14)."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from pyld import jsonld

from skillcred.identifiers import derive_document
from skillcred.keys.algorithms import Algorithm
from skillcred.linkeddata import BUNDLED_CONTEXTS, V1, V2, LinkedDataError, canonicalise
from skillcred.model.documents import parse_secured_document
from skillcred.model.outcomes import Outcome
from skillcred.securing import (
    ProofFindings,
    ProofRequest,
    attach_proof,
    peek_controllers,
    prepare_proof,
    verify_secured_document,
)
from worlds.pure_world import AWARDED, NOW, PureWorld, SoftSigner, sign

WORLD = PureWorld()
SUITES = [
    ("eddsa-rdfc-2022", Algorithm.ED25519),
    ("eddsa-jcs-2022", Algorithm.ED25519),
    ("ecdsa-rdfc-2019", Algorithm.P256),
    ("ecdsa-rdfc-2019", Algorithm.P384),
    ("ecdsa-jcs-2019", Algorithm.P256),
]
each_suite = pytest.mark.parametrize(("suite", "algorithm"), SUITES)
ENVELOPED = {
    "@context": V2,
    "id": "data:application/vc+jwt,eyJhbGciOiJFUzI1NiJ9.e30.c2ln",
    "type": "EnvelopedVerifiableCredential",
}


def credentials() -> list[dict[str, Any]]:
    """Two credentials of one world, which say different things about the same ids, and an enveloped one."""
    first = json.loads(WORLD.credential("eddsa-rdfc-2022"))
    unsigned = {**WORLD.unsigned(), "id": "https://provider.example/credentials/2", "name": "Other"}
    second = json.loads(sign(unsigned, WORLD.provider, "eddsa-jcs-2022"))
    return [first, second, copy.deepcopy(ENVELOPED)]


def presentation(**members: Any) -> dict[str, Any]:
    return {
        "@context": [V2],
        "type": ["VerifiablePresentation"],
        "holder": SoftSigner(21).did,
        "verifiableCredential": credentials(),
        **members,
    }


def signed(suite: str, algorithm: Algorithm, **members: Any) -> dict[str, Any]:
    signer = SoftSigner(21, algorithm)
    prepared = prepare_proof(
        suite,
        presentation(**members),
        verification_method=signer.verification_method,
        algorithm=algorithm,
        created=AWARDED,
        purpose="authentication",
        options={"domain": "https://verifier.example", "challenge": "c-1", "nonce": "n-1"},
    )
    return dict(json.loads(attach_proof(prepared, signer.sign(prepared.to_be_signed))))


def findings_on(document: dict[str, Any], purpose: str = "authentication") -> ProofFindings:
    secured = parse_secured_document(json.dumps(document).encode(), "application/vp")
    controllers: dict[str, Any] = {did: derive_document(did) for did in peek_controllers(secured)}
    request = ProofRequest(purpose, NOW, controllers, domain="https://verifier.example", challenge="c-1")
    return verify_secured_document(secured, request)


@each_suite
def test_a_presentation_verifies_with_all_that_it_holds(suite: str, algorithm: Algorithm) -> None:
    document = signed(suite, algorithm)
    findings = findings_on(document)
    assert findings.result.outcome is Outcome.PASSED, findings.result
    assert findings.verified is not None
    assert findings.verified.document == presentation()
    [proof] = findings.verified.proofs
    assert (proof.purpose, proof.domain, proof.challenge) == (
        "authentication",
        "https://verifier.example",
        "c-1",
    )
    as_credential = findings_on(document, "assertionMethod")
    assert (as_credential.result.outcome, as_credential.result.code) == (
        Outcome.FAILED,
        "wrong_proof_purpose",
    )


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths of all texts and numbers below `value`."""
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for name, item in pairs:
            yield from leaves(item, (*path, name))
    else:
        yield path


def at(document: Any, path: tuple[Any, ...]) -> Any:
    for name in path:
        document = document[name]
    return document


@pytest.mark.parametrize(("suite", "algorithm"), SUITES[:2])
def test_every_changed_value_is_noticed(suite: str, algorithm: Algorithm) -> None:
    document = signed(suite, algorithm)
    for path in leaves(document):
        changed = copy.deepcopy(document)
        parent = at(changed, path[:-1])
        value = parent[path[-1]]
        parent[path[-1]] = value + "x" if isinstance(value, str) else 1
        if path[:2] == ("proof", "@context") and suite == "eddsa-rdfc-2022":
            continue
        assert findings_on(changed).verified is None, path


@pytest.mark.parametrize(("suite", "algorithm"), SUITES[:2])
def test_every_removed_member_is_noticed(suite: str, algorithm: Algorithm) -> None:
    document = signed(suite, algorithm)
    for path in {leaf[:end] for leaf in leaves(document) for end in range(1, len(leaf) + 1)}:
        repeated = path[-2:] == ("proof", "@context") or path[-3:-1] == ("proof", "@context")
        if repeated:
            continue  # a proof need not repeat the contexts
        changed = copy.deepcopy(document)
        del at(changed, path[:-1])[path[-1]]
        assert findings_on(changed).verified is None, path


@pytest.mark.parametrize(("suite", "algorithm"), SUITES[:2])
def test_credentials_cannot_be_added_removed_or_swapped_between(suite: str, algorithm: Algorithm) -> None:
    """SECURITY L-14: whole credentials, and claims between them."""
    document = signed(suite, algorithm)
    first, second, third = document["verifiableCredential"]
    changed_lists = [
        [first, second],
        [second, third],
        [first, second, third, first],
        [first, third, ENVELOPED | {"id": ENVELOPED["id"] + "x"}],
        [{**first, "proof": second["proof"]}, {**second, "proof": first["proof"]}, third],
        [{**first, "proof": [first["proof"], second["proof"]]}, {**second, "proof": []}, third],
    ]
    for changed in changed_lists:
        assert findings_on({**document, "verifiableCredential": changed}).verified is None


@each_suite
@pytest.mark.parametrize("context", [[V2], [], {}, {"name": "urn:x:y"}, "https://evil.example/", None])
def test_no_context_may_stand_anywhere_else(suite: str, algorithm: Algorithm, context: Any) -> None:
    """SECURITY L-07: also where the signature would cover it."""
    for place in (("credentialSubject",), ("issuer",), ("credentialSubject", "achievement")):
        world_credentials = credentials()
        at(world_credentials[0], place)["@context"] = context
        with pytest.raises(LinkedDataError) as refused:
            signed(suite, algorithm, verifiableCredential=world_credentials)
        assert refused.value.code == "nested_context"
        assert refused.value.pointer == "/verifiableCredential/0/" + "/".join(place) + "/@context"


@each_suite
@pytest.mark.parametrize(
    "context",
    [
        [],
        {},
        V2,
        None,
        [V2, "https://evil.example/v1"],
        ["https://evil.example/v1"],
        [V2, {"name": "urn:x:y"}],
        [[V2]],
        [None, V2],
    ],
)
def test_contexts_of_embedded_credentials_are_judged_like_those_of_documents(
    suite: str, algorithm: Algorithm, context: Any
) -> None:
    held = credentials()
    held[0]["@context"] = context
    with pytest.raises(LinkedDataError) as refused:
        signed(suite, algorithm, verifiableCredential=held)
    assert (refused.value.code, refused.value.pointer) == (
        "context_not_allowed",
        "/verifiableCredential/0/@context",
    )


@each_suite
def test_a_proof_inside_repeats_its_own_contexts_or_none(suite: str, algorithm: Algorithm) -> None:
    held = credentials()
    assert held[1]["proof"]["@context"] == held[1]["@context"]
    held[1]["proof"]["@context"] = [V2]
    with pytest.raises(LinkedDataError) as refused:
        signed(suite, algorithm, verifiableCredential=held)
    assert refused.value.pointer == "/verifiableCredential/1/proof/@context"


def test_undefined_terms_inside_an_embedded_credential_are_refused() -> None:
    held = credentials()
    held[0]["credentialSubject"]["unheard"] = "of"
    with pytest.raises(LinkedDataError) as refused:
        signed("eddsa-rdfc-2022", Algorithm.ED25519, verifiableCredential=held)
    assert refused.value.code == "undefined_term"
    assert refused.value.pointer == "/verifiableCredential/0/credentialSubject/unheard"


def test_an_embedded_credential_without_contexts_means_nothing() -> None:
    """The `verifiableCredential` of VCDM 2.0 forgets the contexts of the presentation."""
    held = credentials()
    del held[0]["@context"]
    with pytest.raises(LinkedDataError):
        signed("eddsa-rdfc-2022", Algorithm.ED25519, verifiableCredential=held)


def test_the_rdf_form_is_that_of_another_processor() -> None:
    document = presentation()

    def load(url: str, _: object) -> dict[str, Any]:
        content = json.loads(BUNDLED_CONTEXTS.content(url))
        return {"contextUrl": None, "documentUrl": url, "document": content, "tag": "static"}

    options = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": load}
    expected = jsonld.normalize(document, options)
    canonical = canonicalise(document)
    assert canonical.nquads.decode() == expected
    assert canonical.road == "general"


def test_a_presentation_of_vcdm_1_1_holds_credentials_of_vcdm_1_1() -> None:
    suite_context = "https://w3id.org/security/data-integrity/v2"
    held = {
        "@context": [V1, suite_context],
        "type": ["VerifiableCredential"],
        "issuer": SoftSigner(2).did,
        "issuanceDate": "2026-03-15T09:00:00Z",
        "credentialSubject": {"id": SoftSigner(21).did},
        "proof": json.loads(WORLD.credential())["proof"],
    }
    document = signed(
        "eddsa-rdfc-2022",
        Algorithm.ED25519,
        **{"@context": [V1, suite_context], "verifiableCredential": held},
    )
    assert findings_on(document).result.outcome is Outcome.PASSED
    document["verifiableCredential"]["credentialSubject"]["id"] = SoftSigner(22).did
    assert findings_on(document).verified is None
