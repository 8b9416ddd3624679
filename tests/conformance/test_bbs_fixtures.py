"""The fixtures of the BBS signature scheme (CFRG), both ciphersuites, through our own functions."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from py_arkworks_bls12381 import Scalar

from skillcred.keys.bbs import (
    BLS12_381_SHA_256,
    BLS12_381_SHAKE_256,
    BbsSecretKey,
    Ciphersuite,
    encode_signing_input,
    prove,
    verify_proof,
    verify_signature,
)

SUITES = {"bls12-381-sha-256": BLS12_381_SHA_256, "bls12-381-shake-256": BLS12_381_SHAKE_256}
EXPAND_LENGTH = 48

each_suite = pytest.mark.parametrize("name", SUITES)


def load(shared_dir: Path, name: str, file: str) -> Any:
    path = shared_dir / "vectors" / "bbs-signature" / name / file
    return json.loads(path.read_text(encoding="utf-8"))


def mocked_scalars(suite: Ciphersuite, seed: bytes, tag: bytes, count: int) -> list[Scalar]:
    """`seeded_random_scalars` of the draft, section 8.1."""
    octets = suite.expand(seed, tag, count * EXPAND_LENGTH)
    return [
        Scalar.from_be_bytes_mod_order(octets[start : start + EXPAND_LENGTH])
        for start in range(0, len(octets), EXPAND_LENGTH)
    ]


def octets(texts: list[str]) -> list[bytes]:
    return [bytes.fromhex(text) for text in texts]


@each_suite
def test_key_pair(shared_dir: Path, name: str) -> None:
    case = load(shared_dir, name, "keypair.json")
    material, information, tag = octets([case["keyMaterial"], case["keyInfo"], case["keyDst"]])
    key = BbsSecretKey.derive(material, information, tag, SUITES[name])
    assert key.to_bytes().hex() == case["keyPair"]["secretKey"]
    assert key.public_key.hex() == case["keyPair"]["publicKey"]


@each_suite
def test_generators(shared_dir: Path, name: str) -> None:
    case = load(shared_dir, name, "generators.json")
    suite = SUITES[name]
    generators = suite.generators(10)
    assert suite.base.to_compressed_bytes().hex() == case["P1"]
    assert generators.domain.to_compressed_bytes().hex() == case["Q1"]
    assert [point.to_compressed_bytes().hex() for point in generators.messages] == case["MsgGenerators"]
    assert generators.encoded.hex() == case["Q1"] + "".join(case["MsgGenerators"])


@each_suite
def test_hashing(shared_dir: Path, name: str) -> None:
    suite = SUITES[name]
    case = load(shared_dir, name, "h2s.json")
    scalar = suite.hash_to_scalar(*octets([case["message"], case["dst"]]))
    assert scalar.to_be_bytes().hex() == case["scalar"]

    for item in load(shared_dir, name, "MapMessageToScalarAsHash.json")["cases"]:
        assert suite.message_scalar(bytes.fromhex(item["message"])).to_be_bytes().hex() == item["scalar"]

    mocked = load(shared_dir, name, "mockedRng.json")
    scalars = mocked_scalars(suite, *octets([mocked["seed"], mocked["dst"]]), mocked["count"])
    assert [scalar.to_be_bytes().hex() for scalar in scalars] == mocked["mockedScalars"]


@each_suite
@pytest.mark.parametrize("number", range(1, 11))
def test_signatures(shared_dir: Path, name: str, number: int) -> None:
    case = load(shared_dir, name, f"signature/signature{number:03}.json")
    suite = SUITES[name]
    public_key, signature, header = octets(
        [case["signerKeyPair"]["publicKey"], case["signature"], case["header"]]
    )
    messages = octets(case["messages"])
    valid = verify_signature(suite, public_key, signature, header, messages)
    assert valid is case["result"]["valid"]

    key = BbsSecretKey(bytes.fromhex(case["signerKeyPair"]["secretKey"]))
    signed = key.sign(encode_signing_input(header, messages), suite)
    assert (signed == signature and key.public_key == public_key) is valid


@each_suite
@pytest.mark.parametrize("number", range(1, 16))
def test_proofs(shared_dir: Path, name: str, number: int) -> None:
    case = load(shared_dir, name, f"proof/proof{number:03}.json")
    suite = SUITES[name]
    public_key, signature, header, presentation_header, proof = octets(
        [case[member] for member in ("signerPublicKey", "signature", "header", "presentationHeader", "proof")]
    )
    messages, indexes = octets(case["messages"]), case["disclosedIndexes"]
    disclosed = [messages[index] for index in indexes]
    arguments = (header, presentation_header)
    assert verify_proof(suite, public_key, proof, *arguments, disclosed, indexes) is case["result"]["valid"]
    if not case["result"]["valid"]:
        return

    mocked = load(shared_dir, name, "mockedRng.json")
    seed = bytes.fromhex(mocked["seed"])
    tag = suite.interface + b"MOCK_RANDOM_SCALARS_DST_"
    mock = partial(mocked_scalars, suite, seed, tag)
    made = prove(suite, public_key, signature, *arguments, messages, indexes, random_scalars=mock)
    assert made == proof
