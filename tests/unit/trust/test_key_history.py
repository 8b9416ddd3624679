"""Keys that the registry knows and the signer's own document lacks (SECURITY K-11, K-12, K-13, T-09, T-13)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from skillcred.model.outcomes import EvidenceKind, EvidenceReference, Step, Verdict
from skillcred.trust import (
    EnrolledBody,
    ExtractedAccreditation,
    KeyHistory,
    RegisteredKey,
    RegistryCopyInfo,
    RegistryExtract,
    encode_registry_extract,
    parse_registry_extract,
)
from skillcred.verification import Evidence, EvidenceItem, VerificationReport, verify
from worlds.pure_world import (
    AWARDED,
    NOW,
    PureWorld,
    SoftSigner,
    did_document,
    document_item,
    extract_item,
)

SCHOOL = "did:web:school.example"
MINISTRY = "did:web:ministry.example"
OTHER = "did:web:other.example"
DAY = timedelta(days=1)


@dataclass
class Web:
    """A school and a ministry with did:web identities. `old` keys signed; documents list what a test says."""

    school: SoftSigner = field(default_factory=lambda: SoftSigner(11, did=SCHOOL))
    school_now: SoftSigner = field(default_factory=lambda: SoftSigner(12, did=SCHOOL))
    ministry: SoftSigner = field(default_factory=lambda: SoftSigner(21, did=MINISTRY))
    ministry_now: SoftSigner = field(default_factory=lambda: SoftSigner(22, did=MINISTRY))
    school_listed: tuple[SoftSigner, ...] | None = None
    ministry_listed: tuple[SoftSigner, ...] | None = None
    keys: tuple[KeyHistory, ...] = ()
    branch: str | None = None
    copy: RegistryCopyInfo | None = None

    @property
    def world(self) -> PureWorld:
        return PureWorld(body=self.ministry, provider=self.school)

    def key(self, signer: SoftSigner, **times: object) -> RegisteredKey:
        activated = AWARDED - 900 * DAY
        key = RegisteredKey(signer.verification_method, signer.public_key.to_multikey(), activated)
        return replace(key, **times)  # type: ignore[arg-type]

    def extract(self) -> RegistryExtract:
        return replace(
            self.world.extract(),
            keys=self.keys,
            accreditations=tuple(
                replace(item, branch=self.branch) for item in self.world.extract().accreditations
            ),
            copy=self.copy,
        )

    def evidence(self, extract: RegistryExtract | None = None) -> Evidence:
        items = [extract_item(SCHOOL, encode_registry_extract(extract or self.extract()))]
        for did, listed in ((SCHOOL, self.school_listed), (MINISTRY, self.ministry_listed)):
            if listed is None:
                reference = EvidenceReference(EvidenceKind.DID_DOCUMENT, did)
                items.append(EvidenceItem(reference, NOW, "test host", unavailable="timeout"))
            else:
                items.append(document_item(did, did_document(*listed)))
        return Evidence(items)

    def verify(self, extract: RegistryExtract | None = None) -> VerificationReport:
        return verify(self.world.credential(), evidence=self.evidence(extract), at=NOW)


def warnings_of(report: VerificationReport) -> set[str]:
    return {warning.code for step in report.steps for warning in step.warnings}


def rotated(web: Web, **times: object) -> Web:
    """The registry knows the keys that signed, replaced since, and the documents list the new ones only."""
    over = {"retired_at": AWARDED + DAY, **times}
    web.keys = (
        KeyHistory(SCHOOL, (web.key(web.school, **over),)),
        KeyHistory(MINISTRY, (web.key(web.ministry, **over),)),
    )
    web.school_listed = (web.school_now,)
    web.ministry_listed = (web.ministry_now,)
    return web


def test_K11_a_replaced_key_verifies_what_it_signed_in_its_time() -> None:
    report = rotated(Web()).verify()
    assert (report.verdict, report.reason) == (Verdict.VALID, "issuer_authorised")
    assert warnings_of(report) == {"key_no_longer_listed"}


def test_K11_and_nothing_after_it() -> None:
    report = rotated(Web(), retired_at=AWARDED - DAY).verify()
    assert (report.verdict, report.reason) == (Verdict.INVALID, "key_retired")


def test_K12_hosts_that_are_gone_or_not_asked() -> None:
    web = Web()
    web.keys = (
        KeyHistory(SCHOOL, (web.key(web.school),)),
        KeyHistory(MINISTRY, (web.key(web.ministry),)),
    )
    report = web.verify()
    assert (report.verdict, report.reason) == (Verdict.VALID, "issuer_authorised")
    assert warnings_of(report) == {"key_from_registry"}


@pytest.mark.parametrize("gone", range(3))
def test_less_evidence_never_helps(gone: int) -> None:
    """A document that nobody tried to get is asked for; the registry's word does not stand in for asking."""
    web = Web()
    web.keys = (
        KeyHistory(SCHOOL, (web.key(web.school),)),
        KeyHistory(MINISTRY, (web.key(web.ministry),)),
    )
    evidence = web.evidence()
    missing = list(evidence)[gone]
    report = verify(web.world.credential(), evidence=evidence.without(missing), at=NOW)
    assert report.verdict is Verdict.INDETERMINATE
    assert missing in report.needs


def test_T13_a_key_that_the_registry_has_as_active_must_be_in_a_document_that_is_there() -> None:
    web = rotated(Web(), retired_at=None)
    report = web.verify()
    assert (report.verdict, report.reason) == (Verdict.INVALID, "key_not_in_document")


def test_T13_another_key_under_the_name() -> None:
    web = rotated(Web())
    web.keys = (KeyHistory(SCHOOL, (web.key(SoftSigner(99, did=SCHOOL)),)),)
    web.keys = tuple(
        replace(history, keys=(replace(key, verification_method=web.school.verification_method),))
        for history in web.keys
        for key in history.keys
    )
    web.school_listed = (web.school,)
    assert web.verify().reason == "key_conflict"


def test_K13_a_key_that_was_stolen_later_signs_nothing_that_is_not_provably_older() -> None:
    web = rotated(Web(), retired_at=None, compromised_at=AWARDED + DAY)
    report = web.verify()
    assert (report.verdict, report.reason) == (Verdict.INVALID, "key_compromised")
    assert EvidenceReference(EvidenceKind.EXISTENCE_RECORD, report.document_sha256) in report.needs


def test_K13_what_the_registry_recorded_before_a_body_lost_its_key_stays_good() -> None:
    web = rotated(Web())
    stolen = web.key(web.ministry, compromised_at=AWARDED + DAY)
    web.keys = (web.keys[0], KeyHistory(MINISTRY, (stolen,)))
    assert web.verify().verdict is Verdict.VALID
    late = tuple(replace(item, recorded_at=AWARDED + 2 * DAY) for item in web.extract().accreditations)
    report = web.verify(replace(web.extract(), accreditations=late))
    assert (report.verdict, report.reason) == (Verdict.INDETERMINATE, "accreditation_not_checked")
    (trust,) = [step for step in report.steps if step.step is Step.TRUST]
    assert [problem.code for problem in trust.problems] == ["key_compromised"]


def in_branches(web: Web, *histories: KeyHistory) -> Web:
    web.branch = MINISTRY
    web.keys = histories
    return web


def test_T09_what_one_branch_says_of_keys_does_not_count_in_another() -> None:
    """A forger's body lists its own key as the school's. The school's host is down; the ministry knows nothing."""
    web = Web(school=SoftSigner(66, did=SCHOOL), ministry_listed=(SoftSigner(21, did=MINISTRY),))
    in_branches(web, KeyHistory(SCHOOL, (web.key(web.school),), OTHER))
    report = web.verify()
    assert (report.verdict, report.reason) == (Verdict.INVALID, "key_conflict")
    web.keys = (KeyHistory(SCHOOL, (web.key(web.school),), MINISTRY),)
    assert web.verify().verdict is Verdict.VALID


def test_T09_whoever_did_not_accredit_the_issuer_says_nothing_about_its_keys() -> None:
    web = Web(school_listed=(SoftSigner(11, did=SCHOOL),), ministry_listed=(SoftSigner(21, did=MINISTRY),))
    stolen = KeyHistory(SCHOOL, (web.key(web.school, compromised_at=AWARDED - 100 * DAY),), OTHER)
    in_branches(web, KeyHistory(SCHOOL, (web.key(web.school),), MINISTRY), stolen)
    assert (web.verify().verdict, warnings_of(web.verify())) == (Verdict.VALID, set())


@pytest.mark.parametrize(
    ("times", "verdict", "reason", "warnings"),
    [
        ({"compromised_at": AWARDED - 100 * DAY}, Verdict.INDETERMINATE, "key_doubted", set()),
        ({"retired_at": AWARDED - DAY}, Verdict.VALID, "issuer_authorised", {"key_doubted_elsewhere"}),
        ({}, Verdict.VALID, "issuer_authorised", set()),
    ],
)
def test_two_bodies_that_accredited_the_issuer_disagree(
    times: dict[str, object], verdict: Verdict, reason: str, warnings: set[str]
) -> None:
    web = Web(school_listed=(SoftSigner(11, did=SCHOOL),), ministry_listed=(SoftSigner(21, did=MINISTRY),))
    others = KeyHistory(SCHOOL, (web.key(web.school, **times),), OTHER)
    in_branches(web, KeyHistory(SCHOOL, (web.key(web.school),), MINISTRY), others)
    report = web.verify(second_chain(web))
    assert (report.verdict, report.reason, warnings_of(report)) == (verdict, reason, warnings)


def second_chain(web: Web) -> RegistryExtract:
    """Another body accredits the school as well."""
    other = SoftSigner(31)
    content = PureWorld(body=other, provider=web.school).accreditation()
    mine = web.extract()
    item = ExtractedAccreditation(content, "application/vc", AWARDED - 700 * DAY, branch=other.did)
    doubted = tuple(
        replace(history, branch=other.did) if history.branch == OTHER else history for history in mine.keys
    )
    return replace(
        mine,
        keys=doubted,
        bodies=(*mine.bodies, EnrolledBody(other.did, "Other", "KE", AWARDED - 300 * DAY)),
        accreditations=(*mine.accreditations, item),
    )


def test_a_copy_that_has_run_out_judges_nobody() -> None:
    listed = {
        "school_listed": (SoftSigner(11, did=SCHOOL),),
        "ministry_listed": (SoftSigner(21, did=MINISTRY),),
    }
    web = Web(**listed, copy=RegistryCopyInfo(7, 3, NOW - DAY, NOW + DAY))  # type: ignore[arg-type]
    report = web.verify()
    assert report.verdict is Verdict.VALID
    (trust,) = [step for step in report.steps if step.step is Step.TRUST]
    assert dict(trust.details["registry"]) == {  # type: ignore[call-overload]
        "timestamp_version": 7,
        "updated": "2026-05-31T12:00:00Z",
        "expires": "2026-06-02T12:00:00Z",
    }
    report = verify(web.world.credential(), evidence=web.evidence(), at=NOW + DAY)
    assert (report.verdict, report.reason) == (Verdict.INDETERMINATE, "registry_copy_expired")


def test_extracts_come_back_as_they_were_written() -> None:
    web = rotated(Web(branch=MINISTRY, copy=RegistryCopyInfo(7, 3, NOW - DAY, NOW)))
    extract = web.extract()
    assert parse_registry_extract(encode_registry_extract(extract), issuer_did=SCHOOL) == extract


def test_extracts_of_earlier_versions_are_still_read() -> None:
    """Saved verdicts hold them."""
    web = Web()
    content = encode_registry_extract(replace(web.extract(), keys=()))
    text = content.decode().replace("skillcred-registry-extract-3", "skillcred-registry-extract-2")
    key = '{"activated_at":"2024-01-01T00:00:00Z","compromised_at":null,"public_key_multibase":"z6Mk",'
    old = text.replace(
        '"keys": []', f'"issuer_keys": [{key}"retired_at":null,"verification_method":"{SCHOOL}#1"}}]'
    )
    assert old != text
    read = parse_registry_extract(old.encode(), issuer_did=SCHOOL)
    (history,) = read.keys_of(SCHOOL)
    assert [key.verification_method for key in history.keys] == [f"{SCHOOL}#1"]
