"""Laws of verification (SECURITY D-15, D-18, L-20; ARCHITECTURE, promises 1 and 2).

A changed document is never valid. Less evidence is never valid. Equal inputs give equal reports.
"""

from __future__ import annotations

import copy
import functools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skillcred.model.outcomes import Verdict
from skillcred.securing import secured_media_type
from skillcred.trust import AccreditationScope
from skillcred.verification import (
    Evidence,
    PresentationReport,
    Subject,
    build_bundle,
    build_presentation_report_json,
    build_report_json,
    peek_subject,
    replay_any_bundle,
    replay_bundle,
    verify,
    verify_presentation,
)
from worlds.presentations import CHALLENGE, DOMAIN, PURPOSE, PresentingWorld
from worlds.pure_world import MECHANISMS, NOW, PureWorld, example_claims

PROFILES = ("qualification", "training", "proficiency", "work-experience", "apprenticeship")
CASES = [(profile, mechanism) for profile in PROFILES for mechanism in MECHANISMS]


@functools.cache
def signed(profile: str, mechanism: str) -> tuple[bytes, Evidence]:
    world = PureWorld(
        profile=profile, claims=example_claims(profile), scope=AccreditationScope((profile,)), events=()
    )
    return world.credential(mechanism), world.evidence()


def is_valid(document: bytes, evidence: Evidence) -> bool:
    return verify(document, evidence=evidence, at=NOW).verdict is Verdict.VALID


@pytest.mark.parametrize(("profile", "mechanism"), CASES)
def test_untouched_is_valid(profile: str, mechanism: str) -> None:
    document, evidence = signed(profile, mechanism)
    report = verify(document, evidence=evidence, at=NOW)
    assert report.verdict is Verdict.VALID, build_report_json(report)


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(CASES), st.data())
def test_a_flipped_byte_is_never_valid(case: tuple[str, str], data: st.DataObject) -> None:
    document, evidence = signed(*case)
    position = data.draw(st.integers(0, len(document) - 1))
    flipped = bytearray(document)
    flipped[position] ^= data.draw(st.integers(1, 255))
    if same_json(bytes(flipped), document):
        return  # white space between tokens, which no signature covers and no reader sees
    assert not is_valid(bytes(flipped), evidence)


def same_json(left: bytes, right: bytes) -> bool:
    try:
        return bool(json.loads(left) == json.loads(right))
    except ValueError:
        return False


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every member and element of a JSON value."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield (*path, name)
            yield from places(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield (*path, index)
            yield from places(item, (*path, index))


def at(document: Any, path: tuple[str | int, ...]) -> Any:
    return functools.reduce(lambda value, step: value[step], path, document)


@pytest.mark.parametrize(("profile", "mechanism"), CASES)
def test_no_member_or_element_can_be_deleted(profile: str, mechanism: str) -> None:
    document, evidence = signed(profile, mechanism)
    original = json.loads(document)
    surviving = []
    for path in places(original):
        changed = copy.deepcopy(original)
        del at(changed, path[:-1])[path[-1]]
        if is_valid(json.dumps(changed).encode(), evidence):
            surviving.append(path)
    # eddsa-jcs-2022 lets a proof carry a copy of the contexts; it is optional and covered by the signature.
    assert surviving == []


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_no_member_can_be_given_twice(mechanism: str) -> None:
    document, evidence = signed("qualification", mechanism)
    text = document.decode()
    original = json.loads(text)
    tried = 0
    for path in places(original):
        if isinstance(path[-1], int):
            continue
        marked = copy.deepcopy(original)
        parent = at(marked, path[:-1])
        parent["\u2603"] = parent[path[-1]]
        doubled = json.dumps(marked).replace('"\\u2603"', json.dumps(path[-1]))
        assert not is_valid(doubled.encode(), evidence), path
        tried += 1
    assert tried > 40


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_no_array_element_can_be_given_twice(mechanism: str) -> None:
    document, evidence = signed("qualification", mechanism)
    original = json.loads(document)
    for path in places(original):
        if isinstance(path[-1], int):
            changed = copy.deepcopy(original)
            parent = at(changed, path[:-1])
            parent.append(copy.deepcopy(parent[path[-1]]))
            assert not is_valid(json.dumps(changed).encode(), evidence), path


ADDITIONS: list[Any] = [
    "text",
    True,
    7,
    None,
    [],
    {},
    "did:example:s ",
    {"id": "did:example:s "},
    {"@value": "x", "@language": 'en .\n<did:x> <urn:p> "y"@en'},
    {"type": "Surgeon"},
    ["a", "a"],
]


@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from(CASES),
    st.data(),
    st.sampled_from(
        [
            "licenceNumber",
            "newProp",
            "validUntil",
            "credentialStatus",
            "evidence",
            "name",
            "@included",
            "@graph",
        ]
    ),
    st.sampled_from(ADDITIONS),
)
def test_nothing_can_be_added(case: tuple[str, str], data: st.DataObject, name: str, addition: Any) -> None:
    """SECURITY L-01 to L-05, L-11: any member, anywhere, of any value."""
    document, evidence = signed(*case)
    changed = json.loads(document)
    objects = [(), *(path for path in places(changed) if isinstance(at(changed, path), dict))]
    target = at(changed, data.draw(st.sampled_from(objects)))
    if name in target:
        return
    target[name] = addition
    assert not is_valid(json.dumps(changed).encode(), evidence)


@pytest.mark.parametrize(("profile", "mechanism"), CASES)
def test_less_evidence_is_never_valid(profile: str, mechanism: str) -> None:
    document, evidence = signed(profile, mechanism)
    assert len(evidence) == 1
    for reference in evidence:
        report = verify(document, evidence=evidence.without(reference), at=NOW)
        assert report.verdict is Verdict.INDETERMINATE
        assert reference in report.needs


@pytest.mark.parametrize(("profile", "mechanism"), CASES)
def test_a_verdict_can_be_replayed_byte_for_byte(profile: str, mechanism: str) -> None:
    document, evidence = signed(profile, mechanism)
    report = verify(document, evidence=evidence, at=NOW)
    replayed = replay_bundle(build_bundle(document, "application/vc", report))
    assert json.dumps(build_report_json(replayed)) == json.dumps(build_report_json(report))
    assert replayed == report


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None, max_examples=200)
@given(st.one_of(st.binary(max_size=60), JSON_VALUES.map(lambda value: json.dumps(value).encode())))
def test_no_bytes_make_it_raise_or_pass(content: bytes) -> None:
    assert not is_valid(content, Evidence())


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(CASES), st.data(), JSON_VALUES)
def test_no_replaced_value_makes_it_raise_or_pass(
    case: tuple[str, str], data: st.DataObject, replacement: Any
) -> None:
    document, evidence = signed(*case)
    changed = json.loads(document)
    path = data.draw(st.sampled_from(list(places(changed))))
    original = at(changed, path)
    if original == replacement and type(original) is type(replacement):
        return
    at(changed, path[:-1])[path[-1]] = replacement
    assert not is_valid(json.dumps(changed).encode(), evidence)


# Presentations: the same laws, and those of their own.

PRESENTING = PresentingWorld()
PRESENTED_WITH = ("eddsa-rdfc-2022", "eddsa-jcs-2022", "vc+jwt", "vc+sd-jwt", "vc+cose")


@functools.cache
def presented(mechanism: str) -> tuple[bytes, str]:
    document = PRESENTING.presentation(PRESENTING.credential(1), PRESENTING.credential(2, "vc+jwt"))
    return PRESENTING.present(document, mechanism), secured_media_type(mechanism, PURPOSE)


def judge_presentation(content: bytes, media_type: str, evidence: Evidence) -> PresentationReport:
    return verify_presentation(
        content, evidence=evidence, at=NOW, media_type=media_type, challenge=CHALLENGE, domain=DOMAIN
    )


@pytest.mark.parametrize("mechanism", PRESENTED_WITH)
def test_less_evidence_never_makes_a_presentation_valid(mechanism: str) -> None:
    content, media_type = presented(mechanism)
    evidence = PRESENTING.world.evidence()
    full = judge_presentation(content, media_type, evidence)
    assert full.verdict is Verdict.VALID, build_presentation_report_json(full)
    assert {item.reference for item in full.evidence_used} == set(evidence)
    for reference in evidence:
        report = judge_presentation(content, media_type, evidence.without(reference))
        assert report.verdict is Verdict.INDETERMINATE
        assert reference in report.needs


@pytest.mark.parametrize("mechanism", PRESENTED_WITH)
def test_a_verdict_on_a_presentation_can_be_replayed(mechanism: str) -> None:
    content, media_type = presented(mechanism)
    report = judge_presentation(content, media_type, PRESENTING.world.evidence())
    assert replay_any_bundle(build_bundle(content, media_type, report)) == report


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(PRESENTED_WITH), st.data())
def test_a_flipped_byte_never_makes_a_valid_presentation(mechanism: str, data: st.DataObject) -> None:
    content, media_type = presented(mechanism)
    position = data.draw(st.integers(0, len(content) - 1))
    flipped = bytearray(content)
    flipped[position] ^= data.draw(st.integers(1, 255))
    if same_json(bytes(flipped), content) or bytes(flipped).strip() == content:
        return
    report = judge_presentation(bytes(flipped), media_type, PRESENTING.world.evidence())
    assert report.verdict is not Verdict.VALID


@pytest.mark.parametrize("mechanism", ["eddsa-rdfc-2022", "eddsa-jcs-2022"])
def test_nothing_can_be_taken_out_of_a_presentation(mechanism: str) -> None:
    content, media_type = presented(mechanism)
    original = json.loads(content)
    for path in places(original):
        changed = copy.deepcopy(original)
        del at(changed, path[:-1])[path[-1]]
        report = judge_presentation(json.dumps(changed).encode(), media_type, PRESENTING.world.evidence())
        assert report.verdict is not Verdict.VALID, path


def test_a_presentation_is_not_a_credential_nor_the_other_way_round() -> None:
    evidence = PRESENTING.world.evidence()
    for mechanism in PRESENTED_WITH:
        content, media_type = presented(mechanism)
        for claimed in (media_type, media_type.replace("vp", "vc"), "application/json"):
            assert verify(content, evidence=evidence, at=NOW, media_type=claimed).verdict is not Verdict.VALID
    for mechanism in PRESENTED_WITH:
        credential = PRESENTING.world.credential(mechanism)
        for claimed in (
            "application/vp",
            "application/vp+jwt",
            "application/json",
            secured_media_type(mechanism),
        ):
            report = verify_presentation(credential, evidence=evidence, at=NOW, media_type=claimed)
            assert report.verdict is not Verdict.VALID


@settings(deadline=None, max_examples=200)
@given(st.one_of(st.binary(max_size=60), JSON_VALUES.map(lambda value: json.dumps(value).encode())))
def test_no_bytes_make_a_presentation_raise_or_pass(content: bytes) -> None:
    assert peek_subject(content, "application/json") in Subject
    report = verify_presentation(content, evidence=Evidence(), at=NOW)
    assert report.verdict is not Verdict.VALID
    json.dumps(build_presentation_report_json(report))


@settings(deadline=None, max_examples=150)
@given(JSON_VALUES, st.sampled_from(["verifiableCredential", "holder", "type", "@context", "id", "proof"]))
def test_no_member_makes_an_unsigned_presentation_raise_or_pass(value: Any, name: str) -> None:
    document = {**PRESENTING.presentation(json.loads(signed("training", "eddsa-jcs-2022")[0])), name: value}
    content = json.dumps(document).encode()
    report = verify_presentation(content, evidence=PRESENTING.world.evidence(), at=NOW)
    assert report.verdict is not Verdict.VALID
