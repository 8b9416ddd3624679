"""SD-JWTs of any shape, signed with real keys, also such as no issuer would make."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Final

from skillcred.encoding.base64url import encode_base64url
from skillcred.identifiers import DidError, derive_document
from skillcred.keys.algorithms import Algorithm
from skillcred.model.documents import parse_secured_document
from skillcred.securing import (
    Availability,
    DocumentNotAvailable,
    ProofFindings,
    ProofRequest,
    peek_controllers,
    verify_secured_document,
)
from skillcred.securing.sd_jwt.disclosure import encode_disclosure, hash_text
from worlds.pure_world import NOW, SoftSigner

ISSUER: Final = SoftSigner(21, Algorithm.P256)
HOLDER: Final = SoftSigner(22, Algorithm.P256)
AUDIENCE: Final = "x509_san_dns:verifier.example"
NONCE: Final = "n-0S6_WzA2Mj"
ISSUED: Final = int(NOW.timestamp()) - 86_400
_ALGS: Final = {Algorithm.ED25519: "EdDSA", Algorithm.P256: "ES256", Algorithm.P384: "ES384"}


def encode(value: Any) -> str:
    """JSON as base64url; bytes are taken as they are."""
    return encode_base64url(value if isinstance(value, bytes) else json.dumps(value).encode())


def jwt(payload: Any, signer: SoftSigner = ISSUER, **header: Any) -> str:
    """A signed JWT; members of the header that are None are left out."""
    members = {
        "alg": _ALGS[signer.public_key.algorithm],
        "typ": "dc+sd-jwt",
        "kid": signer.verification_method,
    }
    members |= header
    signed = (
        f"{encode({name: value for name, value in members.items() if value is not None})}.{encode(payload)}"
    )
    return f"{signed}.{encode_base64url(signer.sign(signed.encode()))}"


def claims(**changes: Any) -> dict[str, Any]:
    """The payload of an SD-JWT VC with nothing concealed and the holder's key."""
    payload = {
        "iss": ISSUER.did,
        "iat": ISSUED,
        "vct": "https://provider.example/types/welder",
        "cnf": {"jwk": HOLDER.public_key.to_jwk()},
        "_sd_alg": "sha-256",
    }
    return {name: value for name, value in (payload | changes).items() if value is not None}


def concealed(name: str, value: Any, salt: str = "2GLC42sKQveCfGfryNRN9w") -> tuple[str, str]:
    """A disclosure of a claim, and its digest."""
    disclosure = encode_disclosure(salt, value, name=name)
    return disclosure, hash_text(disclosure, "sha-256")


def sd_jwt(payload: Any, *disclosures: str, signer: SoftSigner = ISSUER, **header: Any) -> str:
    """An SD-JWT without key binding."""
    return "~".join((jwt(payload, signer, **header), *disclosures, ""))


def key_binding(presented: str, *, at: datetime = NOW, signer: SoftSigner = HOLDER, **changes: Any) -> str:
    """A KB-JWT for `presented`; `changes` are claims, or with `header_` before the name members of the header."""
    payload = {
        "iat": int(at.timestamp()),
        "aud": AUDIENCE,
        "nonce": NONCE,
        "sd_hash": hash_text(presented, "sha-256"),
    }
    header = {
        name.removeprefix("header_"): value for name, value in changes.items() if name.startswith("header_")
    }
    payload |= {name: value for name, value in changes.items() if not name.startswith("header_")}
    members = {name: value for name, value in payload.items() if value is not None}
    return jwt(members, signer, **({"typ": "kb+jwt", "kid": None} | header))


def check(
    content: str | bytes, *, at: datetime = NOW, purpose: str = "assertionMethod", **expected: Any
) -> ProofFindings:
    """What the securing room finds, with the documents of all DIDs that follow from themselves."""
    data = content.encode() if isinstance(content, str) else content
    secured = parse_secured_document(data, expected.pop("media_type", "application/octet-stream"))
    controllers: Any = {did: derived(did) for did in peek_controllers(secured)}
    return verify_secured_document(secured, ProofRequest(purpose, at, controllers, **expected))


def derived(did: str) -> Any:
    """The document of a DID, or why there is none."""
    try:
        document = derive_document(did)
    except DidError as error:
        return DocumentNotAvailable(error.code, Availability.INVALID)
    return document or DocumentNotAvailable("not_requested", Availability.NOT_REQUESTED)


def asked(content: str | bytes, **options: Any) -> ProofFindings:
    """`check` by a verifier who asks for key binding."""
    return check(content, **({"domain": AUDIENCE, "challenge": NONCE} | options))
