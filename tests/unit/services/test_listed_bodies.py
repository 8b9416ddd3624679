"""Lists of bodies from public sources: read row by row, shown before they are taken, and never trusted."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from skillcred.errors import AuthorisationError, ConflictError, InputError
from skillcred.services.import_listed_bodies import ListFormat
from skillcred.services.listed_records import ListedBody, ListedRole, ListedSource
from skillcred.services.listed_rows import (
    MAX_LIST_ROWS,
    ListFileError,
    read_listed_csv,
    read_listed_json,
    write_listed_csv,
)
from skillcred.services.report_bytes import encode_report
from skillcred.shipped import shipped_path
from worlds.application import fill_demo_registry, open_in_memory_application

T0 = datetime(2026, 6, 1, tzinfo=UTC)
STARTER = shipped_path("schemas/registry/listed-bodies-v1.json").read_bytes()
HEADING = "id,country,name,role,sources,source_kind\n"
GOOD = "KE-01,KE,Authority,nqf-authority,Its page <https://body.example>,official-page\n"


def report_of(application, credential) -> bytes:
    report = application.verify_document(credential.content, media_type=credential.media_type).report
    return encode_report(report)


@pytest.fixture
def registry():
    return fill_demo_registry(open_in_memory_application())


def csv_of(*rows: str) -> bytes:
    return (HEADING + "".join(rows)).encode()


def test_the_starter_list_is_whole() -> None:
    read = read_listed_json(STARTER, "starter-1", T0)
    assert read.problems == ()
    assert len(read.bodies) == 204
    assert len({body.country for body in read.bodies}) == 108
    assert all(body.sources and body.source_kind for body in read.bodies)
    assert sum(body.source_kind == "ror" for body in read.bodies) == 81
    assert all(body.rights == "CC0-1.0" for body in read.bodies if body.source_kind == "ror")
    assert sum(body.confirm_first for body in read.bodies) == 33


def test_the_starter_list_says_what_the_shared_one_says(shared_dir) -> None:
    with (shared_dir / "data/registry/national_bodies.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["body_id"]: row for row in csv.DictReader(file)}
    for body in read_listed_json(STARTER, "starter-1", T0).bodies:
        row = rows.pop(body.id)
        assert (body.country, body.name, body.role) == (row["country"], row["name"], row["role"])
        assert ((body.website or ""), (body.as_of or "")) == (row["website"], row["as_of"])
        assert all(str(source.address) in row["source"] for source in body.sources)
    assert rows == {}


def test_export_and_import_give_the_same() -> None:
    bodies = read_listed_json(STARTER, "starter-1", T0).bodies
    assert read_listed_csv(write_listed_csv(bodies), "starter-1", T0).bodies == bodies


@pytest.mark.parametrize("name", ["-Ali", "+Plus", "'Quoted", "'-Ali", "''-Ali"])
def test_W_13_no_cell_is_a_formula_and_names_come_back(name: str) -> None:
    body = ListedBody("a", "KE", name, ListedRole.OTHER, (ListedSource("=1+1 source"),), "page", T0, "x")
    content = write_listed_csv([body])
    for row in csv.reader(io.StringIO(content.decode())):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)
    assert read_listed_csv(content, "x", T0).bodies == (body,)


def test_W_13_a_name_with_a_hyphen_is_taken_as_it_is() -> None:
    read = read_listed_csv(csv_of(GOOD.replace("Authority", "-Ali")), "x", T0)
    assert [body.name for body in read.bodies] == ["-Ali"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "list_heading"),
        (b"id,id,country,name,role,sources,source_kind\n", "list_heading"),
        (b"id,country,name,role,sources,source_kind,trust\n", "list_heading"),
        (b"id,country\n", "list_heading"),
        (HEADING.encode("utf-16"), "list_not_text"),
        (csv_of("KE\0,KE,A,other,S,page\n"), "list_not_text"),
        (csv_of('a,KE,"A"x,other,S,page\n'), "list_format"),
        (csv_of(*(GOOD.replace("KE-01", f"KE-{n}") for n in range(MAX_LIST_ROWS + 1))), "list_rows"),
        (b" " * (8 * 1024 * 1024 + 1), "list_too_large"),
        (csv_of("a,KE," + "x" * 200_000 + ",other,S,page\n"), "list_format"),
    ],
)
def test_W_14_files_that_cannot_be_read(content: bytes, code: str) -> None:
    with pytest.raises(ListFileError) as caught:
        read_listed_csv(content, "x", T0)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("KE-02,KE,A\n", "cell_count"),
        ("../x,KE,Authority,other,S,page\n", "invalid_cell"),
        ("KE-02,Kenya,Authority,other,S,page\n", "invalid_country"),
        ("KE-02,KE,Мinistry,other,S,page\n", "name_mixed_scripts"),
        ("KE-02,KE,Min\u202eistry,other,S,page\n", "name_character"),
        ("KE-02,KE,Authority,enrolled,S,page\n", "unknown_role"),
        ("KE-02,KE,Authority,other,,page\n", "source_missing"),
        ("KE-02,KE,Authority,other,S <javascript:alert(1)>,page\n", "invalid_address"),
        ("KE-02,KE,Authority,other,S <https://a.example> x,page\n", "invalid_source"),
        ("KE-02,KE,Authority,other,S,PAGE!\n", "invalid_cell"),
        ("KE-02,,Authority,other,S,page\n", "cell_missing"),
        (f"KE-02,KE,{'x' * 5000},other,S,page\n", "cell_too_long"),
        (GOOD, "id_twice"),
    ],
)
def test_W_14_each_faulty_row_is_told_by_its_number(row: str, code: str) -> None:
    read = read_listed_csv(csv_of(GOOD, row), "x", T0)
    assert [(found.row, found.code) for found in read.problems] == [(2, code)]
    assert [body.id for body in read.bodies] == ["KE-01"]


def test_nothing_is_applied_unless_confirmed(registry) -> None:
    application = registry.application
    plan = application.import_listed_bodies.preview(registry.operator, STARTER, ListFormat.JSON, "starter-1")
    assert (len(plan.new), len(plan.changed), plan.unchanged) == (204, 0, 0)
    assert application.list_listed_bodies() == []
    done = application.import_listed_bodies.confirm(
        registry.operator, STARTER, ListFormat.JSON, "starter-1", plan.digest
    )
    assert len(done.new) == 204
    assert len(application.list_listed_bodies()) == 204
    assert application.list_listed_bodies("KE")[0].id.startswith("KE-")
    again = application.import_listed_bodies.preview(registry.operator, STARTER, ListFormat.JSON, "starter-1")
    assert (again.new, again.changed, again.unchanged) == ((), (), 204)
    with application.import_listed_bodies.units(writes=False) as unit:
        actions = [entry.action for entry in unit.audit.list_for(registry.operator.organisation.id)]
    assert actions[-1] == "import_listed_bodies"


def test_a_faulty_row_stops_the_whole_list(registry) -> None:
    service = registry.application.import_listed_bodies
    content = csv_of(GOOD, "KE-02,Kenya,Authority,other,S,page\n")
    plan = service.preview(registry.operator, content, ListFormat.CSV, "mine")
    assert len(plan.problems) == 1
    with pytest.raises(InputError) as caught:
        service.confirm(registry.operator, content, ListFormat.CSV, "mine", plan.digest)
    assert caught.value.code == "list_has_faults"
    assert registry.application.list_listed_bodies() == []


def test_what_is_confirmed_is_what_was_shown(registry) -> None:
    service = registry.application.import_listed_bodies
    plan = service.preview(registry.operator, csv_of(GOOD), ListFormat.CSV, "mine")
    with pytest.raises(ConflictError):
        service.confirm(
            registry.operator, csv_of(GOOD.replace("Authority", "Other")), ListFormat.CSV, "mine", plan.digest
        )
    service.confirm(registry.operator, csv_of(GOOD), ListFormat.CSV, "mine", plan.digest)
    with pytest.raises(ConflictError):  # what it would do here is another thing now
        service.confirm(registry.operator, csv_of(GOOD), ListFormat.CSV, "mine", plan.digest)


def test_a_list_changes_its_own_rows_only(registry) -> None:
    service = registry.application.import_listed_bodies
    plan = service.preview(registry.operator, csv_of(GOOD), ListFormat.CSV, "mine")
    service.confirm(registry.operator, csv_of(GOOD), ListFormat.CSV, "mine", plan.digest)
    other = csv_of(GOOD.replace("Authority", "Impostor"))
    assert [p.code for p in service.preview(registry.operator, other, ListFormat.CSV, "theirs").problems] == [
        "id_of_another_list"
    ]
    plan = service.preview(registry.operator, other, ListFormat.CSV, "mine")
    assert [body.name for body in plan.changed] == ["Impostor"]


@pytest.mark.parametrize("who", ["body", "provider", "stranger"])
def test_only_the_operator_imports(registry, who: str) -> None:
    with pytest.raises(AuthorisationError):
        registry.application.import_listed_bodies.preview(
            getattr(registry, who), csv_of(GOOD), ListFormat.CSV, "mine"
        )


@pytest.mark.parametrize("label", ["", "A", "../x", "a b", "x" * 61])
def test_labels_are_plain(registry, label: str) -> None:
    with pytest.raises(InputError):
        registry.application.import_listed_bodies.preview(
            registry.operator, csv_of(GOOD), ListFormat.CSV, label
        )


def test_a_listed_body_never_changes_a_verdict(registry) -> None:
    """Not even one that is listed under the very name and DID of the issuer."""
    application = registry.application
    known = registry.issue("known")
    unknown = registry.issue("unknown", actor=registry.stranger)
    before = [report_of(application, one) for one in (known, unknown)]
    issuers = (registry.provider.organisation, registry.stranger.organisation, registry.body.organisation)
    with application.import_listed_bodies.units(writes=True) as unit:
        for number, organisation in enumerate(issuers):
            unit.listed_bodies.put(
                replace(
                    read_listed_csv(csv_of(GOOD), "x", T0).bodies[0],
                    id=f"x-{number}", name=organisation.name, identifier=organisation.did,
                )
            )  # fmt: skip
        unit.commit()
    after = [report_of(application, one) for one in (known, unknown)]
    assert before == after
    assert b"issuer_authorised" in after[0]
    assert b"issuer_authorised" not in after[1]
