"""Stories of issuers and bodies, told through the whole pure function: who is believed, and why not."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from skillcred.model.outcomes import EvidenceKind, EvidenceReference, Outcome, Verdict
from skillcred.trust import (
    AccreditationScope,
    ExtractedAccreditation,
    ExtractedEvent,
    ProvableTime,
    RegisteredKey,
    ScopeLevel,
    encode_existence_record,
    encode_registry_extract,
)
from skillcred.verification import (
    Evidence,
    EvidenceItem,
    build_bundle,
    build_report_json,
    replay_bundle,
    verify,
)
from skillcred.verification.existence_digests import existence_digests
from worlds.pure_world import AWARDED, NOW, PureWorld, SoftSigner, extract_item, sign

DAY = timedelta(days=1)


def event(kind: str, days_after_award: int) -> ExtractedEvent:
    instant = AWARDED + days_after_award * DAY
    return ExtractedEvent(kind, instant, instant, "reason")


def key(world: PureWorld, **changes: object) -> RegisteredKey:
    base = RegisteredKey(
        world.provider.verification_method, world.provider.public_key.to_multikey(), AWARDED - 100 * DAY
    )
    return replace(base, **changes)  # type: ignore[arg-type]


STORIES = [
    pytest.param({}, "valid", "issuer_authorised", (), id="authorised-then-and-now"),
    pytest.param(
        {"events": (event("suspended", 10),)},
        "valid",
        "issuer_authorised_then",
        ("accreditation_suspended",),
        id="T-02-suspended-since",
    ),
    pytest.param(
        {"events": (event("ended", 10),)},
        "valid",
        "issuer_authorised_then",
        ("accreditation_ended",),
        id="T-02-ended-since",
    ),
    pytest.param(
        {"accredited_until": AWARDED + 5 * DAY},
        "valid",
        "issuer_authorised_then",
        ("accreditation_expired",),
        id="T-02-expired-since",
    ),
    pytest.param(
        {"events": (event("suspended", -10),)},
        "invalid",
        "issuer_not_authorised",
        (),
        id="T-02-suspended-at-award",
    ),
    pytest.param(
        {"events": (event("suspended", -10), event("reinstated", 10))},
        "invalid",
        "issuer_not_authorised",
        (),
        id="T-02-reinstated-later",
    ),
    pytest.param(
        {"events": (event("withdrawn", -500),)},
        "invalid",
        "issuer_not_authorised",
        (),
        id="withdrawn-with-effect-back",
    ),
    pytest.param(
        {"accredited_from": AWARDED + DAY}, "invalid", "issuer_not_authorised", (), id="T-02-accredited-later"
    ),
    pytest.param(
        {"accredited_until": AWARDED - DAY},
        "invalid",
        "issuer_not_authorised",
        (),
        id="accreditation-had-expired",
    ),
    pytest.param(
        {"scope": AccreditationScope(("training",))},
        "invalid",
        "issuer_not_authorised",
        (),
        id="T-01-other-kind",
    ),
    pytest.param(
        {"scope": AccreditationScope(("qualification",), ("0715",))},
        "invalid",
        "issuer_not_authorised",
        (),
        id="T-01-welding-issues-nursing",
    ),
    pytest.param(
        {"scope": AccreditationScope(("qualification",), countries=("KE",))},
        "invalid",
        "issuer_not_authorised",
        (),
        id="T-01-other-country",
    ),
    pytest.param(
        {"scope": AccreditationScope(("qualification",), max_level=ScopeLevel("PH-PQF", "4"))},
        "invalid",
        "issuer_not_authorised",
        (),
        id="T-01-level-4-issues-6",
    ),
    pytest.param(
        {"scope": AccreditationScope(("qualification",), max_level=ScopeLevel("EQF", "8"))},
        "indeterminate",
        "scope_not_determinable",
        (),
        id="level-in-another-framework",
    ),
    pytest.param(
        {"body_ended_at": AWARDED - DAY}, "invalid", "issuer_not_authorised", (), id="body-had-ended"
    ),
    pytest.param(
        {"body_ended_at": AWARDED + DAY},
        "valid",
        "issuer_authorised_then",
        ("authority_ended",),
        id="body-ended-since",
    ),
    pytest.param(
        {"enrolled_at": NOW + DAY}, "indeterminate", "issuer_not_recognised", (), id="body-not-enrolled-yet"
    ),
]


@pytest.mark.parametrize(("changes", "verdict", "reason", "warnings"), STORIES)
def test_story(changes: dict[str, object], verdict: str, reason: str, warnings: tuple[str, ...]) -> None:
    world = replace(PureWorld(), **changes)  # type: ignore[arg-type]
    report = world.verify()
    assert (report.verdict.value, report.reason) == (verdict, reason)
    assert tuple(warning.code for warning in report.warnings) == warnings
    assert bool(report.vouchers) == (verdict == "valid")


def test_nobody_vouches() -> None:
    world = PureWorld()
    empty = replace(world.extract(), accreditations=(), bodies=())
    report = verify(world.credential(), evidence=world.evidence(empty), at=NOW)
    assert (report.verdict, report.reason) == (Verdict.INDETERMINATE, "issuer_not_recognised")


def test_a_body_that_nobody_enrolled_does_not_count() -> None:
    world = PureWorld()
    report = verify(world.credential(), evidence=world.evidence(replace(world.extract(), bodies=())), at=NOW)
    assert report.reason == "issuer_not_recognised"


def test_self_accreditation_does_not_count() -> None:
    """SECURITY T-04: the provider signs its own accreditation; it is no enrolled body."""
    world = PureWorld()
    own = replace(world, body=world.provider)
    with pytest.raises(Exception, match="itself"):
        own.accreditation()


def test_an_accreditation_of_somebody_else_does_not_count() -> None:
    world = PureWorld()
    other = PureWorld(provider=SoftSigner(9))
    foreign = ExtractedAccreditation(other.accreditation(), "application/vc", AWARDED)
    extract = replace(world.extract(), accreditations=(foreign,))
    assert (
        verify(world.credential(), evidence=world.evidence(extract), at=NOW).reason == "issuer_not_recognised"
    )


def test_a_forged_accreditation_is_not_believed_and_not_ignored() -> None:
    world = PureWorld()
    forged = world.accreditation().replace(b"PH-PQF", b"PH-PQX")
    item = ExtractedAccreditation(forged, "application/vc", AWARDED)
    extract = replace(world.extract(), accreditations=(item,))
    report = verify(world.credential(), evidence=world.evidence(extract), at=NOW)
    assert (report.verdict, report.reason) == (Verdict.INDETERMINATE, "accreditation_not_checked")


def test_an_accreditation_signed_by_the_wrong_key_is_not_believed() -> None:
    world = PureWorld()
    unsigned = {
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://skillcred.org/ns/trust/v1"],
        "id": "urn:uuid:0c4a1de2-7c3b-4a55-8d5e-3f6d7a9b8e99",
        "type": ["VerifiableCredential", "RecognizedEntityCredential"],
        "issuer": world.body.did,
        "validFrom": "2020-01-01T00:00:00Z",
        "credentialSubject": {
            "id": world.provider.did,
            "type": "RecognizedEntity",
            "recognizedTo": {
                "type": "RecognizedAction",
                "action": "issue",
                "credentialProfile": ["qualification"],
            },
        },
    }
    item = ExtractedAccreditation(sign(unsigned, world.provider), "application/vc", AWARDED)
    extract = replace(world.extract(), accreditations=(item,))
    report = verify(world.credential(), evidence=world.evidence(extract), at=NOW)
    assert (report.verdict, report.reason) == (Verdict.INDETERMINATE, "accreditation_not_checked")


@pytest.mark.parametrize(
    ("changes", "verdict", "reason"),
    [
        pytest.param({}, "valid", "issuer_authorised", id="key-known-and-active"),
        pytest.param({"retired_at": AWARDED + DAY}, "valid", "issuer_authorised", id="K-11-rotated-since"),
        pytest.param(
            {"retired_at": AWARDED - DAY}, "invalid", "key_retired", id="K-11-signed-after-retirement"
        ),
        pytest.param(
            {"compromised_at": AWARDED + DAY},
            "invalid",
            "key_compromised",
            id="K-13-compromised-no-proof-of-time",
        ),
        pytest.param(
            {"activated_at": AWARDED + DAY}, "invalid", "key_not_yet_active", id="signed-before-the-key"
        ),
        pytest.param(
            {"public_key_multibase": SoftSigner(7).public_key.to_multikey()},
            "invalid",
            "key_conflict",
            id="T-13-registry-holds-another-key",
        ),
        pytest.param(
            {"verification_method": "did:key:z6MkX#other"}, "invalid", "key_conflict", id="T-13-unknown-key"
        ),
    ],
)
def test_keys_over_time(changes: dict[str, object], verdict: str, reason: str) -> None:
    world = PureWorld()
    world.issuer_keys = (key(world, **changes),)
    report = world.verify()
    assert (report.verdict.value, report.reason) == (verdict, reason)


def test_signed_after_the_authorisation_had_ended() -> None:
    world = PureWorld(events=(event("ended", 5),))
    report = world.verify(world.credential(created=AWARDED + 10 * DAY))
    assert report.verdict is Verdict.VALID
    assert [warning.code for warning in report.warnings] == [
        "accreditation_ended",
        "signed_after_authorisation",
    ]


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"\xff", b'{"format":"skillcred-registry-extract-1"}', b'{"format":"other"}'],
)
def test_a_broken_extract_is_never_trust(content: bytes) -> None:
    """SECURITY T-11."""
    world = PureWorld()
    report = verify(
        world.credential(), evidence=Evidence([extract_item(world.provider.did, content)]), at=NOW
    )
    assert (report.verdict, report.reason) == (Verdict.INDETERMINATE, "registry_unavailable")


def test_an_extract_about_another_issuer_is_never_trust() -> None:
    world = PureWorld()
    other = PureWorld(provider=SoftSigner(9))
    evidence = Evidence([extract_item(world.provider.did, encode_registry_extract(other.extract()))])
    assert verify(world.credential(), evidence=evidence, at=NOW).reason == "registry_unavailable"


def test_without_the_registry_the_report_says_what_it_lacks() -> None:
    world = PureWorld()
    report = verify(world.credential(), at=NOW)
    assert report.verdict is Verdict.INDETERMINATE
    assert report.needs == (EvidenceReference(EvidenceKind.REGISTRY_EXTRACT, world.provider.did),)


def test_trust_is_judged_by_the_date_that_is_asked_for() -> None:
    world = PureWorld(events=(event("ended", 30),))
    before = world.verify(at=AWARDED + 10 * DAY)
    after = world.verify(at=AWARDED + 40 * DAY)
    assert (before.reason, after.reason) == ("issuer_authorised", "issuer_authorised_then")
    assert after.steps[-1].outcome is Outcome.PASSED


def record(world: PureWorld, document: bytes, days: int, *, digest: str | None = None) -> EvidenceItem:
    """A record that the document existed so many days after the award."""
    sha256 = digest or hashlib.sha256(document).hexdigest()
    content = encode_existence_record(sha256, ProvableTime(AWARDED + days * DAY, "issued_here"))
    reference = EvidenceReference(EvidenceKind.EXISTENCE_RECORD, hashlib.sha256(document).hexdigest())
    return EvidenceItem(reference, NOW, "test records", content=content)


@pytest.mark.parametrize(
    ("days", "verdict", "reason", "warnings"),
    [
        pytest.param(1, "valid", "issuer_authorised", ["key_compromised_later"], id="K-13-provably-older"),
        pytest.param(5, "invalid", "key_compromised", [], id="K-13-at-the-very-time"),
        pytest.param(9, "invalid", "key_compromised", [], id="K-13-provably-not-older"),
    ],
)
def test_a_compromised_key_is_believed_for_what_is_provably_older(
    days: int, verdict: str, reason: str, warnings: list[str]
) -> None:
    """SECURITY K-13, T-03: backdating with a stolen key gains nothing without a record of the time."""
    world = PureWorld()
    world.issuer_keys = (key(world, compromised_at=AWARDED + 5 * DAY),)
    document = world.credential()
    evidence = world.evidence()
    without = verify(document, evidence=evidence, at=NOW)
    assert (without.verdict.value, without.reason) == ("invalid", "key_compromised")
    exact, signed = without.needs
    assert {exact.kind, signed.kind} == {EvidenceKind.EXISTENCE_RECORD}
    assert [exact.id, signed.id] == list(existence_digests(document))
    partly = verify(document, evidence=evidence.with_items([record(world, document, days)]), at=NOW)
    assert partly.verdict.value == verdict, (
        "bundles from before there were two records are judged as they were"
    )
    records = [record(world, document, days), EvidenceItem(signed, NOW, "test", unavailable="not_found")]
    report = verify(document, evidence=evidence.with_items(records), at=NOW)
    assert (report.verdict.value, report.reason) == (verdict, reason)
    assert [warning.code for warning in report.warnings] == warnings
    assert report.needs == ()


def test_a_record_about_another_document_proves_nothing() -> None:
    world = PureWorld()
    world.issuer_keys = (key(world, compromised_at=AWARDED + 5 * DAY),)
    document = world.credential()
    evidence = world.evidence().with_items([record(world, document, 1, digest="0" * 64)])
    assert verify(document, evidence=evidence, at=NOW).reason == "key_compromised"


def test_the_award_date_is_told_apart_from_what_is_provable() -> None:
    world = PureWorld()
    document = world.credential()
    claimed = verify(document, evidence=world.evidence(), at=NOW).steps[-1].details["award_date"]
    evidence = world.evidence().with_items([record(world, document, 1)])
    proven = verify(document, evidence=evidence, at=NOW).steps[-1].details["award_date"]
    assert claimed == {"claimed": True}
    assert isinstance(proven, Mapping)
    assert proven["existed"] == {"by": "2026-03-16T09:00:00Z", "source": "issued_here"}


def test_three_dates_are_told_with_the_statements_they_rest_on() -> None:
    """Suspended from day 10 to 20: authorised on the award date and now, not on day 15."""
    world = PureWorld(events=(event("suspended", 10), event("reinstated", 20)))
    document = world.credential()
    report = verify(document, evidence=world.evidence(), at=NOW, asked_at=AWARDED + 15 * DAY)
    assert (report.verdict, report.reason) == (Verdict.VALID, "issuer_authorised")
    details = report.steps[-1].details
    answers = {name: details[name]["answer"] for name in ("award", "now", "asked")}  # type: ignore[index,call-overload]
    assert answers == {"award": "authorised", "now": "authorised", "asked": "not_authorised"}
    asked = details["asked"]
    assert isinstance(asked, Mapping)
    assert asked["reasons"] == ("accreditation_suspended",)
    chain = asked["chain"]
    assert isinstance(chain, tuple)
    enrolment, accreditation = chain
    assert enrolment["statement"] == "enrolment"
    assert accreditation["statement"] == "https://registry.example/accreditations/1"
    assert (accreditation["standing"], accreditation["since"]) == ("suspended", "2026-03-25T09:00:00Z")
    replayed = replay_bundle(build_bundle(document, "application/vc", report))
    assert build_report_json(replayed) == build_report_json(report)
