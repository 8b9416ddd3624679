"""What a credential says, in the terms that trust and reports need. Reads; judges nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final, NamedTuple

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.encoding.language_tags import is_language_tag
from skillcred.model.conformance_sd_jwt_vc import is_numeric_date
from skillcred.model.datetimes import DateTimeError, parse_instant
from skillcred.model.findings import has_type, types_of
from skillcred.model.language import UNDETERMINED, read_language_map, read_texts
from skillcred.profiles.codes import EQF, ISCED_F, ISCO_08, code_of, find_code_system, find_known_code
from skillcred.profiles.sd_jwt_claims import read_sd_jwt_claims
from skillcred.profiles.table import find_profile

_COUNTRY: Final = re.compile(r"[A-Z]{2}")


class Level(NamedTuple):
    """A level of a qualifications framework: `EQF`, or a national one such as `PH-PQF`.

    Codes are texts: there is a Dutch `4+`.
    """

    framework: str
    code: str


class CredentialFacts(NamedTuple):
    """The facts of a credential. What it does not say, or says in a malformed way, is `None` or empty.

    `title` is by language tag, `und` where the language is not stated; `isced_fields` are codes of two to
    four digits, where a shorter code stands for all fields below it; `occupations` are ISCO-08 codes; `languages` are
    those of the award; `campuses` are the identifiers of awarding bodies, `programmes` codes of programmes.
    """

    credential_id: str | None
    issuer_id: str | None
    issuer_name: str | None
    types: tuple[str, ...]
    profile_id: str | None
    subject_id: str | None
    title: Mapping[str, str]
    award_date: datetime | None
    valid_from: datetime | None
    valid_until: datetime | None
    isced_fields: tuple[str, ...]
    levels: tuple[Level, ...]
    country: str | None
    occupations: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    campuses: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()


def credential_facts(document: JsonObject) -> CredentialFacts:
    """The facts of `document`, a credential of any kind in VCDM 2.0 or 1.1. Never raises."""
    profile = find_profile(document)
    issuer = document.get("issuer")
    issuer_node: JsonObject = issuer if isinstance(issuer, dict) else {}
    valid_from = _instant(document, "validFrom", "issuanceDate")
    subject_id: str | None = None
    achievements: list[JsonObject] = []
    for subject in _objects(document.get("credentialSubject")):
        subject_id = subject_id or _text(subject.get("id"))
        achievements += _objects(subject.get("achievement"))
    bodies: list[JsonObject] = []
    fields: dict[str, None] = {}
    occupations: dict[str, None] = {}
    levels: dict[Level, None] = {}
    for achievement in achievements:
        for alignment in _objects(achievement.get("alignment")):
            _read_alignment(alignment, fields, occupations, levels)
        if "awardingBody" in achievement:
            bodies += _objects(achievement["awardingBody"])
    nodes = [document, *achievements]
    languages: dict[str, None] = {}
    programmes: list[JsonObject] = []
    for node in nodes:
        language = node.get("languageOfAward")
        if isinstance(language, str) and is_language_tag(language):
            languages[language] = None
        if "programme" in node:
            programmes += _objects(node["programme"])
    return CredentialFacts(
        credential_id=_text(document.get("id")),
        issuer_id=_text(issuer_node.get("id", issuer)),
        issuer_name=_first_text(issuer_node.get("name")),
        types=types_of(document),
        profile_id=profile.id if profile else None,
        subject_id=subject_id,
        title=MappingProxyType(_title(nodes)),
        award_date=_instant(document, "awardedDate") or valid_from,
        valid_from=valid_from,
        valid_until=_instant(document, "validUntil", "expirationDate"),
        isced_fields=tuple(fields),
        levels=tuple(levels),
        country=_country(document, bodies, issuer_node),
        occupations=tuple(occupations),
        languages=tuple(languages),
        campuses=_texts_of(bodies, "id") if bodies else (),
        programmes=_texts_of(programmes, "programmeCode") if programmes else (),
    )


def sd_jwt_vc_facts(document: JsonObject, *, named_issuer: str | None = None) -> CredentialFacts:
    """The facts of `document`, the processed claims of an SD-JWT VC. Never raises. `named_issuer` is the issuer
    where a certificate names him, and not the claims.

    A type of others is a name that only its authors explain, and nothing is fetched for it: what would be needed to
    tell field, level and country is not there.
    """
    credential = read_sd_jwt_claims(document)
    if credential is not None:
        facts = credential_facts(credential)
        return facts._replace(types=(str(document["vct"]),), issuer_id=named_issuer or facts.issuer_id)
    issuer, kind = named_issuer or _text(document.get("iss")), _text(document.get("vct"))
    valid_from = _numeric_date(document, "nbf") or _numeric_date(document, "iat")
    return CredentialFacts(
        credential_id=_text(document.get("jti")),
        issuer_id=issuer,
        issuer_name=None,
        types=() if kind is None else (kind,),
        profile_id=None,
        subject_id=_text(document.get("sub")),
        title=MappingProxyType({} if kind is None else {UNDETERMINED: kind}),
        award_date=valid_from,
        valid_from=valid_from,
        valid_until=_numeric_date(document, "exp"),
        isced_fields=(),
        levels=(),
        country=None,
    )


def _numeric_date(document: JsonObject, name: str) -> datetime | None:
    value = document.get(name)
    if isinstance(value, int) and is_numeric_date(value):
        return datetime.fromtimestamp(value, UTC)
    return None


def _objects(value: JsonValue) -> list[JsonObject]:
    if isinstance(value, dict):
        return [value]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(value: JsonValue) -> str | None:
    return value if isinstance(value, str) and value else None


def _first_text(value: JsonValue) -> str | None:
    """The first of the texts of a `name`-like member, in whatever language."""
    return value if isinstance(value, str) else next(iter(read_texts(value).values()), None)


def _instant(document: JsonObject, *names: str) -> datetime | None:
    """That of the first of these members which names one."""
    for name in names:
        value = document.get(name)
        if isinstance(value, str):
            try:
                return parse_instant(value)
            except DateTimeError:
                continue
    return None


def _title(nodes: list[JsonObject]) -> dict[str, str]:
    """Name and translations of the credential, or else of its achievement."""
    for node in nodes:
        if "name" not in node:
            continue
        stated = node.get("languageOfAward", node.get("inLanguage"))
        language = stated if isinstance(stated, str) and is_language_tag(stated) else UNDETERMINED
        name = node["name"]
        texts = {language: name} if isinstance(name, str) else read_texts(name, language=language)
        if texts:
            translations = node.get("nameTranslations")
            return {**read_language_map(translations), **texts} if translations else texts
    return {}


def _read_alignment(
    alignment: JsonObject,
    fields: dict[str, None],
    occupations: dict[str, None],
    levels: dict[Level, None],
) -> None:
    """Adds what an alignment says to the fields of study, occupations and levels."""
    system = find_code_system(alignment)
    code = None if system is None else find_known_code(alignment, system)
    framework = alignment.get("frameworkId")
    if isinstance(framework, str) and has_type(alignment, "QualificationLevel"):
        stated = code_of(alignment, EQF)
        if stated is not None:
            levels[Level(framework, stated)] = None
    elif system is EQF and code is not None:
        levels[Level(EQF.framework, code)] = None
    if code is not None and (system is ISCED_F or system is ISCO_08):
        (fields if system is ISCED_F else occupations)[code] = None


def _texts_of(nodes: list[JsonObject], name: str) -> tuple[str, ...]:
    """The texts of a member of these nodes, each once."""
    return tuple({text: None for node in nodes if (text := _text(node.get(name))) is not None})


def _country(document: JsonObject, bodies: list[JsonObject], issuer: JsonObject) -> str | None:
    """Where it was awarded: stated, or the country of the awarding body, or that of the issuer."""
    value = document.get("countryOfAward")
    if isinstance(value, str) and _COUNTRY.fullmatch(value):
        return value
    for node in (*bodies, issuer):
        for address in _objects(node["address"]) if "address" in node else ():
            value = address.get("addressCountryCode")
            if isinstance(value, str) and _COUNTRY.fullmatch(value):
                return value
    return None
