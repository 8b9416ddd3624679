"""Recognition data: what is shipped is read, and what is wrong with a file is said with a code and a place."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from skillcred.recognition.load import FILES, FOLDER, RecognitionDataError, load_data, load_shipped_data
from skillcred.recognition.phrases import PHRASES
from skillcred.recognition.records import Nature, Outcome, PartyState, Standing
from skillcred.recognition.wording import SENTENCES
from skillcred.shipped import shipped_path


def _changed(name: str, change: Callable[[Any], None]) -> dict[str, bytes]:
    contents = {file: shipped_path(f"{FOLDER}/{file}-v1.json").read_bytes() for file in FILES}
    document = json.loads(contents[name])
    change(document)
    return {**contents, name: json.dumps(document).encode()}


def test_every_shipped_record_has_a_source_and_a_date() -> None:
    data = load_shipped_data()
    levels = [level for framework in data.frameworks.values() for level in framework.levels]
    parties = [party for agreement in data.agreements.values() for party in agreement.parties]
    records = [
        *data.agreements.values(),
        *data.procedures.values(),
        *data.frameworks.values(),
        *data.comparisons,
        *levels,
        *parties,
    ]
    assert (len(data.agreements), len(data.procedures), len(levels), len(parties)) == (52, 21, 413, 465)
    assert all(record.sources and record.as_of for record in records)


def test_what_the_sources_say_is_kept() -> None:
    data = load_shipped_data()
    lisbon = {party.country: party for party in data.agreements["LRC"].parties}
    assert lisbon["US"].state is PartyState.NOT_RATIFIED
    assert (lisbon["GR"].state, lisbon["GR"].since) == (PartyState.IN_EFFECT, "2024-11-01")
    eqf = {(f.id, level.code): level.eqf for f in data.frameworks.values() for level in f.levels}
    assert eqf["GB-RQF", "4"] == eqf["GB-RQF", "5"] == "5"
    assert eqf["GB-RQF", "3"] == "4"
    assert eqf["NL-NLQF", "4+"] == eqf["NL-NLQF", "4"] == "4"
    to_emirates = {row.standing for row in data.comparisons if row.to_framework == "AE-QFE"}
    assert to_emirates == {Standing.NOT_ENDORSED}


@pytest.mark.parametrize(
    ("name", "change", "code"),
    [
        (
            "agreements",
            lambda d: d["records"][0].update(kind="perhaps"),
            "recognition_schema_violated",
        ),
        ("agreements", lambda d: d["records"][0].update(source=[]), "recognition_schema_violated"),
        (
            "agreements",
            lambda d: d["records"][0].update(procedure_id="NOWHERE"),
            "recognition_reference_unknown",
        ),
        ("procedures", lambda d: d["records"].append(d["records"][0]), "recognition_id_repeated"),
        ("frameworks", lambda d: d.update(release="2020-01-01"), "recognition_release_mixed"),
        (
            "comparisons",
            lambda d: d["records"][0].update(to_level=None),
            "recognition_comparison_contradicts",
        ),
        (
            "comparisons",
            lambda d: d["records"][0].update(to_framework="NO-SUCH"),
            "recognition_reference_unknown",
        ),
    ],
)
def test_a_faulty_file_is_refused(name: str, change: Callable[[Any], None], code: str) -> None:
    with pytest.raises(RecognitionDataError) as caught:
        load_data(_changed(name, change))
    assert caught.value.code == code


def test_a_fault_against_the_schema_is_placed() -> None:
    with pytest.raises(RecognitionDataError) as caught:
        load_data(_changed("procedures", lambda d: d["records"][2].update(nature="law")))
    assert caught.value.pointer == "/procedures/records/2/nature"


def test_nothing_of_the_starter_registry_is_lost() -> None:
    data = load_shipped_data()
    levels = [level for framework in data.frameworks.values() for level in framework.levels]
    assert (len(data.frameworks), len(data.comparisons)) == (68, 54)
    assert sum(level.eqf is not None for level in levels) == 85
    assert sum(level.isced_2011 is not None for level in levels) == 9
    assert sum(level.qualification is not None for level in levels) == 24
    assert sum(level.uri is not None for level in levels) == 389
    assert sum(len(contacts) for contacts in data.contacts.values()) == 204
    for framework in data.frameworks.values():
        assert [level.rank for level in framework.levels] == sorted(level.rank for level in framework.levels)
        assert framework.levels or framework.levels == ()


def test_every_code_of_the_data_has_a_sentence() -> None:
    data = load_shipped_data()
    codes: set[str] = set()
    for agreement in data.agreements.values():
        codes |= {condition.code for condition in agreement.conditions}
        codes |= {*agreement.effects, *agreement.caveats}
        codes |= {code for party in agreement.parties for code in party.caveats}
    for procedure in data.procedures.values():
        codes |= {*procedure.steps, *procedure.documents, *procedure.alternatives, *procedure.outcomes}
        codes |= {*procedure.covers, *procedure.exclusions, *procedure.remarks, *procedure.excludes}
        codes |= {procedure.appeal} if procedure.appeal else set()
    codes |= {code for row in data.comparisons for code in row.caveats}
    codes |= {outcome.value for outcome in Outcome} | {nature.value for nature in Nature}
    codes |= {state.value for state in PartyState} | {"eases_and_grants_nothing"}
    assert sorted(code for code in codes if code not in SENTENCES and code not in PHRASES) == []


@pytest.mark.parametrize(
    ("country", "agreement", "state", "caveat"),
    [
        ("GB", "IEA-DUBLIN", PartyState.IN_EFFECT, "conditional_signatory"),
        ("LR", "UNESCO-ADDIS", PartyState.IN_EFFECT, "not_in_an_earlier_list"),
        ("JP", "UNESCO-TOKYO", PartyState.IN_EFFECT, "date_is_deposit"),
        ("BR", "MERCOSUR-GRADO", PartyState.UNCONFIRMED, "ratification_not_seen"),
        ("KE", "EAC-ACC", PartyState.UNCONFIRMED, "party_status_not_confirmed"),
        ("IN", "IEA-WASHINGTON", PartyState.IN_EFFECT, "tier_one_programmes_only"),
    ],
)
def test_what_sources_hold_against_a_party_is_kept(
    country: str, agreement: str, state: PartyState, caveat: str
) -> None:
    parties = {party.country: party for party in load_shipped_data().agreements[agreement].parties}
    assert (parties[country].state, parties[country].caveats) == (state, (caveat,))
