"""Reading an SD-JWT as far as that goes without a key: its parts, its kind, its claims in their places."""

from __future__ import annotations

from typing import Final, NamedTuple

from skillcred.encoding.json_types import JsonObject
from skillcred.securing.certified_issuers import CERTIFICATES, did_at_address, is_certified
from skillcred.securing.jose.claims import Claims, check_agreement, identifier_of, read_claims
from skillcred.securing.jose.envelope import BASIC_HEADER, CompactJws, parse_compact_jws, parse_payload
from skillcred.securing.jose.errors import JoseError
from skillcred.securing.jose.token import (
    CONTENT_TYPES,
    WRAPPER_CLAIMS,
    check_document_type,
    refuse_embedded_proof,
)
from skillcred.securing.sd_jwt.compact import CompactSdJwt, parse_compact
from skillcred.securing.sd_jwt.errors import SdJwtError
from skillcred.securing.sd_jwt.processing import process_payload
from skillcred.securing.sd_jwt.profiles import DC_SD_JWT, VP_SD_JWT, SdJwtProfile, find_profile
from skillcred.securing.verified_document import DocumentKind

HEADER_MEMBERS: Final = BASIC_HEADER | {CERTIFICATES}
"""A key is taken from a header only under a certificate that leads to an anchor of the verifier."""


class OpenedSdJwt(NamedTuple):
    """An SD-JWT whose disclosures fit its digests. The signature is NOT checked.

    `document` has the disclosed claims in their places and no claim that only the envelope uses; `claims` are the
    registered ones, `controller` is the stated issuer or holder. `certified` tells that the issuer of an SD-JWT VC is
    known by a certificate and not by a DID.
    """

    compact: CompactSdJwt
    jws: CompactJws
    profile: SdJwtProfile
    sd_alg: str
    document: JsonObject
    claims: Claims
    controller: str | None
    certified: bool = False


def open_sd_jwt(content: bytes) -> OpenedSdJwt:
    """The SD-JWT in `content`. Raises `SdJwtError` or `JoseError`."""
    compact = parse_compact(content)
    jws = read_issuer_jws(compact)
    payload = parse_payload(jws)
    profile = find_profile(jws.type, payload)
    processed = process_payload(
        payload, compact.disclosures, always_disclosed=profile.always_disclosed, text=jws.payload
    )
    claims = read_claims(processed.claims)
    document = {
        name: value for name, value in processed.claims.items() if name not in profile.envelope_claims
    }
    if profile.kind is DocumentKind.VCDM:
        _check_vcdm(profile, jws, document, claims)
    elif isinstance(processed.claims.get("iat"), str):
        raise SdJwtError("A time is not a NumericDate.", code="invalid_numeric_date", pointer="/iat")
    if profile is not DC_SD_JWT:
        controller = stated_controller(processed.claims)
        return OpenedSdJwt(compact, jws, profile, processed.sd_alg, document, claims, controller)
    controller = did_at_address(jws, claims.iss) or claims.iss
    certified = is_certified(jws, claims.iss)
    return OpenedSdJwt(compact, jws, profile, processed.sd_alg, document, claims, controller, certified)


def peek_certified(content: bytes) -> bool:
    """Whether trust anchors are needed to verify the SD-JWT in `content`. *Unverified*; `verify` meets every fault."""
    try:
        jws = read_issuer_jws(parse_compact(content))
        issuer = None if CERTIFICATES not in jws.header else parse_payload(jws).get("iss")
    except (SdJwtError, JoseError):
        return False
    return is_certified(jws, issuer if isinstance(issuer, str) else None)


def read_issuer_jws(compact: CompactSdJwt) -> CompactJws:
    """The issuer-signed JWT. Raises `JoseError`."""
    return parse_compact_jws(compact.issuer_jwt.encode("ascii"), header_members=HEADER_MEMBERS)


def stated_controller(payload: JsonObject) -> str | None:
    """Who the claims say has signed: `iss`, else the issuer, else the holder."""
    return (
        identifier_of(payload.get("iss"))
        or identifier_of(payload.get("issuer"))
        or identifier_of(payload.get("holder"))
    )


def _check_vcdm(profile: SdJwtProfile, jws: CompactJws, document: JsonObject, claims: Claims) -> None:
    """VC-JOSE-COSE section 3.1.3: no `vc` or `vp`, no contradiction between claims and document."""
    for name in sorted(WRAPPER_CLAIMS & document.keys()):
        raise SdJwtError("A document stands inside the claims.", code="ambiguous_claims", pointer=f"/{name}")
    if jws.content_type not in (None, CONTENT_TYPES[profile.purpose]):
        raise SdJwtError("The content is of another type.", code="type_not_allowed", pointer="/cty")
    check_document_type(document, profile.purpose)
    refuse_embedded_proof(document)
    check_agreement(claims, document, party="holder" if profile is VP_SD_JWT else "issuer")
