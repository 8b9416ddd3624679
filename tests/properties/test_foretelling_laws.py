"""Foretelling never changes a report: the same with what is in memory, without foretelling, and without any memory."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from skillcred.encoding.base64url import decode_base64url, encode_base64url
from skillcred.services.foretelling import MAX_SCANNED_BYTES, peek_names
from worlds.application import DemoRegistry, fill_demo_registry, open_in_memory_application
from worlds.in_memory import START
from worlds.pure_world import PureWorld


@cache
def world() -> tuple[DemoRegistry, tuple[bytes, ...]]:
    """A registry in which something is revoked and something suspended, and credentials that were verified before."""
    registry = fill_demo_registry(open_in_memory_application())
    application = registry.application
    stored = [
        registry.issue("first"),
        registry.issue("second", profile="qualification", mechanism="eddsa-jcs-2022"),
        registry.issue("token", mechanism="vc+jwt"),
        registry.issue("revoked"),
        registry.issue("stranger", actor=registry.stranger),
    ]
    application.change_status(registry.provider, stored[3].credential_id, kind="revoked", reason="a typo")
    application.change_accreditation(
        registry.body, registry.accreditation.id, kind="suspended", effective_at=START, reason="audit"
    )
    contents = (*(item.content for item in stored), PureWorld().credential())
    for content in contents * 2:
        application.verify_document.upload(content)
    return registry, contents


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_report_is_the_same_with_foretelling_and_without(data: st.DataObject) -> None:
    registry, contents = world()
    content = data.draw(st.sampled_from(contents))
    if data.draw(st.booleans(), label="changed"):
        place = data.draw(st.integers(0, len(content) - 1))
        piece = data.draw(
            st.one_of(st.binary(max_size=3), st.sampled_from([b"did:web:x.example", b"\\u0061"]))
        )
        content = content[:place] + piece + content[place + data.draw(st.integers(0, 3)) :]
    offline = data.draw(st.booleans(), label="offline")
    with_foretelling = registry.application.verify_document
    without = replace(with_foretelling, snapshot=None)
    expected = without.upload(content, offline=offline).report
    assert with_foretelling.upload(content, offline=offline).report == expected
    prepared = with_foretelling.prepare(content)
    at_once = None if prepared is None else with_foretelling.judge_prepared(prepared)
    if at_once is not None and not offline:
        assert at_once == expected


def test_a_token_that_falls_apart_rests_on_no_evidence_at_hand() -> None:
    """Its header still names a key, whose document is in memory, and nobody gets as far as looking at it."""
    registry, contents = world()
    (token,) = [content for content in contents if content.count(b".") == 2 and content[:1] != b"{"]
    header, payload, signature = token.split(b".")
    half = encode_base64url(decode_base64url(payload.decode())[:100])
    broken = b".".join((header, half.encode(), signature))
    report = registry.application.verify_document.upload(broken).report
    assert (report.reason, report.evidence_used) == ("proof_malformed", ())
    assert replace(registry.application.verify_document, snapshot=None).upload(broken).report == report


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=400))
def test_any_bytes_can_be_looked_at(content: bytes) -> None:
    assert all(peek_names(content))


def test_looking_is_linear() -> None:
    """Text that is made to be looked at for long: tokens, addresses and identifiers that never end."""
    for piece in (b'"http', b"did:a:", b"a.", b'"https://a/v1/status-lists/', b"a" * 40 + b"."):
        peek_names(piece * (MAX_SCANNED_BYTES // len(piece)))
