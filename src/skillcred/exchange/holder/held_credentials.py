"""A credential that a wallet holds, as queries see it, and what of it is shown (OID4VP 1.0 sections 6.4 and 7)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue, pointer_token
from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import InputError
from skillcred.exchange.holder.errors import WalletMessageError
from skillcred.exchange.oid4vp.dcql import PresentationFormat
from skillcred.exchange.oid4vp.matching import Candidate, CredentialMatch
from skillcred.linkeddata import LinkedDataError
from skillcred.linkeddata.type_names import expand_types
from skillcred.model.findings import types_of
from skillcred.profiles import read_vcdm_1_1
from skillcred.securing.jose.claims import REGISTERED_CLAIMS
from skillcred.securing.jose.token import parse_credential_token
from skillcred.securing.sd_jwt.presenting import read_issued

SD_JWT_FORMATS: Final = frozenset({PresentationFormat.SD_JWT_VC, PresentationFormat.VC_SD_JWT})
MAX_SHOWN_CLAIMS: Final = 500


@dataclass(frozen=True, slots=True)
class HeldClaims:
    """All that the credential says. `concealed`: JSON pointers of what is only shown when it is asked for."""

    format: PresentationFormat
    claims: JsonObject
    concealed: frozenset[str]

    @property
    def subject_ids(self) -> tuple[str, ...]:
        """The DIDs of those whom it is about, for credentials that name their holder."""
        subjects = self.claims.get("credentialSubject")
        entries = subjects if isinstance(subjects, list) else [subjects]
        found = [entry.get("id") for entry in entries if isinstance(entry, dict)]
        return tuple(name for name in found if isinstance(name, str))

    @property
    def confirmation(self) -> JsonObject | None:
        """What the issuer says about the holder's key (`cnf`, RFC 7800)."""
        value = self.claims.get("cnf")
        return value if isinstance(value, dict) else None


def read_held(format_name: str, content: bytes) -> HeldClaims:
    """The claims of a credential in one of the formats that can be presented. The signature is for the verification.

    Raises `WalletMessageError` (`credential_not_acceptable`).
    """
    try:
        kind = PresentationFormat(format_name)
        if kind in SD_JWT_FORMATS:
            processed = read_issued(content)
            return HeldClaims(kind, processed.claims, frozenset(processed.disclosed))
        if kind is PresentationFormat.LDP_VC:
            return HeldClaims(kind, parse_json_object(content), frozenset())
        token = parse_credential_token(content, "application/jwt")
        confirmation: JsonObject = {} if token.confirmation is None else {"cnf": token.confirmation}
        return HeldClaims(kind, {**token.document, **confirmation}, frozenset())
    except (ValueError, InputError) as error:
        raise WalletMessageError(
            "The credential is in no form that is read here.", code="credential_not_acceptable"
        ) from error


def build_candidate(held: HeldClaims, *, bound: bool) -> Candidate:
    """The credential as a query sees it; `bound` where we have the key that it is bound to."""
    if held.format is PresentationFormat.SD_JWT_VC:
        vct = held.claims.get("vct")
        return Candidate(
            held.format, held.claims, vct=vct if isinstance(vct, str) else None, holder_bindable=bound
        )
    document = {name: value for name, value in held.claims.items() if name not in REGISTERED_CLAIMS}
    try:
        types = expand_types(read_vcdm_1_1(document) or document)
    except LinkedDataError:
        types = frozenset()
    if held.format is not PresentationFormat.LDP_VC:  # no linked data: names count as they stand
        types |= frozenset(types_of(document))
    return Candidate(held.format, document, types=types, holder_bindable=bound)


def disclosed_pointers(held: HeldClaims, match: CredentialMatch) -> tuple[str, ...]:
    """What has to be disclosed beside what always is: each chosen claim, with all that is in it and on the way to
    it."""
    chosen: set[str] = set()
    for claim in match.claims:
        place = pointer_of(claim.place)
        for pointer in held.concealed:
            if f"{place}/".startswith(f"{pointer}/") or pointer.startswith(f"{place}/"):
                chosen.add(pointer)
    return tuple(sorted(chosen))


def pointer_of(place: Sequence[str | int]) -> str:
    """A place as RFC 6901 JSON pointer."""
    return "".join(f"/{pointer_token(part)}" for part in place)


def list_shown(claims: JsonValue, hidden: Iterable[str] = ()) -> tuple[tuple[str, str], ...]:
    """Everything that a verifier will see of `claims`, as (place, value) for people: whatever `hidden` are JSON
    pointers of is left out, with all in it."""
    shown: list[tuple[str, str]] = []
    _walk(claims, "", frozenset(hidden), shown)
    if len(shown) > MAX_SHOWN_CLAIMS:
        more = len(shown) - MAX_SHOWN_CLAIMS
        return (*shown[:MAX_SHOWN_CLAIMS], ("…", f"and {more} more values"))
    return tuple(shown)


def _walk(value: JsonValue, pointer: str, hidden: frozenset[str], shown: list[tuple[str, str]]) -> None:
    if pointer in hidden:
        return
    if isinstance(value, Mapping):
        for name, item in value.items():
            _walk(item, f"{pointer}/{pointer_token(name)}", hidden, shown)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _walk(item, f"{pointer}/{index}", hidden, shown)
    else:
        shown.append((pointer, value if isinstance(value, str) else json.dumps(value)))
