"""What a deployment adds to the recognition data: imported tables, and rules that bodies vouch for."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from skillcred.errors import AuthorisationError, ConflictError, InputError, IntegrityError, NotFoundError
from skillcred.recognition.case import Answer, Held, Kind, Question
from skillcred.recognition.engine import recognise
from skillcred.recognition.load import load_shipped_data
from skillcred.recognition.records import Nature, Outcome, Purpose
from skillcred.recognition.wire import build_result_json
from skillcred.services.listed_rows import ListFileError
from skillcred.services.recognition_data import DeploymentData
from skillcred.services.recognition_tables import read_alternatives, read_hedge, read_title_table
from skillcred.services.vouch_for_rules import VouchingError, find_digest
from skillcred.web.pages.languages import load_languages
from skillcred.web.pages.verdict_view import build_verdict_view
from worlds.application import DemoRegistry, fill_demo_registry, open_in_memory_application
from worlds.in_memory import FixedClock

DATA = load_shipped_data()
HEADING = (
    "origin_country,origin_qualification,origin_nqf_level,destination_country,comparable_to,destination_nqf,"
    "destination_nqf_level,eqf_level,source\n"
)
ROW = "XA,Diploma of Arts,,NL,usually a WO diploma,NL-NLQF,6,6,A page <https://table.example/a>\n"


def table(*rows: str) -> bytes:
    return (HEADING + "".join(rows)).encode()


GOOD = table(ROW.replace("XA", "EG"), ROW.replace("XA", "EG").replace("Arts", "Law"))


@pytest.fixture
def registry() -> DemoRegistry:
    return fill_demo_registry(open_in_memory_application(clock=FixedClock()))


@pytest.mark.parametrize(
    ("statement", "hedge", "alternatives"),
    [
        (
            "usually a WO bachelor's degree, sometimes an HBO bachelor's degree",
            "hedged",
            ("a WO bachelor's degree", "an HBO bachelor's degree"),
        ),
        (
            "an HBO bachelor's degree or 2 years of WO",
            "alternatives",
            ("an HBO bachelor's degree", "2 years of WO"),
        ),
        (
            "an MBO diploma level 4, a HAVO diploma or a VWO diploma",
            "alternatives",
            ("an MBO diploma level 4", "a HAVO diploma", "a VWO diploma"),
        ),
        ("an MBO diploma level 2 or 3", "alternatives", ("an MBO diploma level 2", "3")),
        ("at least a HAVO diploma", "at_least", ("at least a HAVO diploma",)),
        ("a HAVO diploma for the general education part", "in_parts", ()),
        ("individual evaluation", "individual", ()),
        ("a VWO diploma", "as_stated", ("a VWO diploma",)),
    ],
)
def test_hedges_stay_hedges(statement: str, hedge: str, alternatives: tuple[str, ...]) -> None:
    assert (read_hedge(statement), read_alternatives(statement)) == (hedge, alternatives)


def test_the_table_of_the_collected_data_is_read_whole(shared_dir: Path) -> None:
    """Not shipped, because its source forbids commercial use; here as a fixture."""
    path = shared_dir / "data/registry/qualification_comparisons.csv"
    read = read_title_table(path.read_bytes(), label="nuffic", as_of="2026-11-23", data=DATA)
    assert (len(read.rows), read.problems) == (147, ())
    assert len({row.origin for row in read.rows}) == 19
    five_years = next(row for row in read.rows if row.origin == "EG" and "(5 years)" in row.title)
    assert five_years.hedge == "hedged"
    assert five_years.alternatives == ("a WO bachelor's degree", "an HBO bachelor's degree")
    assert five_years.levels == ()
    secondary = next(row for row in read.rows if row.title.startswith("Świadectwo dojrzałości"))
    assert (secondary.framework, secondary.levels) == ("NL-NLQF", ("4+",))
    assert all(row.sources for row in read.rows)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (ROW, "recognition_unknown_country"),
        (ROW.replace("XA", "EG").replace("Diploma of Arts", " "), "cell_missing"),
        (ROW.replace("XA", "EG").replace("NL-NLQF", "NL-XX"), "unknown_framework"),
        (ROW.replace("XA", "EG").replace(",6,6,", ",9,6,"), "unknown_level"),
        (ROW.replace("XA", "EG").replace(",6,6,", ",6,9,"), "unknown_level"),
        (ROW.replace("XA", "EG").replace("NL-NLQF,", ","), "unknown_framework"),
        (ROW.replace("XA", "EG").replace("A page <https://table.example/a>", "A <page"), "invalid_source"),
        ("EG,too short\n", "cell_count"),
    ],
)
def test_every_row_is_checked_by_itself(row: str, code: str) -> None:
    read = read_title_table(table(ROW.replace("XA", "EG"), row), label="t", as_of="2026-01-01", data=DATA)
    assert len(read.rows) == 1
    assert [(problem.row, problem.code) for problem in read.problems] == [(2, code)]


def test_the_same_title_twice_and_other_files_are_refused() -> None:
    twice = read_title_table(table(*[ROW.replace("XA", "EG")] * 2), label="t", as_of="2026-01-01", data=DATA)
    assert [problem.code for problem in twice.problems] == ["title_twice"]
    with pytest.raises(ListFileError) as caught:
        read_title_table(b"a,b\n1,2\n", label="t", as_of="2026-01-01", data=DATA)
    assert caught.value.code == "list_heading"


def test_a_table_is_previewed_confirmed_and_used(registry: DemoRegistry) -> None:
    service, operator = registry.application.import_recognition_table, registry.operator
    plan = service.preview(operator, GOOD, label="dutch", as_of="2026-05-01")
    assert (plan.rows, plan.replaces, plan.countries, plan.problems) == (2, None, ("EG",), ())
    assert service.list_all(operator) == []
    with pytest.raises(ConflictError) as caught:
        service.confirm(operator, GOOD, label="dutch", as_of="2026-05-02", digest=plan.digest)
    assert caught.value.code == "list_not_as_previewed"
    service.confirm(operator, GOOD, label="dutch", as_of="2026-05-01", digest=plan.digest)
    with pytest.raises(ConflictError):  # the table is another now
        service.confirm(operator, GOOD, label="dutch", as_of="2026-05-01", digest=plan.digest)
    assert service.preview(operator, GOOD, label="dutch", as_of="2026-05-01").replaces == 2
    faulty = table(ROW)
    bad = service.preview(operator, faulty, label="x", as_of="2026-05-01")
    with pytest.raises(InputError) as refused:
        service.confirm(operator, faulty, label="x", as_of="2026-05-01", digest=bad.digest)
    assert refused.value.code == "list_has_faults"
    with pytest.raises(AuthorisationError):
        service.preview(registry.body, GOOD, label="dutch", as_of="2026-05-01")
    held = Held("c", True, Kind.FORMAL, "EG", date(2020, 1, 1), Answer.MET, title={"en": " diploma OF arts"})
    question = Question((held,), "NL", Purpose.IMMIGRATION, None, date(2026, 6, 1))
    data = registry.application.recognition.load()
    assert registry.application.recognition.load() is data
    result = recognise(question, data)
    assert (result.outcome, result.nature, result.basis) == (
        Outcome.COMPARABILITY, Nature.INFORMATION, "dutch-1",
    )  # fmt: skip
    assert [row.hedge for row in result.titles] == ["hedged"]
    other = replace(question, held=(replace(held, title={"en": "Diploma of Arts and more"}),))
    assert recognise(other, data).titles == ()
    assert recognise(replace(question, destination="BE"), data).titles == ()
    service.remove(operator, "dutch")
    assert recognise(question, registry.application.recognition.load()).outcome is Outcome.REFER
    with pytest.raises(NotFoundError):
        service.remove(operator, "dutch")


def test_a_body_vouches_for_rules_and_the_answer_says_so(registry: DemoRegistry) -> None:
    application, operator = registry.application, registry.operator
    service = application.vouch_for_rules
    stored = service.sign(registry.body, ["LRC", "DE-BQFG"], "vouch-1")
    assert service.sign(registry.body, ["LRC", "DE-BQFG"], "vouch-1").content == stored.content
    said = json.loads(stored.content)["credentialSubject"]
    assert [(rule["ruleId"], rule["ruleSha256"]) for rule in said] == [
        ("LRC", find_digest("LRC")),
        ("DE-BQFG", find_digest("DE-BQFG")),
    ]
    report = application.verify_document(stored.content).report
    assert (report.verdict.value, report.reason) == ("valid", "vouched_by_enrolled_body")
    view = build_verdict_view(report, load_languages().default)
    assert (view.headline, view.caution) == ("These rules of recognition are vouched for", None)
    checked = service.add(operator, stored.content)
    assert [item.record_id for item in checked.vouchings] == ["LRC", "DE-BQFG"]
    with pytest.raises(ConflictError):
        service.add(operator, stored.content)
    held = Held("c", True, Kind.HIGHER, "FR", date(2020, 1, 1), Answer.MET)
    question = Question((held,), "DE", Purpose.STUDY, None, date(2026, 6, 1))
    told = build_result_json(recognise(question, application.recognition.load()))
    lines = told["lines"]
    assert isinstance(lines, list)
    standings = {line["rule_id"]: line["standing"] for line in lines if isinstance(line, dict)}
    name = registry.body.organisation.name
    assert standings["LRC"] == f"From public sources, as of 2026-11-23; vouched for by {name}."
    assert standings["STEP-VERIFY"] == "From public sources, as of 2025-05-15."
    clock = application.clock
    assert isinstance(clock, FixedClock)
    clock.advance(days=1)
    application.change_enrolment(
        operator, registry.body.organisation.did, kind="withdrawn", effective_at=clock.now(), reason="Gone."
    )
    clock.advance(hours=2)
    assert "LRC" in application.recognition.load().vouchings  # it was enrolled when it vouched
    service.remove(operator, checked_digest(stored.content))
    assert application.recognition.load().vouchings == {}


def checked_digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda said: said[0].update(ruleSha256="0" * 64), "vouching_rule_changed"),
        (lambda said: said[0].update(ruleId="NO-SUCH-RULE"), "vouching_rule_changed"),
    ],
)
def test_what_is_not_the_record_as_it_is_here_is_not_taken(registry: DemoRegistry, change, code: str) -> None:
    application = registry.application
    signed = json.loads(application.vouch_for_rules.sign(registry.body, ["LRC"], "v").content)
    said = [*signed["credentialSubject"]] if isinstance(signed["credentialSubject"], list) else [
        signed["credentialSubject"]
    ]  # fmt: skip
    change(said)
    order = application.issue_recognition_statement._order(registry.body, {}, "other")

    def build(credential_id, at):  # type: ignore[no-untyped-def]
        fresh = {name: value for name, value in signed.items() if name != "proof"}
        return {**fresh, "id": credential_id, "credentialSubject": said}

    stored = application.issue_recognition_statement.issuing(replace(order, build=build))
    with pytest.raises(VouchingError) as caught:
        application.vouch_for_rules.add(registry.operator, stored.content)
    assert caught.value.code == code


def test_only_enrolled_bodies_vouch_and_only_what_verifies_is_taken(registry: DemoRegistry) -> None:
    application = registry.application
    service = application.vouch_for_rules
    with pytest.raises(AuthorisationError):
        service.sign(registry.provider, ["LRC"], "v")
    with pytest.raises(VouchingError) as caught:
        service.sign(registry.body, ["NOWHERE"], "v")
    assert caught.value.code == "vouching_rule_unknown"
    with pytest.raises(VouchingError) as caught:
        service.add(registry.operator, registry.issue("t").content)
    assert caught.value.code == "vouching_of_another_kind"
    changed = json.loads(service.sign(registry.body, ["LRC"], "v").content)
    changed["validFrom"] = "2020-01-01T00:00:00Z"
    with pytest.raises(VouchingError):
        service.add(registry.operator, json.dumps(changed).encode())
    with pytest.raises(AuthorisationError):
        service.add(registry.body, b"{}")


def test_a_table_that_is_not_what_was_imported_is_told_and_can_be_replaced(registry: DemoRegistry) -> None:
    application, operator = registry.application, registry.operator
    service = application.import_recognition_table
    plan = service.preview(operator, GOOD, label="dutch", as_of="2026-05-01")
    service.confirm(operator, GOOD, label="dutch", as_of="2026-05-01", digest=plan.digest)
    [kept] = service.list_all(operator)
    for content, sha256 in (
        (b"something else", kept.sha256),
        (b"a,b", hashlib.sha256(b"a,b").hexdigest()),
    ):
        with service.units(writes=True) as unit:
            unit.recognition_data.put_table(replace(kept, content=content, sha256=sha256))
            unit.commit()
        read = DeploymentData(service.units, service.clock, application.vouch_for_rules.check)
        with pytest.raises(IntegrityError) as caught:
            read()
        assert caught.value.code == "recognition_table_damaged"
    again = service.preview(operator, GOOD, label="dutch", as_of="2026-05-01")
    assert again.replaces == 0
    service.confirm(operator, GOOD, label="dutch", as_of="2026-05-01", digest=again.digest)
    assert sum(map(len, read().titles.values())) == 2
