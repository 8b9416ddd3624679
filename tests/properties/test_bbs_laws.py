"""Laws of BBS: every selection is proved, stands for itself alone, and does not survive any change."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from skillcred.encoding.multibase import decode_multibase, encode_multibase
from skillcred.keys.bbs import (
    BLS12_381_SHA_256,
    BbsError,
    BbsSecretKey,
    decode_signing_input,
    encode_signing_input,
    prove,
    verify_proof,
    verify_signature,
)
from worlds.bbs_world import ISSUER, check
from worlds.disclosure_world import derive, issue
from worlds.pure_world import PureWorld

KEY = BbsSecretKey(bytes(31) + b"\7")
OPTIONAL = ("name", "identifier", "narrative", "image")


@given(st.binary(max_size=20), st.lists(st.binary(max_size=20), max_size=6), st.data())
def test_every_selection_of_messages_is_proved_and_no_other(
    header: bytes, messages: list[bytes], data: st.DataObject
) -> None:
    signature = KEY.sign(encode_signing_input(header, messages))
    indexes = sorted(
        data.draw(st.sets(st.sampled_from(range(len(messages)))) if messages else st.just(set()))
    )
    nonce = data.draw(st.binary(max_size=8))
    proof = prove(BLS12_381_SHA_256, KEY.public_key, signature, header, nonce, messages, indexes)
    shown = [messages[index] for index in indexes]

    def holds(proof: bytes, header: bytes, nonce: bytes, shown: list[bytes], indexes: list[int]) -> bool:
        return verify_proof(BLS12_381_SHA_256, KEY.public_key, proof, header, nonce, shown, indexes)

    assert holds(proof, header, nonce, shown, indexes)
    position = data.draw(st.integers(0, len(proof) - 1))
    bit = 1 << data.draw(st.integers(0, 7))
    changed = proof[:position] + bytes([proof[position] ^ bit]) + proof[position + 1 :]
    assert not holds(changed, header, nonce, shown, indexes)
    assert not holds(proof, header + b"\0", nonce, shown, indexes)
    assert not holds(proof, header, nonce + b"\0", shown, indexes)
    if shown:
        assert not holds(proof, header, nonce, [*shown[:-1], shown[-1] + b"\0"], indexes)
        assert not holds(proof, header, nonce, shown, [*indexes[:-1], indexes[-1] + 1])
        assert not holds(proof, header, nonce, shown[:-1], indexes[:-1])


@given(st.lists(st.binary(max_size=8), max_size=5), st.binary(max_size=120))
def test_no_bytes_are_a_signature_or_a_proof_by_chance(messages: list[bytes], octets: bytes) -> None:
    assert not verify_signature(BLS12_381_SHA_256, KEY.public_key, octets, b"", messages)
    assert not verify_proof(
        BLS12_381_SHA_256, KEY.public_key, octets * 5, b"", b"", messages, range(len(messages))
    )


@given(st.binary(max_size=64))
def test_signing_input_has_one_reading(octets: bytes) -> None:
    try:
        header, messages = decode_signing_input(octets)
    except BbsError:
        return
    assert encode_signing_input(header, messages) == octets


@cache
def base_proof() -> tuple[bytes, dict[str, Any]]:
    document = PureWorld(provider=ISSUER).unsigned()
    document["credentialSubject"]["narrative"] = "First of her year."
    return issue(document, signer=ISSUER), document


@given(st.sets(st.sampled_from(OPTIONAL)), st.data())
def test_a_holder_shows_what_he_chose_and_no_change_passes(chosen: set[str], data: st.DataObject) -> None:
    base, document = base_proof()
    present = chosen & document["credentialSubject"].keys()
    shown = derive(base, *(f"/credentialSubject/{name}" for name in sorted(present)))
    findings = check(shown)
    assert findings.verified is not None
    verified: Any = findings.verified.document
    assert verified["credentialSubject"].keys() & set(OPTIONAL) == present
    for name in document["credentialSubject"].keys() - verified["credentialSubject"].keys():
        assert json.dumps(document["credentialSubject"][name]) not in json.dumps(shown)

    value = decode_multibase(shown["proof"]["proofValue"], headers="u")
    position = data.draw(st.integers(0, len(value) - 1))
    bit = 1 << data.draw(st.integers(0, 7))
    changed = value[:position] + bytes([value[position] ^ bit]) + value[position + 1 :]
    shown["proof"]["proofValue"] = encode_multibase(changed, header="u")
    assert check(shown).verified is None
