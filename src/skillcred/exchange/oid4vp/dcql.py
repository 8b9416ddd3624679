"""The Digital Credentials Query Language, read and written (OID4VP 1.0 section 6)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.exchange.oid4vp.claims_path import ClaimsPath, is_claims_path
from skillcred.exchange.oid4vp.errors import DcqlError

MAX_QUERIES: Final = 32
"""Most credential queries, sets, options of a set, or claims in one query; people are asked for a handful."""
MAX_VALUES: Final = 128
"""Most values that are accepted for one claim, type or authority."""
MAX_TEXT: Final = 2048
"""Longest identifier or value, in characters."""
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)

ClaimValue = str | int | bool


class PresentationFormat(StrEnum):
    """The formats in which presentations are made and read (appendix B; `vc+sd-jwt` as VC-JOSE-COSE registers it).
    `mso_mdoc` is not among them."""

    SD_JWT_VC = "dc+sd-jwt"
    LDP_VC = "ldp_vc"
    JWT_VC_JSON = "jwt_vc_json"
    VC_SD_JWT = "vc+sd-jwt"

    @property
    def has_type_values(self) -> bool:
        """Whether credentials are asked for by their `type`; the others by their `vct`."""
        return self is not PresentationFormat.SD_JWT_VC


@dataclass(frozen=True, slots=True)
class ClaimsQuery:
    """A claim that is asked for. With `values`, one of them only."""

    path: ClaimsPath
    id: str | None = None
    values: tuple[ClaimValue, ...] = ()

    def build(self) -> JsonObject:
        """The query as JSON."""
        built: JsonObject = {"path": list(self.path)}
        if self.id is not None:
            built["id"] = self.id
        if self.values:
            built["values"] = list(self.values)
        return built


@dataclass(frozen=True, slots=True)
class TrustedAuthorities:
    """Authorities that the verifier accepts, named in one way (section 6.1.1)."""

    type: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CredentialQuery:
    """A credential that is asked for. `vct_values` for SD-JWT VCs; `type_values`, alternatives of sets of expanded
    types, for those of W3C. `format` may be one that nobody here knows: such a query is never met."""

    id: str
    format: str
    vct_values: tuple[str, ...] = ()
    type_values: tuple[tuple[str, ...], ...] = ()
    multiple: bool = False
    trusted_authorities: tuple[TrustedAuthorities, ...] = ()
    require_cryptographic_holder_binding: bool = True
    claims: tuple[ClaimsQuery, ...] = ()
    claim_sets: tuple[tuple[str, ...], ...] = ()

    def claim_options(self) -> tuple[tuple[ClaimsQuery, ...], ...]:
        """The combinations of claims that are accepted, the preferred one first; one empty one where no claim is asked
        for (section 6.4.1)."""
        if not self.claim_sets:
            return (self.claims,)
        by_id = {claim.id: claim for claim in self.claims}
        return tuple(tuple(by_id[name] for name in names) for names in self.claim_sets)

    def build(self) -> JsonObject:
        """The query as JSON."""
        meta: JsonObject = {}
        if self.vct_values:
            meta["vct_values"] = list(self.vct_values)
        if self.type_values:
            meta["type_values"] = [list(types) for types in self.type_values]
        built: JsonObject = {"id": self.id, "format": self.format, "meta": meta}
        if self.multiple:
            built["multiple"] = True
        if self.trusted_authorities:
            built["trusted_authorities"] = [
                {"type": each.type, "values": list(each.values)} for each in self.trusted_authorities
            ]
        if not self.require_cryptographic_holder_binding:
            built["require_cryptographic_holder_binding"] = False
        if self.claims:
            built["claims"] = [claim.build() for claim in self.claims]
        if self.claim_sets:
            built["claim_sets"] = [list(names) for names in self.claim_sets]
        return built


@dataclass(frozen=True, slots=True)
class CredentialSetQuery:
    """Alternative sets of credential queries, the preferred one first."""

    options: tuple[tuple[str, ...], ...]
    required: bool = True


@dataclass(frozen=True, slots=True)
class DcqlQuery:
    """A whole query. Without `credential_sets` every credential is wanted."""

    credentials: tuple[CredentialQuery, ...]
    credential_sets: tuple[CredentialSetQuery, ...] = ()

    def find(self, query_id: str) -> CredentialQuery | None:
        """The credential query of that id."""
        return next((query for query in self.credentials if query.id == query_id), None)

    def build(self) -> JsonObject:
        """The query as JSON, for `dcql_query`."""
        built: JsonObject = {"credentials": [query.build() for query in self.credentials]}
        if self.credential_sets:
            sets: list[JsonValue] = []
            for each in self.credential_sets:
                options: list[JsonValue] = [list(names) for names in each.options]
                sets.append(
                    {"options": options} if each.required else {"options": options, "required": False}
                )
            built["credential_sets"] = sets
        return built


def parse_dcql_query(value: JsonValue) -> DcqlQuery:
    """The query in parsed JSON. Members that nobody knows are ignored, as section 6 demands.

    Raises `DcqlError` (`invalid_dcql_query`).
    """
    query = _object(value, "")
    credentials = [_credential(item, f"/credentials/{index}") for index, item in _items(query, "credentials")]
    if len({each.id for each in credentials}) != len(credentials):
        raise _invalid("Two credential queries have one id.", "/credentials")
    known = frozenset(each.id for each in credentials)
    sets: list[CredentialSetQuery] = []
    if "credential_sets" in query:
        for index, item in _items(query, "credential_sets"):
            place = f"/credential_sets/{index}"
            member = _object(item, place)
            sets.append(
                CredentialSetQuery(
                    _id_lists(member, "options", place, known), _boolean(member, "required", place, True)
                )
            )
    return DcqlQuery(tuple(credentials), tuple(sets))


def check_supported(query: DcqlQuery) -> None:
    """That we can ask this: formats that are verified here, types or `vct` stated, no claim asked for twice, nothing
    that we could not check afterwards. Raises `DcqlError`."""
    for index, each in enumerate(query.credentials):
        place = f"/credentials/{index}"
        if each.format not in tuple(PresentationFormat):
            raise DcqlError(
                "Presentations in this format are not verified here.",
                code="unsupported_format",
                pointer=f"{place}/format",
            )
        if each.trusted_authorities:
            raise DcqlError(
                "Who is trusted says the registry; trusted_authorities are not asked for.",
                code="unsupported_trusted_authorities",
                pointer=f"{place}/trusted_authorities",
            )
        if not each.require_cryptographic_holder_binding:
            raise DcqlError(
                "Credentials are not asked for without a proof that the holder shows them.",
                code="unsupported_holder_binding",
                pointer=f"{place}/require_cryptographic_holder_binding",
            )
        typed = each.type_values if PresentationFormat(each.format).has_type_values else each.vct_values
        if not typed:
            raise _invalid("The query does not say what type of credential it asks for.", f"{place}/meta")
        if len({claim.path for claim in each.claims}) != len(each.claims):
            raise _invalid("The query asks for one claim twice.", f"{place}/claims")


def _credential(value: JsonValue, place: str) -> CredentialQuery:
    query = _object(value, place)
    meta = _object(query.get("meta"), f"{place}/meta")
    claims: list[ClaimsQuery] = []
    if "claims" in query:
        items = _items(query, "claims", place)
        claims = [_claim(item, f"{place}/claims/{index}") for index, item in items]
    ids = [claim.id for claim in claims if claim.id is not None]
    if len(set(ids)) != len(ids):
        raise _invalid("Two claims have one id.", f"{place}/claims")
    claim_sets: tuple[tuple[str, ...], ...] = ()
    if "claim_sets" in query:
        if not claims or len(ids) != len(claims):
            raise _invalid("claim_sets need claims that all have an id.", f"{place}/claim_sets")
        claim_sets = _id_lists(query, "claim_sets", place, frozenset(ids))
    authorities: list[TrustedAuthorities] = []
    if "trusted_authorities" in query:
        for index, item in _items(query, "trusted_authorities", place):
            inner = f"{place}/trusted_authorities/{index}"
            member = _object(item, inner)
            authorities.append(
                TrustedAuthorities(_text(member, "type", inner), _texts(member, "values", inner))
            )
    return CredentialQuery(
        id=_identifier(query, place),
        format=_text(query, "format", place),
        vct_values=_texts(meta, "vct_values", f"{place}/meta") if "vct_values" in meta else (),
        type_values=_type_values(meta, f"{place}/meta") if "type_values" in meta else (),
        multiple=_boolean(query, "multiple", place, False),
        trusted_authorities=tuple(authorities),
        require_cryptographic_holder_binding=_boolean(
            query, "require_cryptographic_holder_binding", place, True
        ),
        claims=tuple(claims),
        claim_sets=claim_sets,
    )


def _claim(value: JsonValue, place: str) -> ClaimsQuery:
    claim = _object(value, place)
    path = claim.get("path")
    if not isinstance(path, list) or not is_claims_path(path):
        raise _invalid("A path is a list of texts, nulls and indexes from 0.", f"{place}/path")
    components = tuple(part for part in path if part is None or isinstance(part, str | int))
    values: list[ClaimValue] = []
    if "values" in claim:
        for index, item in _items(claim, "values", place, MAX_VALUES):
            if not isinstance(item, str | int | bool):
                raise _invalid("A value is a text, an integer or a boolean.", f"{place}/values/{index}")
            values.append(item)
    return ClaimsQuery(components, _identifier(claim, place) if "id" in claim else None, tuple(values))


def _type_values(meta: JsonObject, place: str) -> tuple[tuple[str, ...], ...]:
    found: list[tuple[str, ...]] = []
    for index, item in _items(meta, "type_values", place, MAX_VALUES):
        found.append(_texts({"types": item}, "types", f"{place}/type_values/{index}"))
    return tuple(found)


def _id_lists(
    member: JsonObject, name: str, place: str, known: frozenset[str]
) -> tuple[tuple[str, ...], ...]:
    found: list[tuple[str, ...]] = []
    for index, item in _items(member, name, place):
        ids = _texts({name: item}, name, f"{place}/{name}/{index}")
        if not known.issuperset(ids):
            raise _invalid("A name refers to nothing in the query.", f"{place}/{name}/{index}")
        found.append(ids)
    return tuple(found)


def _items(
    member: JsonObject, name: str, place: str = "", limit: int = MAX_QUERIES
) -> Sequence[tuple[int, JsonValue]]:
    items = member.get(name)
    if not isinstance(items, list) or not 0 < len(items) <= limit:
        raise _invalid("A list is missing, empty or too long.", f"{place}/{name}")
    return list(enumerate(items))


def _texts(member: JsonObject, name: str, place: str) -> tuple[str, ...]:
    found: list[str] = []
    for _, item in _items(member, name, place, MAX_VALUES):
        if not isinstance(item, str) or not 0 < len(item) <= MAX_TEXT:
            raise _invalid("A list holds something else than text.", f"{place}/{name}")
        found.append(item)
    return tuple(found)


def _text(member: JsonObject, name: str, place: str) -> str:
    value = member.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= MAX_TEXT:
        raise _invalid("A text is missing or too long.", f"{place}/{name}")
    return value


def _identifier(member: JsonObject, place: str) -> str:
    value = member.get("id")
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise _invalid("An id has letters, digits, hyphens and underscores only.", f"{place}/id")
    return value


def _boolean(member: JsonObject, name: str, place: str, default: bool) -> bool:
    value = member.get(name, default)
    if not isinstance(value, bool):
        raise _invalid("A member is no boolean.", f"{place}/{name}")
    return value


def _object(value: JsonValue, place: str) -> JsonObject:
    if not isinstance(value, dict):
        raise _invalid("An object is expected.", place)
    return value


def _invalid(message: str, pointer: str) -> DcqlError:
    return DcqlError(message, pointer=pointer)
