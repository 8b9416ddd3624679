"""Laws of the model and the profiles: no input makes a check raise, and texts are never touched."""

from __future__ import annotations

import contextlib
import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skillcred.encoding.jcs import encode_jcs
from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.encoding.strict_json import parse_json_object
from skillcred.model.conformance import check_conformance
from skillcred.profiles import PROFILES, ProfileError, build_credential, check_profile, credential_facts

AT = datetime(2026, 1, 1, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]
EXAMPLES: dict[str, JsonObject] = {
    profile.id: parse_json_object((ROOT / profile.example_path).read_bytes()) for profile in PROFILES.values()
}
MEMBERS = st.sampled_from(
    [
        "@context", "id", "type", "issuer", "validFrom", "validUntil", "credentialSubject", "evidence", "proof",
        "achievement", "alignment", "targetCode", "targetUrl", "targetFramework", "relatedResource", "digestSRI",
        "digestMultibase", "name", "nameTranslations", "languageOfAward", "holder", "verifiableCredential", "result",
        "resultDescription", "periodStart", "periodEnd", "countryOfAward", "address", "__proto__", "__class__",
    ]
)  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        [
            "https://www.w3.org/ns/credentials/v2", "https://www.w3.org/2018/credentials/v1",
            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json", "https://skillcred.org/ns/skill/v1",
            "VerifiableCredential", "VerifiablePresentation", "EnvelopedVerifiableCredential", "Alignment",
            "QualificationCredential", "OpenBadgeCredential", "EndorsementCredential", "2026-01-01T00:00:00Z",
            "EQF", "ISCED-F 2013", "ESCO", "sha256-AAAA", "zQm", "\ud800", "0001-01-01T00:00:00+14:00",
        ]
    ),
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(MEMBERS | TEXTS, inner, max_size=6),
    max_leaves=30,
)
OBJECTS = st.dictionaries(MEMBERS, JSON, max_size=10)


def places(value: JsonValue, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    items: list[tuple[str | int, JsonValue]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    return [path, *(p for part, item in items for p in places(item, (*path, part)))]


@given(value=JSON | OBJECTS)
@settings(max_examples=300, deadline=None)
def test_no_json_value_makes_a_check_raise(value: Any) -> None:
    check_conformance(value)
    check_profile(value)
    if isinstance(value, dict):
        credential_facts(value)


@given(data=st.data(), profile_id=st.sampled_from(sorted(PROFILES)), value=JSON)
@settings(max_examples=300, deadline=None)
def test_claims_with_any_value_anywhere_are_built_or_refused(
    data: st.DataObject, profile_id: str, value: Any
) -> None:
    """What is built conforms; what is refused is refused with a pointer for each problem."""
    claims = copy.deepcopy(EXAMPLES[profile_id])
    *parents, last = data.draw(st.sampled_from(places(claims)[1:]))
    node: Any = claims
    for part in parents:
        node = node[part]
    node[last] = value
    try:
        credential = build_credential(
            profile_id,
            claims,
            credential_id="urn:uuid:1",
            issuer={"id": "did:web:a.example", "name": "A"},
            at=AT,
        )
    except ProfileError:
        return
    assert check_conformance(credential) == ()
    assert check_profile(credential).code == "profile_conforms"
    credential_facts(credential)


@given(data=st.data(), profile_id=st.sampled_from(sorted(PROFILES)), value=JSON)
@settings(max_examples=300, deadline=None)
def test_one_look_at_all_values_hides_nothing(data: st.DataObject, profile_id: str, value: Any) -> None:
    """What was found plain needs no second look: without the first look every check says the same."""
    profile = PROFILES[profile_id]
    document: JsonObject = {"@context": list(profile.contexts), "type": list(profile.types)}
    document |= copy.deepcopy(EXAMPLES[profile_id])
    *parents, last = data.draw(st.sampled_from(places(document)[1:]))
    node: Any = document
    for part in parents:
        node = node[part]
    node[last] = value

    def check() -> tuple[Any, ...]:
        return check_conformance(document), check_profile(document)

    expected = check()
    with (
        patch("skillcred.model.conformance.find_objects", return_value=None),
        patch("skillcred.profiles.schemas.find_objects", return_value=None),
    ):
        assert check() == expected


SCRIPTS = st.sampled_from(
    [
        "\u0600\u06ff",
        "\u1200\u137f",
        "\u1000\u109f",
        "\u0041\u024f",
        "\u4e00\u9fff",
        "\u0900\u097f",
        "\u200c\u200f",
    ]
).flatmap(
    lambda ends: st.characters(
        min_codepoint=ord(ends[0]), max_codepoint=ord(ends[1]), exclude_categories=["Cn", "Cc"]
    )
)
NAMES = st.text(SCRIPTS, min_size=1, max_size=60).map(lambda text: f"ሀ{text}")


@given(name=NAMES, title=NAMES, narrative=NAMES)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_arabic_amharic_and_burmese_come_back_untouched(name: str, title: str, narrative: str) -> None:
    claims = copy.deepcopy(EXAMPLES["training"])
    subject: Any = claims["credentialSubject"]
    claims.update(name=title, nameTranslations={"my": title, "ar": name})
    subject.update(name=name, nameTranslations={"am": name})
    subject["achievement"]["criteria"] = {"narrative": narrative, "narrativeTranslations": {"my": narrative}}
    credential = build_credential(
        "training",
        claims,
        credential_id="urn:uuid:1",
        issuer={"id": "did:web:a.example", "name": name},
        at=AT,
    )
    for form in (encode_jcs(credential), json.dumps(credential).encode()):
        back = parse_json_object(form)
        assert {member: back[member] for member in claims} == claims
    assert credential_facts(credential).title == {"en": title, "my": title, "ar": name}


@pytest.mark.parametrize("profile_id", PROFILES)
def test_taking_any_member_away_never_raises(profile_id: str) -> None:
    for *parents, last in places(EXAMPLES[profile_id])[1:]:
        claims = copy.deepcopy(EXAMPLES[profile_id])
        node: Any = claims
        for part in parents:
            node = node[part]
        del node[last]
        with contextlib.suppress(ProfileError):
            build_credential(
                profile_id,
                claims,
                credential_id="urn:uuid:1",
                issuer={"id": "did:web:a.example", "name": "A"},
                at=AT,
            )
