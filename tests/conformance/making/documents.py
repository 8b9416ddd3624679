"""The documents that are attacked: one small qualification of the pure world's provider, and who signs."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from skillcred.encoding.base64url import encode_base64url
from skillcred.encoding.cbor import CborValue, Tagged, encode_cbor
from skillcred.encoding.jcs import encode_jcs
from skillcred.encoding.multibase import encode_multibase
from skillcred.keys.algorithms import Algorithm
from skillcred.securing import attach_proof, prepare_proof
from worlds.pure_world import AWARDED, NOW, PureWorld, SoftSigner

WORLD = PureWorld()
ISSUER = WORLD.provider
ATTACKER = SoftSigner(66)
HOLDER = SoftSigner(21)
CHALLENGE = "3f1b-question"
DOMAIN = "https://verifier.example"
NAMES = {Algorithm.ED25519: "EdDSA", Algorithm.P256: "ES256", Algorithm.P384: "ES384"}
Json = dict[str, Any]


def unsigned(**members: Any) -> Json:
    """The credential before it is signed; a member that is `...` is left out."""
    document = WORLD.unsigned()
    subject = document["credentialSubject"]
    achievement = subject["achievement"]
    for name in ("nameTranslations", "description"):
        document.pop(name, None)
    for name in ("identifier", "result", "activityStartDate", "activityEndDate"):
        subject.pop(name, None)
    for name in ("nameTranslations", "resultDescription", "tag", "humanCode", "fieldOfStudy"):
        achievement.pop(name, None)
    achievement["alignment"] = achievement["alignment"][:2]
    achievement["awardingBody"] = {"type": ["Profile"], "name": "Unibersidad"}
    subject["id"] = HOLDER.did
    changed = {**document, **members}
    return {name: value for name, value in changed.items() if value is not ...}


def profile(did: str) -> Json:
    """An issuer as it stands in a credential."""
    return {"id": did, "type": ["Profile"], "name": "Provider"}


def change(document: Mapping[str, Any], *edits: Callable[[Any], object]) -> Json:
    """A copy of `document` after `edits`."""
    copied: Json = copy.deepcopy(dict(document))
    for edit in edits:
        edit(copied)
    return copied


def text(document: Mapping[str, Any]) -> bytes:
    """As it is written into a case."""
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode("utf-8")


def embedded(
    document: Json | None = None,
    suite: str = "eddsa-rdfc-2022",
    signer: SoftSigner = ISSUER,
    method: str | None = None,
    **options: Any,
) -> Json:
    """The credential with an embedded proof, made by the product as an issuer would."""
    prepared = prepare_proof(
        suite,
        unsigned() if document is None else document,
        verification_method=method or signer.verification_method,
        algorithm=signer.public_key.algorithm,
        created=options.pop("created", AWARDED),
        purpose=options.pop("purpose", "assertionMethod"),
        options=options,
    )
    signed: Json = json.loads(attach_proof(prepared, signer.sign(prepared.to_be_signed)))
    return signed


def forced_jcs(document: Json, signer: SoftSigner = ISSUER, **options: Any) -> Json:
    """`document` with a good `eddsa-jcs-2022` proof, also where nobody honest would sign it."""
    proof = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "created": "2026-03-15T09:00:00Z",
        "verificationMethod": signer.verification_method,
        "proofPurpose": "assertionMethod",
        "@context": document.get("@context"),
        **options,
    }
    proof = {name: value for name, value in proof.items() if value is not ...}
    digest = hashlib.sha256(encode_jcs(proof)).digest() + hashlib.sha256(encode_jcs(document)).digest()
    return {**document, "proof": {**proof, "proofValue": encode_multibase(signer.sign(digest), header="z")}}


def part(value: Any) -> str:
    """A part of a token: JSON, or the bytes as they are."""
    return encode_base64url(value if isinstance(value, bytes) else json.dumps(value).encode())


def token(
    payload: Any = None,
    header: Any = None,
    signer: SoftSigner = ISSUER,
    signature: bytes | None = None,
    **more: Any,
) -> bytes:
    """A compact JWS of the credential, or of `payload`. `header` replaces the whole header (also as bytes), `more` its
    members; `...` takes one away."""
    members = {
        "alg": NAMES[signer.public_key.algorithm],
        "typ": "vc+jwt",
        "kid": signer.verification_method,
        **more,
    }
    shown = {name: value for name, value in members.items() if value is not ...}
    message = (
        f"{part(shown if header is None else header)}.{part(unsigned() if payload is None else payload)}"
    )
    made = signer.sign(message.encode()) if signature is None else signature
    return f"{message}.{encode_base64url(made)}".encode()


def cose(
    payload: bytes | None = None,
    header: Mapping[int | str, Any] | bytes | None = None,
    unprotected: Mapping[int | str, Any] | bytes | None = None,
    signer: SoftSigner = ISSUER,
) -> bytes:
    """A COSE_Sign1 of the credential; headers also as bytes of CBOR, `...` takes a parameter away."""
    members: dict[int | str, Any] = {
        1: -8,
        3: "application/vc",
        4: signer.verification_method.encode(),
        16: "application/vc+cose",
    }
    if isinstance(header, bytes):
        protected = header
    else:
        full = {**members, **(header or {})}
        protected = encode_cbor({name: value for name, value in full.items() if value is not ...})
    content = json.dumps(unsigned()).encode() if payload is None else payload
    signature = signer.sign(encode_cbor(["Signature1", protected, b"", content]))
    outside: Any = unprotected if unprotected is not None else {}
    if isinstance(outside, bytes):
        return b"\xd2\x84" + encode_cbor(protected) + outside + encode_cbor(content) + encode_cbor(signature)
    parts: list[CborValue] = [protected, dict(outside), content, signature]
    return encode_cbor(Tagged(18, parts))


def presentation(*credentials: Any, **members: Any) -> Json:
    """A presentation before it is signed."""
    document: Json = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "holder": HOLDER.did,
        "verifiableCredential": list(credentials) or ...,
        **members,
    }
    return {name: value for name, value in document.items() if value is not ...}


def presented(document: Json, signer: SoftSigner = HOLDER, **options: Any) -> Json:
    """A presentation signed by the holder, for the question that the cases ask."""
    asked = {"challenge": CHALLENGE, "domain": DOMAIN, "purpose": "authentication", **options}
    wanted = {name: value for name, value in asked.items() if value is not ...}
    return embedded(document, signer=signer, created=NOW - timedelta(minutes=1), **wanted)


def did_document(did: str, *signers: SoftSigner, **members: Any) -> Json:
    """A DID document of `did` with the keys of `signers` as `#k`, `#k2`, …."""
    names = [f"{did}#k{number if number > 1 else ''}" for number in range(1, len(signers) + 1)]
    methods = [
        {
            "id": name,
            "type": "Multikey",
            "controller": did,
            "publicKeyMultibase": signer.public_key.to_multikey(),
        }
        for name, signer in zip(names, signers, strict=True)
    ]
    document = {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": names,
        "authentication": names,
    }
    return {name: value for name, value in {**document, **members}.items() if value is not ...}


def forced_presentation(document: Json, signer: SoftSigner = HOLDER, **options: Any) -> Json:
    """As `presented`, also where nobody honest would sign it."""
    asked = {"proofPurpose": "authentication", "challenge": CHALLENGE, "domain": DOMAIN}
    return forced_jcs(document, signer, **{**asked, "created": "2026-06-01T11:59:00Z", **options})
