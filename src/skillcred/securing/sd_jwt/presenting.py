"""The holder's side: which claims to show, and the proof of the key (RFC 9901 sections 7.2 and 4.3)."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime

from skillcred.encoding.json_types import JsonObject
from skillcred.keys.signer import Signer
from skillcred.securing.jose.envelope import (
    build_header,
    build_signing_input,
    encode_compact_jws,
    parse_payload,
)
from skillcred.securing.sd_jwt.compact import CompactSdJwt, parse_compact
from skillcred.securing.sd_jwt.disclosure import hash_text
from skillcred.securing.sd_jwt.errors import SdJwtError
from skillcred.securing.sd_jwt.key_binding import KEY_BINDING_TYPE
from skillcred.securing.sd_jwt.opening import read_issuer_jws
from skillcred.securing.sd_jwt.processing import ProcessedPayload, process_payload


def read_issued(issued: bytes) -> ProcessedPayload:
    """What the holder got, with all claims in their places. The issuer's signature is not checked here: that is for
    the verification of the whole.

    Raises `SdJwtError` (also for an SD-JWT+KB: a holder must refuse it, section 7.2) and `JoseError`.
    """
    compact = parse_compact(issued)
    if compact.key_binding is not None:
        raise SdJwtError("What the issuer gives has no key binding.")
    return process_payload(parse_payload(read_issuer_jws(compact)), compact.disclosures)


def select_disclosures(issued: bytes, pointers: Collection[str]) -> CompactSdJwt:
    """The SD-JWT in `issued` with no other disclosures than those at `pointers` and those on the way to them.

    `pointers` are RFC 6901 JSON pointers into the claims as they are with everything disclosed. Raises as
    `read_issued`, and `SdJwtError` (`no_such_claim`) for a pointer at which nothing is concealed.
    """
    concealed = read_issued(issued).disclosed
    if not concealed.keys() >= set(pointers):
        raise SdJwtError("There is no concealed claim at this place.", code="no_such_claim")
    chosen = {
        place for place in concealed if any(f"{pointer}/".startswith(f"{place}/") for pointer in pointers)
    }
    compact = parse_compact(issued)
    sent = {concealed[place] for place in chosen}
    return CompactSdJwt(compact.issuer_jwt, tuple(text for text in compact.disclosures if text in sent))


def present(
    issued: bytes,
    pointers: Collection[str],
    *,
    holder: Signer | None = None,
    audience: str = "",
    nonce: str = "",
    issued_at: datetime | None = None,
) -> bytes:
    """A presentation of `issued` that discloses `pointers`, bound to `holder`'s key where one is given.

    A binding needs `audience` (the verifier), its `nonce` and `issued_at`. Raises as `select_disclosures`.
    """
    selected = select_disclosures(issued, pointers)
    if holder is None:
        return selected.encode()
    if not audience or not nonce or issued_at is None:
        raise SdJwtError(
            "A key binding names the verifier, its nonce and the time.", code="key_binding_malformed"
        )
    sd_alg = read_issued(issued).sd_alg
    claims: JsonObject = {
        "iat": int(issued_at.timestamp()),
        "aud": audience,
        "nonce": nonce,
        "sd_hash": hash_text(selected.without_key_binding, sd_alg),
    }
    header = build_header(holder.public_key.algorithm, typ=KEY_BINDING_TYPE)
    message = build_signing_input(header, json.dumps(claims, separators=(",", ":")).encode("utf-8"))
    binding = encode_compact_jws(message, holder.sign(message)).decode("ascii")
    return CompactSdJwt(selected.issuer_jwt, selected.disclosures, binding).encode()
