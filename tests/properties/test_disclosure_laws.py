"""Laws of selective disclosure (SECURITY X-02 to X-05), whatever the holder chooses and whoever tampers.

What is shown is what was chosen and what is mandatory, no more and no less. A changed byte is never accepted.
"""

from __future__ import annotations

import functools
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from skillcred.encoding.json_types import pointer_token
from skillcred.encoding.multibase import decode_multibase, encode_multibase
from skillcred.errors import InputError
from skillcred.linkeddata import BUNDLED_CONTEXTS, canonicalise
from skillcred.model.outcomes import Outcome
from skillcred.securing.data_integrity.selective_disclosure import select_json_ld
from worlds.disclosure_world import ISSUER, check, components_of, derive, issue
from worlds.pure_world import PureWorld, example_claims

PROFILES = ("training", "proficiency", "work-experience")
"""One with results, one with an ordered list, one with neither."""
MANDATORY = ("/issuer", "/validFrom", "/credentialSchema")
SLOW = settings(deadline=None, max_examples=20)


@functools.cache
def unsigned(profile: str) -> dict[str, Any]:
    return PureWorld(profile, example_claims(profile), provider=ISSUER).unsigned()


@functools.cache
def base(profile: str, mandatory: tuple[str, ...] | None = MANDATORY) -> bytes:
    return issue(unsigned(profile), mandatory)


@functools.cache
def places(profile: str) -> tuple[str, ...]:
    """JSON pointers to every member and element but for the items of ordered lists, which are shown together."""
    found = []

    def walk(value: Any, pointer: str) -> None:
        found.append(pointer)
        if isinstance(value, dict):
            for name, item in value.items():
                walk(item, f"{pointer}/{pointer_token(name)}")
        elif isinstance(value, list) and not pointer.endswith("/allowedValue"):
            for index, item in enumerate(value):
                walk(item, f"{pointer}/{index}")

    walk(unsigned(profile), "")
    return tuple(found)


@functools.cache
def statements(profile: str, key: str) -> frozenset[str]:
    """The statements of a document that name no anonymous node, so that they are the same in every part."""
    document = json.loads(key)
    lines = canonicalise(document, contexts=BUNDLED_CONTEXTS).nquads.decode().splitlines()
    return frozenset(line for line in lines if "_:" not in line)


profiles = st.sampled_from(PROFILES)
choices = profiles.flatmap(
    lambda profile: st.tuples(st.just(profile), st.lists(st.sampled_from(places(profile)), max_size=6))
)


@SLOW
@given(choices)
def test_what_is_shown_is_what_was_chosen_and_what_is_mandatory(choice: tuple[str, list[str]]) -> None:
    profile, pointers = choice
    shown = derive(base(profile), *pointers)
    findings = check(shown)
    assert findings.result.outcome is Outcome.PASSED
    assert findings.verified is not None
    expected = select_json_ld(unsigned(profile), [*MANDATORY, *pointers])
    assert findings.verified.document == expected
    every, some = json.dumps(unsigned(profile)), json.dumps(expected)
    assert statements(profile, some) <= statements(profile, every)


@SLOW
@given(choices, st.data())
def test_what_is_mandatory_cannot_be_taken_away(choice: tuple[str, list[str]], data: st.DataObject) -> None:
    profile, pointers = choice
    shown = derive(base(profile, None), *pointers)
    assert check(shown).verified is not None
    subject = shown["credentialSubject"]
    node = data.draw(st.sampled_from([shown, subject]))
    name = data.draw(st.sampled_from(sorted(set(node) - {"proof", "id"})))
    del node[name]
    assert check(shown).verified is None


@functools.cache
def shown_once(profile: str) -> str:
    return json.dumps(derive(base(profile), "/credentialSubject/name", "/credentialSubject/achievement/name"))


@settings(deadline=None, max_examples=150)
@given(profiles, st.data())
def test_a_flipped_byte_of_the_proof_value_is_never_accepted(profile: str, data: st.DataObject) -> None:
    shown = json.loads(shown_once(profile))
    value = bytearray(decode_multibase(shown["proof"]["proofValue"], headers="u"))
    value[data.draw(st.integers(0, len(value) - 1))] ^= data.draw(st.integers(1, 255))
    shown["proof"]["proofValue"] = encode_multibase(bytes(value), header="u")
    assert check(shown).verified is None


@settings(deadline=None, max_examples=150)
@given(profiles, st.data())
def test_a_flipped_byte_of_the_document_is_never_accepted(profile: str, data: st.DataObject) -> None:
    content = bytearray(shown_once(profile).encode())
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        findings = check(bytes(content))
    except InputError:
        return  # it cannot even be read
    if findings.verified is not None:  # white space between tokens
        assert json.loads(content) == json.loads(shown_once(profile))


@SLOW
@given(choices)
def test_two_issuances_of_one_document_cannot_be_linked_or_mixed(choice: tuple[str, list[str]]) -> None:
    """Only keys and labels tell the two apart, and all of them do."""
    profile, pointers = choice
    first = derive(base(profile), *pointers)
    second = derive(issue(unsigned(profile), MANDATORY), *pointers)
    mine, theirs = components_of(first), components_of(second)
    assert mine[1] != theirs[1]
    assert not set(mine[3].values()) & set(theirs[3].values())
    assert not set(mine[2]) & set(theirs[2])
