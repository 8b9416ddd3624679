"""Deciding what the issuer will sign: claims, salts, digests (RFC 9901 section 6.1)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.errors import InputError
from skillcred.identifiers import did_of, did_web_address
from skillcred.keys.public_key import Algorithm, InvalidKeyError, PublicKey
from skillcred.model.datetimes import DateTimeError, parse_instant
from skillcred.securing.certified_issuers import CERTIFICATES
from skillcred.securing.jose.claims import identifier_of, numeric_date
from skillcred.securing.jose.envelope import SIGNATURE_ALGORITHMS, build_header, build_signing_input
from skillcred.securing.jose.new_claims import encode_payload
from skillcred.securing.jose.token import check_document_type
from skillcred.securing.mechanism import PreparedProof, SecuringError
from skillcred.securing.sd_jwt.concealing import RandomBytes, conceal_claims
from skillcred.securing.sd_jwt.profiles import (
    DC_SD_JWT,
    VC_SD_JWT,
    VP_SD_JWT,
    SdJwtProfile,
    find_profile,
)

DISCLOSURES: Final = "disclosures"
"""Name of the disclosures in `PreparedProof.extra`."""


@dataclass(frozen=True, slots=True)
class IssuingOptions:
    """What may be wished for. In `options` of the Protocol the names are `disclosablePointers`, `decoys`,
    `holderKey`, `expires`, `domain`, `challenge` and `certificates`.

    `disclosable_pointers` are JSON pointers to what the holder may withhold; `decoys` the number of digests of nothing
    beside each group of real ones; `holder_key` becomes `cnf`. `expires` is when a signature over a VCDM document
    ends (the end of an SD-JWT VC is its claim `exp`); a presentation answers `domain` and `challenge`. `certificates`
    of the key, in base64, go into the header of an SD-JWT VC beside the key's name (RFC 7515 section 4.1.6).
    """

    disclosable_pointers: tuple[str, ...] = ()
    decoys: int = 0
    holder_key: PublicKey | None = None
    expires: datetime | None = None
    domain: str | None = None
    challenge: str | None = None
    certificates: tuple[str, ...] = ()


NO_OPTIONS: Final = IssuingOptions()


def parse_options(options: Mapping[str, JsonValue]) -> IssuingOptions:
    """The wishes in `options`. Raises `SecuringError` (`unsupported_option`)."""
    wishes: dict[str, JsonValue] = {name: value for name, value in options.items() if value is not None}
    pointers = _texts(wishes, "disclosablePointers")
    decoys = wishes.pop("decoys", 0)
    if not isinstance(decoys, int) or isinstance(decoys, bool):
        raise _unsupported("decoys")
    expires = _text(wishes, "expires")
    parsed = IssuingOptions(
        disclosable_pointers=pointers,
        decoys=decoys,
        holder_key=_holder_key(wishes.pop("holderKey", None)),
        expires=None if expires is None else _instant(expires),
        domain=_text(wishes, "domain"),
        challenge=_text(wishes, "challenge"),
        certificates=_texts(wishes, "certificates"),
    )
    for name in wishes:
        raise _unsupported(name)
    return parsed


def prepare_sd_jwt(
    name: str,
    document: JsonObject,
    *,
    verification_method: str,
    algorithm: Algorithm,
    created: datetime,
    purpose: str = "assertionMethod",
    options: IssuingOptions = NO_OPTIONS,
    random_bytes: RandomBytes = secrets.token_bytes,
) -> PreparedProof:
    """The bytes to sign for `document`, a VCDM 2.0 document (`vc+sd-jwt`) or the claims of an SD-JWT VC
    (`dc+sd-jwt`, with `vct`; `iss` is the DID of the key and filled in).

    The salts are drawn here and kept in `extra`, so that what was recorded is what gets signed.
    Raises `SecuringError`, and `DidError` for `verification_method`.
    """
    profile = profile_of(name, purpose)
    if algorithm not in SIGNATURE_ALGORITHMS:
        raise SecuringError("Such a key does not sign SD-JWTs.", code="wrong_key_type")
    if profile is DC_SD_JWT:
        claims = _credential_claims(document, did_of(verification_method), created, options)
    else:
        claims = _envelope_claims(profile, document, created, options)
    try:
        concealed = conceal_claims(
            {**document, **claims},
            options.disclosable_pointers,
            always_disclosed=profile.always_disclosed,
            decoys=options.decoys,
            random_bytes=random_bytes,
        )
    except (ValueError, RecursionError) as error:
        raise SecuringError("The document has no JSON form.", code="wrong_document_type") from error
    try:
        find_profile(profile.media_type, concealed.payload)
    except InputError as error:
        raise SecuringError(error.message, code="wrong_document_type", pointer=error.pointer) from error
    header = build_header(algorithm, typ=profile.name, cty=profile.content_type, kid=verification_method)
    if options.certificates:
        if profile is not DC_SD_JWT:
            raise _unsupported("certificates")
        header[CERTIFICATES] = list(options.certificates)
    message = build_signing_input(header, encode_payload(concealed.payload))
    return PreparedProof(name, document, header, message, {DISCLOSURES: [*concealed.disclosures]})


def profile_of(name: str, purpose: str) -> SdJwtProfile:
    """What mechanism `name` makes for `purpose`. Raises `SecuringError`."""
    for profile in (DC_SD_JWT, VC_SD_JWT, VP_SD_JWT):
        mechanism = VC_SD_JWT.name if profile is VP_SD_JWT else profile.name
        if (mechanism, profile.purpose) == (name, purpose):
            return profile
    raise SecuringError("This mechanism does not secure documents for this purpose.")


def _credential_claims(
    document: JsonObject, issuer: str, created: datetime, options: IssuingOptions
) -> JsonObject:
    """Issuer, time and holder's key of an SD-JWT VC. A time that the document has is kept: a rounded one tells less
    (RFC 9901 section 10.1)."""
    for name in ("expires", "domain", "challenge"):
        if getattr(options, name) is not None:
            raise _unsupported(name)
    if document.get("iss", issuer) != issuer:
        raise SecuringError("The key is not the issuer's.", code="claim_conflict", pointer="/iss")
    # Wallets that go by certificates compare `iss` with their names, and take a web address only. Whoever goes by the
    # DID knows that it is the same issuer by the name of the key (`did_at_address`).
    claims: JsonObject = {"iss": did_web_address(issuer) if options.certificates else issuer}
    if "iat" not in document:
        claims["iat"] = numeric_date(created)
    if options.holder_key is not None:
        if "cnf" in document:
            raise SecuringError("The holder's key is named twice.", code="claim_conflict", pointer="/cnf")
        claims["cnf"] = {"jwk": options.holder_key.to_jwk()}
    return claims


def _envelope_claims(
    profile: SdJwtProfile, document: JsonObject, created: datetime, options: IssuingOptions
) -> JsonObject:
    """The claims beside a VCDM document. `sub` and `jti` are left out: they would repeat in the open what may be
    concealed."""
    if "proof" in document:
        raise SecuringError("The document carries a proof already.", code="already_secured", pointer="/proof")
    for name in sorted(profile.envelope_claims & document.keys()):
        raise SecuringError(
            "The document has a member that belongs to the envelope.",
            code="reserved_member",
            pointer=f"/{name}",
        )
    try:
        check_document_type(document, profile.purpose)
    except InputError as error:
        raise SecuringError(error.message, code="wrong_document_type", pointer="/type") from error
    if profile is VC_SD_JWT and (options.domain is not None or options.challenge is not None):
        raise _unsupported("domain" if options.domain is not None else "challenge")
    claims: JsonObject = {
        "iss": identifier_of(document.get("issuer" if profile is VC_SD_JWT else "holder")),
        "iat": numeric_date(created),
        "exp": None if options.expires is None else numeric_date(options.expires),
        "aud": options.domain,
        "nonce": options.challenge,
        "cnf": None if options.holder_key is None else {"jwk": options.holder_key.to_jwk()},
    }
    return {name: value for name, value in claims.items() if value is not None}


def _text(wishes: dict[str, JsonValue], name: str) -> str | None:
    value = wishes.pop(name, None)
    if value is None or (isinstance(value, str) and value):
        return value
    raise _unsupported(name)


def _texts(wishes: dict[str, JsonValue], name: str) -> tuple[str, ...]:
    value = wishes.pop(name, [])
    texts = [text for text in value if isinstance(text, str)] if isinstance(value, list) else []
    if texts != value:
        raise _unsupported(name)
    return tuple(texts)


def _instant(text: str) -> datetime:
    try:
        return parse_instant(text)
    except DateTimeError as error:
        raise _unsupported("expires") from error


def _holder_key(value: JsonValue) -> PublicKey | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise _unsupported("holderKey")
    try:
        return PublicKey.from_jwk(value)
    except InvalidKeyError as error:
        raise SecuringError(error.message, code=error.code, pointer="/holderKey") from error


def _unsupported(name: str) -> SecuringError:
    return SecuringError(
        f"SD-JWTs have no such option {name}.", code="unsupported_option", pointer=f"/{name}"
    )
