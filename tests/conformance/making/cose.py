"""Section 4 (J) for COSE messages: the same rules."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from conformance.making import documents as d
from conformance.making.case import Case, fail, malformed
from conformance.making.positives import COSE, LEGACY
from skillcred.encoding.cbor import encode_cbor


def cases() -> Iterator[Case]:
    def message(name: str, text: str, inputs: Any, expected: Any) -> Case:
        return fail(name, text, inputs, expected, positive="valid_vc_cose", extension="cose", request=COSE)

    refused = malformed("header_parameter_not_allowed")
    yield message(
        "J-01_cose_algorithms",
        "The message names no algorithm for signatures, or names it where nothing signs it.",
        {
            "missing": d.cose(header={1: ...}),
            "hmac": d.cose(header={1: 5}),
            "text": d.cose(header={1: "none"}),
            "unprotected": d.cose(header={1: ...}, unprotected={1: -8}),
        },
        malformed("alg_not_allowed"),
    )
    yield message(
        "J-03_cose_algorithm_of_another_key",
        "The header names ES256, the key is an Ed25519 one.",
        d.cose(header={1: -7}),
        malformed("alg_key_mismatch", code="signature_wrong"),
    )
    yield message(
        "J-05_cose_key_of_another",
        "The attacker signs with his own key, named in the protected or in the unprotected header.",
        {
            "protected": d.cose(signer=d.ATTACKER),
            "unprotected": d.cose(
                header={4: ...}, unprotected={4: d.ATTACKER.verification_method.encode()}, signer=d.ATTACKER
            ),
        },
        malformed("issuer_key_mismatch", code="issuer_key_mismatch"),
    )
    yield message(
        "J-08_cose_crit_and_keys",
        "Critical parameters, certificates and addresses of them.",
        {
            "crit": d.cose(header={2: [16]}),
            "x5chain": d.cose(header={33: b"0"}),
            "x5u": d.cose(unprotected={35: "https://attacker.example"}),
            "kid-twice": d.cose(unprotected={4: d.ATTACKER.verification_method.encode()}),
            "typ-unprotected": d.cose(unprotected={16: "application/vp+cose"}),
        },
        {
            "crit": malformed("crit_not_allowed"),
            **dict.fromkeys(("x5chain", "x5u", "kid-twice", "typ-unprotected"), refused),
        },
    )
    kid = encode_cbor(d.ISSUER.verification_method.encode())
    types = b"\x10" + encode_cbor("application/vc+cose")
    yield message(
        "P-02_cose_maps_with_two_readings",
        "The protected header has a key twice, a map without a length, bytes behind it"
        ": two readers may read two headers.",
        {
            "key-twice": d.cose(header=b"\xa4\x01\x27\x01\x26\x04" + kid + types),
            "indefinite": d.cose(header=b"\xbf\x01\x27\x04" + kid + types + b"\xff"),
            "trailing": d.cose(header=b"\xa3\x01\x27\x04" + kid + types + b"\x00"),
            "unprotected-twice": d.cose(
                header=b"\xa2\x01\x27" + types, unprotected=b"\xa2\x04" + kid + b"\x04" + kid
            ),
        },
        {
            "key-twice": malformed("cbor_duplicate_key"),
            "indefinite": malformed("cbor_indefinite_length"),
            "trailing": malformed("cbor_trailing_bytes"),
            "unprotected-twice": malformed("cbor_duplicate_key"),
        },
    )
    old = {**LEGACY["vc"]} if isinstance(LEGACY["vc"], dict) else {}
    yield message(
        "J-13_cose_old_version",
        "A credential of VCDM 1.1 in a message that is for VCDM 2.0.",
        d.cose(json.dumps(old).encode()),
        malformed(("ambiguous_claims", "/@context")),
    )
