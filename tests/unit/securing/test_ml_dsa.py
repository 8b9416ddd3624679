"""`mldsa44-rdfc-2024` and `mldsa44-jcs-2024`: a second proof that has to hold and vouches for nobody
(docs/adr/0006-post-quantum-second-proof.md)."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from skillcred.encoding.base64url import decode_base64url
from skillcred.encoding.multibase import encode_multibase
from skillcred.keys.algorithms import Algorithm
from skillcred.model.outcomes import Outcome, Step, Verdict
from skillcred.securing import attach_proof, prepare_proof
from skillcred.verification import VerificationReport, verify
from skillcred.verification.messages import MESSAGES
from worlds.pure_world import AWARDED, NOW, PureWorld, SoftSigner, did_document, document_item

SUITES = ("mldsa44-rdfc-2024", "mldsa44-jcs-2024")
each_suite = pytest.mark.parametrize("suite", SUITES)
Document = dict[str, Any]
Change = Callable[[Document], None]

QUANTUM = SoftSigner(2, Algorithm.MLDSA44)
CLASSIC = SoftSigner(3, did=QUANTUM.did)
STRANGER = SoftSigner(4)
WORLD = PureWorld(provider=CLASSIC)
EVIDENCE = WORLD.evidence().with_items([document_item(QUANTUM.did, did_document(QUANTUM, CLASSIC))])


def add_proof(document: Document, suite: str, signer: SoftSigner, **options: Any) -> Document:
    prepared = prepare_proof(
        suite,
        document,
        verification_method=signer.verification_method,
        algorithm=signer.public_key.algorithm,
        created=AWARDED,
        options=({"previousProof": None} if "proof" in document else {}) | options,
    )
    secured: Document = json.loads(attach_proof(prepared, signer.sign(prepared.to_be_signed)))
    return secured


def in_a_set(suite: str, classic: SoftSigner = CLASSIC, **options: Any) -> Document:
    return add_proof(add_proof(WORLD.unsigned(), "eddsa-rdfc-2022", classic, **options), suite, QUANTUM)


def judge(document: Document) -> VerificationReport:
    return verify(json.dumps(document).encode(), evidence=EVIDENCE, at=NOW)


def proof_step(report: VerificationReport) -> tuple[Outcome, str]:
    [result] = [result for result in report.steps if result.step is Step.PROOF]
    return result.outcome, result.code


@each_suite
def test_beside_another_proof_it_is_valid_and_named(suite: str) -> None:
    report = judge(in_a_set(suite))
    assert report.verdict is Verdict.VALID
    first, second = report.diagnostics["proofs"]  # type: ignore[misc]
    assert "experimental" not in first
    assert (second["mechanism"], second["experimental"]) == (suite, True)
    assert second["verification_method"] == QUANTUM.verification_method


@each_suite
def test_the_order_of_the_proofs_does_not_matter(suite: str) -> None:
    document = in_a_set(suite)
    document["proof"].reverse()
    assert judge(document).verdict is Verdict.VALID


@each_suite
def test_alone_it_leaves_open_who_signed(suite: str) -> None:
    report = judge(add_proof(WORLD.unsigned(), suite, QUANTUM))
    assert (report.verdict, report.reason) == (Verdict.INDETERMINATE, "experimental_proof_only")
    assert report.claims is None
    assert MESSAGES[report.reason].next_step is not None


def test_two_of_them_are_no_better_than_one() -> None:
    document = add_proof(add_proof(WORLD.unsigned(), SUITES[0], QUANTUM), SUITES[1], QUANTUM)
    report = judge(document)
    assert (report.verdict, report.reason) == (Verdict.INDETERMINATE, "experimental_proof_only")


@each_suite
@pytest.mark.parametrize("broken", [0, 1])
def test_both_have_to_hold(suite: str, broken: int) -> None:
    """SECURITY D-14."""
    document = in_a_set(suite)
    other = {**WORLD.unsigned(), "name": "Another"}
    lent = add_proof(other, "eddsa-rdfc-2022", CLASSIC) if broken == 0 else add_proof(other, suite, QUANTUM)
    document["proof"][broken]["proofValue"] = lent["proof"]["proofValue"]
    report = judge(document)
    assert report.verdict is Verdict.INVALID
    assert proof_step(report) == (Outcome.FAILED, "signature_wrong")


def in_base58(document: Document) -> None:
    value = document["proof"][1]["proofValue"]
    document["proof"][1]["proofValue"] = encode_multibase(decode_base64url(value[1:])[:300])


def too_short(document: Document) -> None:
    value = document["proof"][1]["proofValue"]
    document["proof"][1]["proofValue"] = encode_multibase(decode_base64url(value[1:])[:-1], header="u")


def other_key(document: Document) -> None:
    document["proof"][1]["verificationMethod"] = CLASSIC.verification_method


@each_suite
@pytest.mark.parametrize(
    ("change", "code"),
    [(in_base58, "proof_malformed"), (too_short, "signature_wrong"), (other_key, "signature_wrong")],
)
def test_it_is_read_as_strictly_as_others(suite: str, change: Change, code: str) -> None:
    document = in_a_set(suite)
    change(document)
    report = judge(document)
    assert report.verdict is Verdict.INVALID
    assert proof_step(report) == (Outcome.FAILED, code)


@each_suite
def test_it_does_not_bind_the_issuer(suite: str) -> None:
    """The established proof is a stranger's; that of the issuer is experimental. Nobody established has signed."""
    report = judge(in_a_set(suite, classic=STRANGER))
    assert (report.verdict, report.reason) == (Verdict.INVALID, "issuer_key_mismatch")


@each_suite
def test_in_a_chain_it_cannot_be_taken_away_from_under_the_other(suite: str) -> None:
    first = add_proof(WORLD.unsigned(), suite, QUANTUM, id="urn:example:proof-1")
    document = add_proof(first, "eddsa-rdfc-2022", CLASSIC, previousProof="urn:example:proof-1")
    assert judge(document).verdict is Verdict.VALID
    document["proof"] = document["proof"][1:]
    report = judge(document)
    assert report.verdict is Verdict.INVALID
    assert proof_step(report) == (Outcome.FAILED, "proof_chain_broken")


def test_where_the_library_cannot_do_it_the_suites_are_not_there() -> None:
    program = """
import json, sys
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import mldsa

class Unable(mldsa.MLDSA44PrivateKey):
    @classmethod
    def from_seed_bytes(cls, data):
        raise UnsupportedAlgorithm("not in this build")

known = json.load(sys.stdin)
mldsa.MLDSA44PrivateKey = Unable
from datetime import datetime, timezone
from skillcred.keys.private_key import PrivateKey
from skillcred.keys.public_key import Algorithm, InvalidKeyError, PublicKey
from skillcred.securing import EXPERIMENTAL_NAMES, SecuringError, prepare_proof
from skillcred.verification import verify
codes = []
for attempt in (
    lambda: PrivateKey.generate(Algorithm.MLDSA44),
    lambda: PublicKey.from_multikey(known["key"]),
    lambda: prepare_proof("mldsa44-rdfc-2024", {}, verification_method="did:web:a#k",
                          algorithm=Algorithm.MLDSA44, created=datetime.now(timezone.utc)),
):
    try:
        attempt()
    except (InvalidKeyError, SecuringError) as error:
        codes.append(error.code)
report = verify(json.dumps(known["document"]).encode(), at=datetime(2026, 6, 1, tzinfo=timezone.utc))
print(json.dumps([list(EXPERIMENTAL_NAMES), codes, report.verdict.value, report.reason]))
"""
    known = {
        "key": QUANTUM.public_key.to_multikey(),
        "document": add_proof(WORLD.unsigned(), SUITES[0], QUANTUM),
    }
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps(known),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert json.loads(done.stdout) == [
        [],
        ["unsupported_key_type", "unsupported_key_type", "unsupported_mechanism"],
        "indeterminate",
        "unsupported_proof",
    ]
