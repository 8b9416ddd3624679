"""The step-by-step vectors of ECDSA Cryptosuites 1.0 through our own entry points, byte for byte.

The specification signs with RFC 6979, as we do, so even the signatures are the published ones.
"""

from __future__ import annotations

import copy
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from skillcred.encoding.jcs import encode_jcs
from skillcred.encoding.multibase import decode_multibase, encode_multibase
from skillcred.identifiers import derive_document, did_of
from skillcred.keys.algorithms import CURVES, Algorithm
from skillcred.keys.private_key import PrivateKey
from skillcred.keys.public_key import PublicKey
from skillcred.linkeddata import BUNDLED_CONTEXTS, V2, ContextStore, canonicalise
from skillcred.model.datetimes import parse_instant
from skillcred.model.documents import parse_secured_document
from skillcred.model.outcomes import Outcome
from skillcred.securing import (
    ProofFindings,
    ProofRequest,
    attach_proof,
    prepare_proof,
    verify_secured_document,
)

EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
CITIZENSHIP = "https://w3id.org/citizenship/v4rc1"
AT = datetime(2026, 6, 1, tzinfo=UTC)
SETS = [
    pytest.param(suite, curve, sub, source, id=f"{suite}-{curve}{'-employ' * bool(sub)}")
    for suite, sub, source in (
        ("ecdsa-rdfc-2019", "", "unsigned.json"),
        ("ecdsa-rdfc-2019", "employ", "employmentAuth.json"),
        ("ecdsa-jcs-2019", "", "unsigned.json"),
    )
    for curve in ("p256", "p384")
]
ALGORITHMS = {"p256": (Algorithm.P256, "sha256"), "p384": (Algorithm.P384, "sha384")}


class Vector:
    """The files of one set."""

    def __init__(self, folder: Path, suite: str, curve: str, sub: str, source: str) -> None:
        self.folder = folder / f"{suite}-{curve}" / sub
        self.suffix = ("JCS" if "jcs" in suite else "") + f"ECDSA{curve.upper()}"
        self.unsigned: dict[str, Any] = json.loads((folder / source).read_bytes())
        self.keys = json.loads((folder / f"{curve}KeyPair.json").read_bytes())

    def text(self, name: str) -> str:
        return (self.folder / f"{name}{self.suffix}.txt").read_text()

    def json(self, name: str) -> dict[str, Any]:
        return dict(json.loads((self.folder / f"{name}{self.suffix}.json").read_bytes()))


@pytest.fixture(scope="module")
def folder(shared_dir: Path) -> Path:
    return shared_dir / "vectors/w3c-vc-di-ecdsa"


@pytest.fixture(scope="module")
def contexts(shared_dir: Path, project_dir: Path) -> ContextStore:
    examples = (shared_dir / "vectors/contexts/credentials-examples-v2.jsonld").read_bytes()
    citizenship = (project_dir / "tests/fixtures/contexts/citizenship-v4rc1.jsonld").read_bytes()
    extra = {EXAMPLES: examples, CITIZENSHIP: citizenship}
    return BUNDLED_CONTEXTS.extended(extra, [(V2, EXAMPLES), (V2, CITIZENSHIP)])


def findings_on(document: dict[str, Any], contexts: ContextStore) -> ProofFindings:
    did = did_of(document["proof"]["verificationMethod"])
    request = ProofRequest("assertionMethod", AT, {did: derive_document(did)}, contexts)  # type: ignore[dict-item]
    return verify_secured_document(parse_secured_document(json.dumps(document).encode()), request)


@pytest.mark.parametrize(("suite", "curve", "sub", "source"), SETS)
def test_every_step_gives_the_published_bytes(
    folder: Path, contexts: ContextStore, suite: str, curve: str, sub: str, source: str
) -> None:
    vector = Vector(folder, suite, curve, sub, source)
    options = vector.json("proofConfig")
    algorithm, hash_name = ALGORITHMS[curve]
    for value, canonical, digest in (
        (vector.unsigned, "canonDoc", "docHash"),
        (options, "proofCanon", "proofHash"),
    ):
        if "rdfc" in suite:
            form = canonicalise(value, contexts=contexts, hash_name=hash_name).nquads
        else:
            form = encode_jcs(value)
        assert form.decode().strip() == vector.text(canonical).strip()
        assert hashlib.new(hash_name, form).hexdigest() == vector.text(digest).strip()
    prepared = prepare_proof(
        suite,
        vector.unsigned,
        verification_method=options["verificationMethod"],
        algorithm=algorithm,
        created=parse_instant(options["created"]),
        contexts=contexts,
    )
    assert prepared.to_be_signed.hex() == vector.text("combinedHash").strip()
    secret = int.from_bytes(decode_multibase(vector.keys["secretKeyMultibase"])[2:])
    key = PrivateKey(ec.derive_private_key(secret, CURVES[algorithm].curve))
    assert key.public_key == PublicKey.from_multikey(vector.keys["publicKeyMultibase"])
    signature = key.sign(prepared.to_be_signed)
    assert signature.hex() == vector.text("sigHex").strip()
    signed = json.loads(attach_proof(prepared, signature))
    assert signed["proof"]["proofValue"] == vector.text("sigBTC58").strip()
    assert findings_on(signed, contexts).result.outcome is Outcome.PASSED


@pytest.mark.parametrize(("suite", "curve", "sub", "source"), SETS)
def test_the_published_document_verifies_and_no_other(
    folder: Path, contexts: ContextStore, suite: str, curve: str, sub: str, source: str
) -> None:
    signed = Vector(folder, suite, curve, sub, source).json("signed")
    findings = findings_on(signed, contexts)
    assert findings.result.outcome is Outcome.PASSED, findings.result
    for name in [*signed, *(f"proof/{member}" for member in signed["proof"])]:
        changed = copy.deepcopy(signed)
        parent, _, member = name.rpartition("/")
        target = changed[parent] if parent else changed
        if name in ("proof/verificationMethod", "proof"):
            continue
        if member == "@context":
            target[member] = [V2]
        else:
            target[member] = "2001-01-01T00:00:00Z" if member in ("created", "validFrom") else "urn:x:y"
        assert findings_on(changed, contexts).verified is None, name


@pytest.mark.parametrize(("suite", "curve", "sub", "source"), SETS)
def test_the_other_form_of_a_signature_changes_no_identity(
    folder: Path, contexts: ContextStore, suite: str, curve: str, sub: str, source: str
) -> None:
    """(r, s) and (r, n - s) both verify; what comes out of verification does not tell them apart."""
    signed = Vector(folder, suite, curve, sub, source).json("signed")
    value = decode_multibase(signed["proof"]["proofValue"])
    half = len(value) // 2
    other_s = CURVES[ALGORITHMS[curve][0]].order - int.from_bytes(value[half:])
    other = copy.deepcopy(signed)
    other["proof"]["proofValue"] = encode_multibase(value[:half] + other_s.to_bytes(half))
    one, two = findings_on(signed, contexts).verified, findings_on(other, contexts).verified
    assert one is not None
    assert two is not None
    assert one.document == two.document
    assert one.proofs == two.proofs


@pytest.mark.parametrize("curve", ["p256", "p384"])
@pytest.mark.parametrize("header", ["u", "m", "f", ""])
def test_the_header_of_the_proof_value_is_that_of_the_suite(
    folder: Path, contexts: ContextStore, curve: str, header: str
) -> None:
    """SECURITY D-08."""
    signed = Vector(folder, "ecdsa-jcs-2019", curve, "", "unsigned.json").json("signed")
    value = decode_multibase(signed["proof"]["proofValue"])
    spelt = {"u": encode_multibase(value, header="u"), "f": "f" + value.hex()}
    signed["proof"]["proofValue"] = spelt.get(header, header + signed["proof"]["proofValue"][1:])
    findings = findings_on(signed, contexts)
    assert (findings.result.outcome, findings.result.code) == (Outcome.FAILED, "proof_malformed")


@pytest.mark.parametrize(("from_curve", "to_curve"), [("p256", "p384"), ("p384", "p256")])
def test_the_curve_is_that_of_the_key(
    folder: Path, contexts: ContextStore, from_curve: str, to_curve: str
) -> None:
    """SECURITY D-04: a signature of one curve does not verify under a key of the other."""
    signed = Vector(folder, "ecdsa-rdfc-2019", from_curve, "", "unsigned.json").json("signed")
    other = Vector(folder, "ecdsa-rdfc-2019", to_curve, "", "unsigned.json").json("signed")
    signed["proof"]["verificationMethod"] = other["proof"]["verificationMethod"]
    findings = findings_on(signed, contexts)
    assert (findings.result.outcome, findings.result.code) == (Outcome.FAILED, "signature_wrong")


def test_an_ed25519_key_is_not_for_ecdsa(folder: Path, contexts: ContextStore) -> None:
    """SECURITY D-04."""
    signed = Vector(folder, "ecdsa-rdfc-2019", "p256", "", "unsigned.json").json("signed")
    key = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
    signed["proof"]["verificationMethod"] = f"did:key:{key}#{key}"
    findings = findings_on(signed, contexts)
    assert findings.result.code == "signature_wrong"
    assert findings.result.problems[0].code == "wrong_key_type"
