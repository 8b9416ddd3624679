"""Recognition over HTTP: real credentials are verified first, and what is wrong with a question is said."""

from __future__ import annotations

import json
from typing import Any

import pytest


def _ask(served, **changes):  # type: ignore[no-untyped-def]
    body = {"credentials": [], "destination": "NO", "purpose": "study", "at": "2026-03-01", **changes}
    return served.client.post("/v1/recognitions", json=body)


def test_a_credential_that_verifies_is_taken_into_account(served, credential: bytes) -> None:
    answer = _ask(served, credentials=[json.loads(credential)], at="2027-03-01").json()
    assert answer["outcome"] != "not_verified"
    assert answer["disclaimer"] == "This is an explanation from public sources, not a decision."


def test_a_credential_that_was_changed_gives_no_recognition(served, credential: bytes) -> None:
    changed = {**json.loads(credential), "name": "Doctor of everything"}
    answer = _ask(served, credentials=[changed]).json()
    assert answer["outcome"] == "not_verified"
    assert [line["result"] for line in answer["lines"]] == ["credential_not_verified"]


def test_the_word_of_the_holder_makes_nothing_automatic(served) -> None:
    answer = _ask(
        served, destination="AU", purpose="regulated_profession", said=["registered_at_home", "notice_lodged"]
    ).json()
    assert answer["outcome"] == "refer_to_authority"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"destination": "QQ"}, "recognition_unknown_country"),
        ({"occupation": "9999"}, "recognition_unknown_occupation"),
        ({"purpose": "fun"}, "recognition_unknown_purpose"),
        ({"at": "2026-02-31"}, "recognition_question_malformed"),
        ({"said": ["registered_at_home", "refugee"]}, "recognition_unknown_condition"),
        ({"level_sought": {"framework": "EQF-2", "code": "5"}}, "recognition_unknown_level"),
        ({"level_sought": {"framework": "EQF", "code": "9"}}, "recognition_unknown_level"),
        ({"field_sought": "1234"}, "recognition_unknown_field"),
    ],
)
def test_what_is_wrong_with_a_question_is_said(served, changes: dict[str, Any], code: str) -> None:
    response = _ask(served, **changes)
    assert (response.status_code, response.json()["code"]) == (422, code)


def test_what_is_no_credential_is_told_with_its_place(served) -> None:
    response = _ask(served, credentials=[{}, 1], destination=7)
    found = [(problem["code"], problem["pointer"]) for problem in response.json()["problems"]]
    assert (response.status_code, found) == (
        422,
        [("invalid_value", "/credentials/1"), ("invalid_value", "/destination")],
    )


def test_a_pair_of_countries_has_a_direction(served) -> None:
    def pair(path: str) -> set[str]:
        answer = served.client.get(f"/v1/recognitions/{path}").json()
        return {found["id"] for found in answer["agreements"] if found["binds"]}

    assert "DE-TRIPLEWIN" in pair("PH/DE")
    assert "DE-TRIPLEWIN" not in pair("DE/PH")
