"""An authority works on a case from the submission to a statement that verifies as its decision."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from skillcred.encoding.jcs import encode_jcs
from skillcred.errors import AuthorisationError, ConflictError, InputError, NotFoundError
from skillcred.model.outcomes import Step, Verdict
from skillcred.recognition.case import Answer
from skillcred.recognition.records import Outcome, Purpose
from skillcred.recognition.workflow import (
    CaseState,
    Decision,
    DecisionKind,
    DecisionStage,
    Measure,
    MeasureKind,
    WorkflowError,
)
from skillcred.services.finishing import SelfCheckError
from skillcred.services.recognition import RecognitionRequest
from skillcred.services.recognition_cases import statement_key
from skillcred.services.recognition_evidence import RecognitionRequestError
from skillcred.web.pages.languages import load_languages
from skillcred.web.pages.verdict_view import build_verdict_view
from worlds.application import DemoRegistry, example_claims, fill_demo_registry, open_in_memory_application
from worlds.in_memory import FixedClock

AT = date(2026, 6, 1)
DECISION = Decision(
    DecisionKind.CONDITIONAL,
    DecisionStage.FINAL,
    ("Clinical practice differs.",),
    (Measure(MeasureKind.ADAPTATION_PERIOD, "Six months on a ward.", date(2027, 1, 31)),),
    ("Clinical practice",),
    "Appeal to the tribunal within 30 days.",
)


@pytest.fixture
def registry() -> DemoRegistry:
    return fill_demo_registry(open_in_memory_application(clock=FixedClock()))


def claims(country: str = "TZ") -> dict[str, Any]:
    """A degree in engineering of another state of East Africa."""
    found = example_claims("qualification")
    found["countryOfAward"] = country
    for alignment in found["credentialSubject"]["achievement"]["alignment"]:
        if alignment.get("targetFramework") == "ISCO-08":
            alignment |= {
                "targetCode": "2142",
                "targetName": "Civil engineers",
                "targetUrl": "http://data.europa.eu/esco/isco/C2142",
            }
    return found


def request(registry: DemoRegistry, *contents: bytes, **changes: Any) -> RecognitionRequest:
    degree = registry.issue("degree", profile="qualification", claims=claims()).content
    asked = RecognitionRequest(
        documents=contents or (degree,),
        destination="KE",
        purpose=Purpose.REGULATED_PROFESSION,
        occupation="2142",
        at=AT,
    )
    return replace(asked, **changes)


def taken(registry: DemoRegistry) -> str:
    application = registry.application
    case = application.submit_recognition_case(registry.body, request(registry))
    application.assess_recognition_case.take(registry.body, case.id)
    return case.id


def verified(registry: DemoRegistry, content: bytes) -> tuple[Verdict, str, dict[str, Any]]:
    report = registry.application.verify_document(content).report
    trust = next(step for step in report.steps if step.step is Step.TRUST)
    return report.verdict, report.reason, dict(trust.details)


def shown_headline(registry: DemoRegistry, content: bytes) -> str:
    """The one line on /verify: no statement reads as a qualification."""
    report = registry.application.verify_document(content).report
    return build_verdict_view(report, load_languages().default).headline


def test_from_submission_to_a_decision_that_verifies(registry: DemoRegistry) -> None:
    application, body = registry.application, registry.body
    work = application.assess_recognition_case
    case = application.submit_recognition_case(body, request(registry))
    prepared = json.loads(case.prepared)
    assert (prepared["outcome"], prepared["basis"]) == ("insufficient_evidence", "EAC-ENG")
    assert {item["code"] for item in prepared["bring"]} == {"home_licence", "good_standing"}
    case = work.take(body, case.id)
    case = work.request_evidence(body, case.id, ["A certificate of good standing."])
    training = registry.issue("more", profile="training").content
    with pytest.raises(RecognitionRequestError):  # of another person
        application.submit_recognition_case.add_evidence(body, case.id, [training])
    own = example_claims("training")
    own["credentialSubject"]["id"] = claims()["credentialSubject"]["id"]
    more = registry.issue("own", profile="training", claims=own).content
    case = application.submit_recognition_case.add_evidence(body, case.id, [more])
    assert case.progress.state is CaseState.UNDER_REVIEW
    case = work.record_findings(
        body,
        case.id,
        elements={"profile": Answer.NOT_MET},
        conditions={"home_licence": Answer.MET, "good_standing": Answer.MET},
    )
    prepared = json.loads(case.prepared)
    assert (prepared["outcome"], prepared["basis"]) == ("conditional_recognition", "EAC-ENG")
    with pytest.raises(InputError) as misspelt:
        work.record_findings(body, case.id, elements={}, conditions={"good-standing": Answer.MET})
    assert misspelt.value.code == "recognition_unknown_condition"
    case = work.decide(body, case.id, DECISION)
    case, stored = application.issue_recognition_statement.decide(body, case.id)
    assert (case.progress.state, case.statement_id) == (CaseState.ISSUED, stored.credential_id)
    verdict, reason, details = verified(registry, stored.content)
    assert (verdict, reason) == (Verdict.VALID, "authority_enrolled")
    assert (details["nature"], details["kind"], details["stage"]) == ("decision", "conditional", "final")
    assert shown_headline(registry, stored.content) == "This decision on recognition is genuine"
    view = build_verdict_view(
        registry.application.verify_document(stored.content).report, load_languages().default
    )
    assert view.authority is not None
    assert (view.authority.name, view.authority.country, view.authority.now) == (
        "Demo Qualifications Authority", "KE", True,
    )  # fmt: skip
    broken = stored.content.replace(b"2027-01-31", b"2029-01-31")
    assert shown_headline(registry, broken) == "This credential is not valid", "nothing of it is verified"
    said = json.loads(stored.content)["credentialSubject"]
    assert said["id"] == claims()["credentialSubject"]["id"]
    recognition = said["recognition"]
    assert recognition["appeal"] == DECISION.appeal
    assert recognition["compensationMeasure"][0]["measureUntil"] == "2027-01-31"
    assert len(recognition["examinedEvidence"]) == 2
    assert all(line["ruleSource"] and line["asOf"] for line in recognition["explanation"])
    view = application.read_recognition_cases.get(body, case.id)
    assert [event.kind.value for event in view.events] == [
        "submitted", "taken", "evidence_requested", "evidence_received", "findings_recorded", "decided", "issued",
    ]  # fmt: skip
    again, same = application.issue_recognition_statement.decide(body, case.id)
    assert same.content == stored.content
    assert again.version == case.version


def test_a_statement_is_never_a_qualification(registry: DemoRegistry) -> None:
    application = registry.application
    case_id = taken(registry)
    application.assess_recognition_case.decide(registry.body, case_id, DECISION)
    _, stored = application.issue_recognition_statement.decide(registry.body, case_id)
    result = application.recognition(request(registry, stored.content))
    assert [(found.counts, found.reason) for found in result.evidence] == [
        (False, "statement_is_no_qualification")
    ]
    assert result.outcome is Outcome.REFER


def test_advice_verifies_as_advice_only(registry: DemoRegistry) -> None:
    application = registry.application
    issue = application.issue_recognition_statement
    asked = request(registry)
    stored = issue.advise(registry.operator, asked, "advice-1")
    assert issue.advise(registry.operator, asked, "advice-1").content == stored.content
    verdict, reason, details = verified(registry, stored.content)
    assert (verdict, reason, details["nature"]) == (Verdict.INDETERMINATE, "statement_advisory", "advisory")
    assert shown_headline(registry, stored.content) == "This is advice, not a decision"
    said = json.loads(stored.content)["credentialSubject"]["recognition"]
    assert "decisionKind" not in said
    assert "not a decision" in said["disclaimer"]
    for actor in (registry.body, registry.provider):
        with pytest.raises(AuthorisationError):
            issue.advise(actor, asked, "advice-2")


def test_a_decision_of_somebody_who_is_not_enrolled_for_the_country_does_not_count(
    registry: DemoRegistry,
) -> None:
    application = registry.application
    case_id = taken(registry)
    application.assess_recognition_case.decide(registry.body, case_id, DECISION)
    _, stored = application.issue_recognition_statement.decide(registry.body, case_id)
    clock = application.clock
    assert isinstance(clock, FixedClock)
    clock.advance(days=2)
    at = clock.now()
    application.change_enrolment(
        registry.operator,
        registry.body.organisation.did,
        kind="suspended",
        effective_at=at,
        reason="Inquiry.",
    )
    clock.advance(days=1)
    assert verified(registry, stored.content)[:2] == (Verdict.VALID, "authority_enrolled_then")
    with pytest.raises(AuthorisationError) as caught:
        application.submit_recognition_case(registry.body, request(registry))
    assert caught.value.code == "authority_not_enrolled"


def test_annulling_revokes_the_statement(registry: DemoRegistry) -> None:
    application = registry.application
    case_id = taken(registry)
    application.assess_recognition_case.decide(registry.body, case_id, DECISION)
    _, stored = application.issue_recognition_statement.decide(registry.body, case_id)
    case = application.assess_recognition_case.annul(registry.body, case_id, "The appeal was allowed.")
    assert case.progress.state is CaseState.ANNULLED
    application.publish_due_lists()
    verdict, reason, _ = verified(registry, stored.content)
    assert (verdict, reason) == (Verdict.INVALID, "revoked")
    with pytest.raises(WorkflowError):
        application.issue_recognition_statement.decide(registry.body, case_id)


def test_a_provisional_decision_is_replaced_by_the_final_one(registry: DemoRegistry) -> None:
    application = registry.application
    work, issue = application.assess_recognition_case, application.issue_recognition_statement
    case_id = taken(registry)
    provisional = replace(DECISION, stage=DecisionStage.PROVISIONAL, final_due=date(2026, 12, 31))
    work.decide(registry.body, case_id, provisional)
    case, first = issue.decide(registry.body, case_id)
    assert case.progress.state is CaseState.PROVISIONALLY_DECIDED
    assert verified(registry, first.content)[2]["stage"] == "provisional"
    work.decide(registry.body, case_id, replace(DECISION, kind=DecisionKind.FULL, measures=()))
    case, last = issue.decide(registry.body, case_id)
    assert (case.progress.state, case.statement_id) == (CaseState.ISSUED, last.credential_id)
    application.publish_due_lists()
    assert verified(registry, first.content)[:2] == (Verdict.INVALID, "revoked")
    assert verified(registry, last.content)[0] is Verdict.VALID


def test_withdrawing_erases_what_was_handed_in(registry: DemoRegistry) -> None:
    application = registry.application
    case = application.submit_recognition_case(registry.body, request(registry))
    assert len(application.read_recognition_cases.get(registry.body, case.id).documents) == 1
    case = application.assess_recognition_case.withdraw(registry.body, case.id)
    view = application.read_recognition_cases.get(registry.body, case.id)
    assert (view.case.progress.state, view.documents) == (CaseState.WITHDRAWN, ())
    assert json.loads(view.case.question)["held"] == []
    assert "did:key" not in view.case.question + view.case.prepared


def test_PR07_what_was_handed_in_is_erased_a_year_after_a_case_was_closed(registry: DemoRegistry) -> None:
    application, body = registry.application, registry.body
    case_id, still_open = taken(registry), application.submit_recognition_case(body, request(registry)).id
    application.assess_recognition_case.decide(body, case_id, DECISION)
    _, stored = application.issue_recognition_statement.decide(body, case_id)
    before = application.read_recognition_cases.get(body, case_id)
    assert application.settings.case_retention_days == 365
    registry.application.clock.advance(days=365)  # type: ignore[attr-defined]
    assert application.erase_case_evidence() == 0
    registry.application.clock.advance(seconds=1)  # type: ignore[attr-defined]
    assert application.erase_case_evidence() == 1
    assert application.erase_case_evidence() == 0
    after = application.read_recognition_cases.get(body, case_id)
    assert [item.is_erased for item in after.documents] == [True]
    assert [item.sha256 for item in after.documents] == [item.sha256 for item in before.documents]
    assert json.loads(after.case.question)["held"] == []
    kept = ("progress", "prepared", "statement", "statement_id", "updated_at")
    assert [getattr(after.case, name) for name in kept] == [getattr(before.case, name) for name in kept]
    assert (after.events[-1].kind.value, after.events[-1].actor) == ("evidence_erased", "service")
    assert not application.read_recognition_cases.get(body, still_open).documents[0].is_erased
    # the decision can be handed out again, and set aside
    assert application.issue_recognition_statement.decide(body, case_id)[1].content == stored.content
    application.assess_recognition_case.annul(body, case_id, "The appeal was allowed.")
    application.publish_due_lists()
    assert verified(registry, stored.content)[:2] == (Verdict.INVALID, "revoked")


def test_cases_of_others_are_not_there(registry: DemoRegistry) -> None:
    application, operator = registry.application, registry.operator
    did = registry.body.organisation.did
    case = application.submit_recognition_case(operator, request(registry), did)
    assert application.read_recognition_cases.get(operator, case.id).case == case
    assert application.read_recognition_cases.list_all(registry.body)[0][0] == case
    with pytest.raises(AuthorisationError):
        application.assess_recognition_case.take(operator, case.id)
    own = application.submit_recognition_case(registry.body, request(registry))
    with pytest.raises(NotFoundError):
        application.read_recognition_cases.get(operator, own.id)
    with pytest.raises(AuthorisationError):
        application.read_recognition_cases.get(registry.provider, own.id)
    other = application.create_organisation(
        kind="national_body", slug="other", name="Another Authority", country="UG", actor=operator
    )
    application.enrol_national_body(operator, did=other.did, name=other.name, country="UG")
    stranger = application.local_actor("body_admin", other.id)
    with pytest.raises(NotFoundError):
        application.read_recognition_cases.get(stranger, own.id)
    with pytest.raises(NotFoundError):
        application.assess_recognition_case.take(stranger, own.id)
    with pytest.raises(InputError) as caught:
        application.submit_recognition_case(stranger, request(registry))
    assert caught.value.code == "authority_of_another_country"
    with pytest.raises(InputError) as caught:
        application.submit_recognition_case(stranger, request(registry), did)
    assert caught.value.code == "authority_of_others"


def test_two_people_do_not_overwrite_each_other(registry: DemoRegistry) -> None:
    application = registry.application
    case_id = taken(registry)
    units = application.assess_recognition_case.units
    with units(writes=False) as unit:
        read = unit.cases.find(case_id)
    assert read is not None
    application.assess_recognition_case.request_evidence(registry.body, case_id, ["More."])
    with units(writes=True) as unit:
        assert not unit.cases.replace(replace(read, version=read.version + 1), expected_version=read.version)
    with pytest.raises(ConflictError):
        application.assess_recognition_case.decide(registry.body, case_id, DECISION)


def test_a_forged_decision_is_no_decision(registry: DemoRegistry) -> None:
    """A provider that signs a statement which claims to be a decision is no authority."""
    application = registry.application
    case_id = taken(registry)
    application.assess_recognition_case.decide(registry.body, case_id, DECISION)
    with application.assess_recognition_case.units(writes=False) as unit:
        case = unit.cases.find(case_id)
    assert case is not None
    assert case.statement is not None
    order = application.issue_recognition_statement._order(
        registry.provider, json.loads(case.statement), "forged"
    )
    stored = application.issue_recognition_statement.issuing(order)
    assert verified(registry, stored.content)[:2] == (Verdict.INDETERMINATE, "authority_not_enrolled")
    changed = json.loads(stored.content)
    changed["credentialSubject"]["recognition"]["decisionKind"] = "full"
    assert verified(registry, json.dumps(changed).encode())[0] is Verdict.INVALID


def test_a_decision_for_another_country_does_not_count(registry: DemoRegistry) -> None:
    application = registry.application
    case_id = taken(registry)
    application.assess_recognition_case.decide(registry.body, case_id, DECISION)
    with application.assess_recognition_case.units(writes=False) as unit:
        case = unit.cases.find(case_id)
    assert case is not None
    assert case.statement is not None
    said = json.loads(case.statement)
    said["recognition"]["destinationCountry"] = "UG"
    order = application.issue_recognition_statement._order(registry.body, said, "abroad")
    stored = application.issue_recognition_statement.issuing(order)
    assert verified(registry, stored.content)[:2] == (Verdict.INVALID, "authority_of_another_country")


def test_what_lacks_a_part_is_not_signed(registry: DemoRegistry) -> None:
    application = registry.application
    stored = application.issue_recognition_statement.advise(registry.operator, request(registry), "ok")
    said = json.loads(stored.content)["credentialSubject"]
    said["recognition"]["decisionKind"] = "full"
    order = application.issue_recognition_statement._order(registry.operator, said, "contradictory")
    with pytest.raises(SelfCheckError, match="statement_violated"):
        application.issue_recognition_statement.issuing(order)


def test_the_clock_of_the_case_is_the_one_of_the_service(registry: DemoRegistry) -> None:
    case = registry.application.submit_recognition_case(registry.body, request(registry))
    assert case.progress.received_at == datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_a_statement_that_was_signed_and_not_recorded_is_found_again_and_revoked(
    registry: DemoRegistry,
) -> None:
    """The process dies between the signature and the note in the case: nothing is signed twice or forgotten."""
    application = registry.application
    issue = application.issue_recognition_statement
    case_id = taken(registry)
    case = application.assess_recognition_case.decide(registry.body, case_id, DECISION)
    assert case.statement is not None
    order = issue._order(registry.body, json.loads(case.statement), statement_key(case))
    lost = issue.issuing(order)
    found, stored = issue.decide(registry.body, case_id)
    assert (stored.content, found.statement_id) == (lost.content, lost.credential_id)
    other = taken(registry)
    case = application.assess_recognition_case.decide(registry.body, other, DECISION)
    assert case.statement is not None
    order = issue._order(registry.body, json.loads(case.statement), statement_key(case))
    lost = issue.issuing(order)
    application.assess_recognition_case.annul(registry.body, other, "The appeal was allowed.")
    application.publish_due_lists()
    assert verified(registry, lost.content)[:2] == (Verdict.INVALID, "revoked")


def test_the_evidence_of_a_statement_is_named_by_a_digest_that_anybody_can_make(
    registry: DemoRegistry,
) -> None:
    asked = request(registry)
    spaced = json.dumps(json.loads(asked.documents[0]), indent=7).encode()
    stored = registry.application.issue_recognition_statement.advise(
        registry.operator, replace(asked, documents=(spaced,)), "digest"
    )
    (named,) = json.loads(stored.content)["credentialSubject"]["recognition"]["examinedEvidence"]
    canonical = encode_jcs(json.loads(asked.documents[0]))
    assert named["documentSha256"] == hashlib.sha256(canonical).hexdigest()
    assert (named["counted"], named["evidenceGrade"]) == (True, "awarded")
