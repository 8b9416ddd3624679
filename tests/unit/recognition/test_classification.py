"""Reading the tables of a release."""

from __future__ import annotations

import pytest

from skillcred.recognition.classification import (
    ESCO_PREFIX,
    ClassificationError,
    ConceptKind,
    Table,
    fold,
    read_concepts,
)

ARC, GROUP, JOB = ESCO_PREFIX + "skill/a", ESCO_PREFIX + "skill/g", ESCO_PREFIX + "occupation/1"
TABLES = {
    Table.OCCUPATIONS: f'conceptUri,iscoGroup,preferredLabel,altLabels\n{JOB},7212,welder,"a\nb"\n'.encode(),
    Table.SKILLS: f"\ufeffconceptUri,preferredLabel,altLabels\n{ARC},arc welding,x | y | x\n".encode(),
    Table.SKILL_GROUPS: f"conceptUri,preferredLabel\n{GROUP},\n".encode(),
    Table.OCCUPATION_SKILLS: (
        f"occupationUri,relationType,skillType,skillUri\n{JOB},essential,,{ARC}\n{JOB},essential,,{ARC}\n".encode()
    ),
    Table.BROADER_SKILLS: f"conceptType,conceptUri,broaderType,broaderUri\n,{ARC},,{GROUP}\n".encode(),
}


def test_concepts_have_what_the_tables_say() -> None:
    job, group, arc = read_concepts(TABLES)
    assert (job.kind, job.isco, job.alternatives) == (ConceptKind.OCCUPATION, "7212", ("a", "b"))
    assert (job.essential, job.optional) == ((ARC,), ())
    assert (group.kind, group.label) == (ConceptKind.GROUP, None)
    assert (arc.label, arc.alternatives, arc.broader) == ("arc welding", ("x", "y"), (GROUP,))


@pytest.mark.parametrize(
    ("table", "content", "code", "pointer"),
    [
        (Table.SKILLS, None, "classification_table_missing", None),
        (Table.SKILLS, b"\xff", "classification_malformed", "/skills"),
        (Table.SKILLS, b"uri,preferredLabel\n", "classification_malformed", "/skills/1"),
        (Table.SKILLS, b"", "classification_malformed", "/skills/1"),
        (
            Table.SKILLS,
            b"conceptUri,preferredLabel\nhttp://a.example/x,y\n",
            "classification_malformed",
            "/skills/2",
        ),
        (
            Table.SKILLS,
            f"conceptUri,preferredLabel\n{ARC},a\n{ARC},b\n".encode(),
            "classification_malformed",
            "/skills/3",
        ),
        (
            Table.SKILLS,
            f"conceptUri,preferredLabel\n{ARC}\n".encode(),
            "classification_malformed",
            "/skills/2",
        ),
        (
            Table.SKILLS,
            f"conceptUri,preferredLabel\n{ARC},a,b\n".encode(),
            "classification_malformed",
            "/skills/2",
        ),
        (Table.SKILLS, b'conceptUri,preferredLabel\n"a', "classification_malformed", "/skills"),
        (
            Table.OCCUPATION_SKILLS,
            f"occupationUri,relationType,skillUri\n{JOB},perhaps,{ARC}\n".encode(),
            "classification_malformed",
            "/occupationSkillRelations",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    table: Table, content: bytes | None, code: str, pointer: str | None
) -> None:
    tables = {name: rows for name, rows in TABLES.items() if name is not table}
    if content is not None:
        tables[table] = content
    with pytest.raises(ClassificationError) as caught:
        read_concepts(tables)
    assert (caught.value.code, caught.value.pointer) == (code, pointer)


def test_folding_changes_case_width_and_space_only() -> None:
    assert fold("  Ａrc \t Welding ") == "arc welding"
    assert fold("soudage à l\u2019arc") != fold("soudage a l'arc")
