"""ML-DSA proofs cross to an implementation that shares no code with us (@noble/post-quantum, on Node), both ways.

The drafts' own vectors cannot stand in for it: they are not in the shared folder.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import missing
from skillcred.identifiers import parse_controlled_identifier_document
from skillcred.keys.algorithms import Algorithm
from skillcred.model.documents import parse_secured_document
from skillcred.model.outcomes import Outcome
from skillcred.securing import ASSERTION, ProofRequest, attach_proof, prepare_proof, verify_secured_document
from worlds.pure_world import AWARDED, NOW, PureWorld, SoftSigner, did_document

Run = Callable[..., list[Any]]
SUITE = "mldsa44-jcs-2024"
SIGNER = SoftSigner(2, Algorithm.MLDSA44)
SEED = (2).to_bytes(32).hex()


@pytest.fixture(scope="module")
def js(project_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs tasks in a folder of its own, with the package of the other implementation."""
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            missing(f"{tool} is not installed")
    folder = tmp_path_factory.mktemp("ml-dsa-js")
    for file in (project_dir / "tests/fixtures/ml-dsa-js").iterdir():
        shutil.copyfile(file, folder / file.name)
    install = subprocess.run(
        ["npm", "install", "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=600,
    )
    if install.returncode != 0:
        missing(f"npm could not install the package of the other implementation: {install.stderr[-500:]}")

    def run(*tasks: dict[str, Any]) -> list[Any]:
        done = subprocess.run(
            ["node", "cli.mjs"],
            cwd=folder,
            input=json.dumps(tasks),
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        answers: list[Any] = json.loads(done.stdout)
        return answers

    return run


def unsigned() -> dict[str, Any]:
    return {**PureWorld().unsigned(), "name": "Añb ✓ \U0001f393", "issuer": SIGNER.did}


def found(document: dict[str, Any]) -> tuple[Outcome, str]:
    """Alone such a proof ends as `experimental_proof_only` if it holds, and as wrong if it does not."""
    content = json.dumps(did_document(SIGNER)).encode()
    controllers = {SIGNER.did: parse_controlled_identifier_document(content, expected_id=SIGNER.did)}
    secured = parse_secured_document(json.dumps(document).encode(), "application/vc")
    result = verify_secured_document(secured, ProofRequest(ASSERTION, NOW, controllers)).result
    return result.outcome, result.code


def test_one_seed_gives_one_key(js: Run) -> None:
    assert js({"do": "key", "seed": SEED}) == [SIGNER.public_key.to_multikey()]


def test_what_we_sign_is_verified_there(js: Run) -> None:
    prepared = prepare_proof(
        SUITE,
        unsigned(),
        verification_method=SIGNER.verification_method,
        algorithm=Algorithm.MLDSA44,
        created=AWARDED,
    )
    document = json.loads(attach_proof(prepared, SIGNER.sign(prepared.to_be_signed)))
    task = {"do": "verify", "multikey": SIGNER.public_key.to_multikey()}
    changed = {**document, "name": "Another"}
    assert js({**task, "document": document}, {**task, "document": changed}) == [True, False]


def test_what_is_signed_there_is_verified_here(js: Run) -> None:
    proof = {
        "type": "DataIntegrityProof",
        "cryptosuite": SUITE,
        "created": "2026-03-15T09:00:00Z",
        "verificationMethod": SIGNER.verification_method,
        "proofPurpose": "assertionMethod",
    }
    [document] = js({"do": "sign", "seed": SEED, "document": unsigned(), "proof": proof})
    assert found(document) == (Outcome.INDETERMINATE, "experimental_proof_only")
    assert found({**document, "name": "Another"}) == (Outcome.FAILED, "signature_wrong")
