"""Which credentials meet a query, and which of them are to be presented (OID4VP 1.0 section 6.4).

The wallet asks it to find what to show; the verifier asks it again of what was shown, because a wallet's word for it is
not enough (section 14.9, SECURITY R-07).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.exchange.oid4vp.claims_path import SelectedClaim, select_claims
from skillcred.exchange.oid4vp.dcql import (
    ClaimsQuery,
    ClaimValue,
    CredentialQuery,
    DcqlQuery,
    PresentationFormat,
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A credential as a query sees it.

    `claims` are all claims that can be (or, at the verifier, were) disclosed, from the root of the credential. `vct` is
    for SD-JWT VCs; `types`, fully expanded, for those of W3C (a type that no context defines as it stands).
    `holder_bindable`: a proof of holder binding can be (or was) made. `authorities`: by type of trusted authorities
    query, the values that the credential meets.
    """

    format: str
    claims: JsonObject
    vct: str | None = None
    types: frozenset[str] = frozenset()
    holder_bindable: bool = True
    authorities: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class CredentialMatch:
    """A credential meets a query. `claims` are what to disclose: the combination that the verifier likes best of those
    that the credential has. `claim_set` is its number among `claim_sets`."""

    claims: tuple[SelectedClaim, ...]
    claim_set: int | None = None


def match_credential(query: CredentialQuery, candidate: Candidate) -> CredentialMatch | None:
    """How `candidate` meets `query`, if it does."""
    if candidate.format != query.format or not _is_of_type(query, candidate):
        return None
    if query.require_cryptographic_holder_binding and not candidate.holder_bindable:
        return None
    if query.trusted_authorities and not any(
        candidate.authorities.get(each.type, frozenset()).intersection(each.values)
        for each in query.trusted_authorities
    ):
        return None
    for number, option in enumerate(query.claim_options()):
        found = _select_all(option, candidate.claims)
        if found is not None:
            return CredentialMatch(found, number if query.claim_sets else None)
    return None


def match_credentials(
    query: DcqlQuery, candidates: Sequence[Candidate]
) -> Mapping[str, Mapping[int, CredentialMatch]]:
    """For each credential query, by its id: the candidates that meet it, by their position."""
    matches: dict[str, Mapping[int, CredentialMatch]] = {}
    for each in query.credentials:
        found = {
            position: match
            for position, candidate in enumerate(candidates)
            if (match := match_credential(each, candidate)) is not None
        }
        matches[each.id] = MappingProxyType(found)
    return MappingProxyType(matches)


def choose_queries(
    query: DcqlQuery, available: Collection[str], *, optional: bool = False
) -> tuple[str, ...] | None:
    """The credential queries to answer, if those in `available` can be: the first possible option of each required set,
    and with `optional` of the other sets, too. `None` where the request cannot be met (section 6.4.2)."""
    held = set(available)
    if not query.credential_sets:
        wanted = tuple(each.id for each in query.credentials)
        return wanted if held.issuperset(wanted) else None
    chosen: dict[str, None] = {}
    for each in query.credential_sets:
        option = next((names for names in each.options if held.issuperset(names)), None)
        if option is None and each.required:
            return None
        if option is not None and (each.required or optional):
            chosen |= dict.fromkeys(option)
    return tuple(chosen)


def is_satisfied(query: DcqlQuery, answered: Collection[str]) -> bool:
    """Whether presentations for the queries in `answered` are all that is required."""
    return choose_queries(query, answered) is not None


def _is_of_type(query: CredentialQuery, candidate: Candidate) -> bool:
    if query.format == PresentationFormat.SD_JWT_VC:
        return not query.vct_values or candidate.vct in query.vct_values
    if query.format in tuple(PresentationFormat):
        return not query.type_values or any(candidate.types.issuperset(types) for types in query.type_values)
    return False


def _select_all(option: Sequence[ClaimsQuery], claims: JsonObject) -> tuple[SelectedClaim, ...] | None:
    selected: dict[tuple[str | int, ...], SelectedClaim] = {}
    for query in option:
        found = [
            claim
            for claim in select_claims(query.path, claims)
            if not query.values or any(_equals(claim.value, value) for value in query.values)
        ]
        if not found:
            return None
        selected |= {claim.place: claim for claim in found}
    return tuple(selected.values())


def _equals(value: JsonValue, wanted: ClaimValue) -> bool:
    """Type and value alike (section 6.3): `1` is neither `true` nor `1.0`."""
    return type(value) is type(wanted) and value == wanted
