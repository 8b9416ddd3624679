"""Canonical documents and proof options as W3C prints them, and badges signed by others (SECURITY L-17, L-22)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from skillcred.linkeddata import BUNDLED_CONTEXTS, V2, ContextStore, LinkedDataError, canonicalise
from skillcred.linkeddata.context_table import ED25519_2020

EXAMPLES_V2 = "https://www.w3.org/ns/credentials/examples/v2"

VECTORS = [
    ("w3c-vc-di-eddsa", "unsigned.json", "eddsa-rdfc-2022/canonDocDataInt.txt", "sha256"),
    (
        "w3c-vc-di-eddsa",
        "eddsa-rdfc-2022/proofConfigDataInt.json",
        "eddsa-rdfc-2022/proofCanonDataInt.txt",
        "sha256",
    ),
    ("w3c-vc-di-eddsa", "unsigned.json", "Ed25519Signature2020/canonDocEdSig.txt", "sha256"),
    (
        "w3c-vc-di-eddsa",
        "Ed25519Signature2020/proofConfigEdSig.json",
        "Ed25519Signature2020/proofCanonEdSig.txt",
        "sha256",
    ),
    ("w3c-vc-di-ecdsa", "unsigned.json", "ecdsa-rdfc-2019-p256/canonDocECDSAP256.txt", "sha256"),
    (
        "w3c-vc-di-ecdsa",
        "ecdsa-rdfc-2019-p256/proofConfigECDSAP256.json",
        "ecdsa-rdfc-2019-p256/proofCanonECDSAP256.txt",
        "sha256",
    ),
    ("w3c-vc-di-ecdsa", "unsigned.json", "ecdsa-rdfc-2019-p384/canonDocECDSAP384.txt", "sha384"),
    (
        "w3c-vc-di-ecdsa",
        "ecdsa-rdfc-2019-p384/proofConfigECDSAP384.json",
        "ecdsa-rdfc-2019-p384/proofCanonECDSAP384.txt",
        "sha384",
    ),
]


@pytest.fixture(scope="module")
def example_contexts(shared_dir: Path) -> ContextStore:
    """The catch-all vocabulary of the examples, which the service itself never accepts."""
    content = (shared_dir / "vectors" / "contexts" / "credentials-examples-v2.jsonld").read_bytes()
    lists = [(V2, EXAMPLES_V2), (V2, EXAMPLES_V2, ED25519_2020)]
    return BUNDLED_CONTEXTS.extended({EXAMPLES_V2: content}, lists)


@pytest.mark.parametrize(
    ("folder", "document", "expected", "hash_name"), VECTORS, ids=lambda value: str(value)
)
def test_canonical_form_is_the_printed_one(
    shared_dir: Path,
    example_contexts: ContextStore,
    folder: str,
    document: str,
    expected: str,
    hash_name: str,
) -> None:
    vectors = shared_dir / "vectors" / folder
    canonical = canonicalise(
        json.loads((vectors / document).read_text(encoding="utf-8")),
        contexts=example_contexts,
        hash_name=hash_name,
    )
    assert canonical.nquads == (vectors / expected).read_bytes()


def test_the_catch_all_vocabulary_is_not_accepted_by_the_service(shared_dir: Path) -> None:
    document = json.loads((shared_dir / "vectors" / "w3c-vc-di-eddsa" / "unsigned.json").read_text())
    with pytest.raises(LinkedDataError) as refused:
        canonicalise(document)
    assert refused.value.code == "context_not_allowed"


BADGES = {
    "simple.json": None,
    "simple-context-alias.json": None,
    "simple-context-version.json": None,
    "simple-did-web-method.json": None,
    "simple-eddsa-2022.json": None,
    "simple-multiple-proofs.json": None,
    "endorsement-valid.json": None,
    "credential-status-revoked.json": None,
    "complete.json": "nested_context",
    "complete_v1.json": "context_not_allowed",
    "simple-did-key-method.json": "duplicate_id",
    "simple-err-context.json": "context_not_allowed",
    "simple-err-credential-subject-type.json": "undefined_term",
    "simple-err-evidence-type.json": "undefined_term",
    "simple-err-issuer-type.json": "undefined_type",
    "simple-err-type.json": "undefined_type",
}


@pytest.mark.parametrize(("name", "code"), BADGES.items(), ids=BADGES)
def test_badges_of_1edtech(shared_dir: Path, name: str, code: str | None) -> None:
    document = json.loads(
        (shared_dir / "vectors" / "openbadges-3" / "ob30" / name).read_text(encoding="utf-8")
    )
    document.pop("proof", None)
    if code is None:
        assert canonicalise(document).nquads.endswith(b" .\n")
    else:
        with pytest.raises(LinkedDataError) as refused:
            canonicalise(document)
        assert refused.value.code == code
