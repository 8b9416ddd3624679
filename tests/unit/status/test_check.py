"""What a status list says about a credential (SECURITY S-03, S-05, S-06, S-07, S-08, S-09, S-11, S-13, S-14)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from skillcred.encoding.bitstrings import BitOrder, build_bit_string
from skillcred.model.outcomes import EvidenceKind, EvidenceReference, Outcome, StepResult
from skillcred.status import (
    MIN_ENTRIES,
    ListReading,
    StatusEntry,
    StatusEntryError,
    StatusList,
    check_status,
    parse_status_entries,
)
from skillcred.status.check import _read_value

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ISSUER = "did:example:issuer"
URI = "https://issuer.example/status/1"
LIST = StatusList(
    uri=URI,
    issuer=ISSUER,
    purposes=frozenset({"revocation"}),
    data=build_bit_string(MIN_ENTRIES, 1, BitOrder.MOST_SIGNIFICANT_FIRST, {5: 1}).data,
    size=None,
    order=BitOrder.MOST_SIGNIFICANT_FIRST,
    issued_at=NOW - timedelta(hours=1),
    valid_until=NOW + timedelta(hours=1),
    ttl=timedelta(minutes=5),
)
TOKEN_LIST = replace(
    LIST,
    purposes=frozenset(),
    data=build_bit_string(MIN_ENTRIES, 2, BitOrder.LEAST_SIGNIFICANT_FIRST, {5: 1, 6: 2, 7: 3}).data,
    size=2,
    order=BitOrder.LEAST_SIGNIFICANT_FIRST,
)


def entry(index: str = "4", **changes: Any) -> dict[str, Any]:
    return {
        "id": f"{URI}#{index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": index,
        "statusListCredential": URI,
        **changes,
    }


def credential(*entries: Any) -> dict[str, Any]:
    return {"credentialStatus": list(entries) if len(entries) != 1 else entries[0]}


def check(
    document: Any, status_list: StatusList | None = LIST, *, at: datetime = NOW, **reading: Any
) -> StepResult:
    def read(_: StatusEntry) -> ListReading:
        return ListReading(status_list, NOW, **reading)

    return check_status(document, ISSUER, read, at=at)


def test_no_status_is_not_applicable() -> None:
    assert check({}).outcome is Outcome.NOT_APPLICABLE


def test_a_clear_bit_passes_and_a_set_bit_fails() -> None:
    clear, revoked = check(credential(entry("4"))), check(credential(entry("5")))
    assert (clear.outcome, clear.code) == (Outcome.PASSED, "not_revoked")
    assert (revoked.outcome, revoked.code) == (Outcome.FAILED, "revoked")


def test_what_a_credential_brings_is_not_remembered() -> None:
    """Its messages and unheard-of purposes are its own; what a value of a list says is everybody's."""
    purposes = replace(LIST, purposes=frozenset({"revocation", "other"}))
    _read_value.cache_clear()
    brought = [{"status": "0x0", "message": "Mind the gap"}, {"status": "0x1", "message": "Mind"}]
    told = check(credential(entry("4", statusMessage=brought), entry("5", statusPurpose="other")), purposes)
    assert told.details["entries"][0]["message"] == "Mind the gap"  # type: ignore[call-overload,index]
    assert _read_value.cache_info().currsize == 0
    first, second = check(credential(entry("4"))), check(credential(entry("6")))
    assert first.details == second.details
    assert _read_value.cache_info().currsize == 1


def test_suspension_is_told_from_revocation() -> None:
    both = replace(LIST, purposes=frozenset({"suspension", "revocation"}))
    result = check(credential(entry("4"), entry("5", statusPurpose="suspension")), both)
    assert (result.outcome, result.code) == (Outcome.FAILED, "suspended")


def test_a_set_bit_decides_whatever_cannot_be_told_beside_it() -> None:
    result = check(credential(entry("4", statusPurpose="suspension"), entry("5")))
    assert result.code == "revoked"
    assert [problem.code for problem in result.problems] == ["status_list_wrong_purpose"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"issuer": "did:example:other"}, "status_list_wrong_issuer"),
        ({"uri": "https://issuer.example/status/2"}, "status_list_wrong_name"),
        ({"purposes": frozenset({"suspension"})}, "status_list_wrong_purpose"),
        ({"valid_until": NOW}, "status_list_stale"),
        ({"valid_until": NOW - timedelta(days=1)}, "status_list_stale"),
        ({"issued_at": NOW + timedelta(minutes=2)}, "status_list_from_the_future"),
        ({"data": bytes(16)}, "status_list_too_short"),
    ],
)
@pytest.mark.parametrize("index", ["4", "5"])
def test_a_list_that_does_not_fit_tells_nothing(changes: dict[str, Any], code: str, index: str) -> None:
    result = check(credential(entry(index)), replace(LIST, **changes))
    assert (result.outcome, result.code) == (Outcome.INDETERMINATE, code)


def test_out_of_range_is_never_not_revoked() -> None:
    """S-03."""
    last = check(credential(entry(str(MIN_ENTRIES - 1))))
    beyond = check(credential(entry(str(MIN_ENTRIES))))
    assert last.outcome is Outcome.PASSED
    assert (beyond.outcome, beyond.code) == (Outcome.INDETERMINATE, "status_index_out_of_range")


@pytest.mark.parametrize("index", ["-1", "01", " 5", "5.0", 5, "1" * 31, "", None, "5 ", "٥", True, ["5"]])
def test_indexes_that_are_none(index: Any) -> None:
    result = check(credential({**entry(), "statusListIndex": index}))
    assert (result.outcome, result.code) == (Outcome.FAILED, "status_entry_malformed")
    assert result.problems[0].pointer == "/credentialStatus/statusListIndex"


@pytest.mark.parametrize(
    "changes",
    [
        {"statusListCredential": "https://user:secret@issuer.example/status/1"},
        {"statusListCredential": "file:///etc/passwd"},
        {"statusListCredential": "https://issuer.example/status/1#x"},
        {"statusListCredential": None},
        {"id": URI},
        {"statusPurpose": None},
        {"statusPurpose": ["revocation"]},
        {"statusSize": 0},
        {"statusSize": 9},
        {"statusSize": 2},
        {"statusSize": True},
        {"statusMessage": [{"status": "0x0"}]},
        {"statusMessage": [{"status": "0x5", "message": "x"}]},
        {"statusMessage": [{"status": "0x1", "message": "x"}, {"status": "0x01", "message": "y"}]},
    ],
)
def test_entries_that_are_malformed(changes: dict[str, Any]) -> None:
    result = check(credential({**entry(), **changes}))
    assert (result.outcome, result.code) == (Outcome.FAILED, "status_entry_malformed")


@pytest.mark.parametrize(
    "document",
    [
        credential({**entry(), "type": "StatusList2021Entry"}),
        credential({**entry(), "type": ["BitstringStatusListEntry", "Other"]}),
        {"status": {"identifier_list": {}}},
        {"status": {"status_list": {"idx": 1, "uri": URI}, "other": 1}},
        {"status": "x"},
    ],
)
def test_kinds_that_are_not_known_tell_nothing(document: Any) -> None:
    """S-11."""
    result = check(document)
    assert (result.outcome, result.code) == (Outcome.INDETERMINATE, "status_type_unsupported")


def test_too_many_entries_are_refused() -> None:
    assert check(credential(*[entry(str(index)) for index in range(4)])).outcome is Outcome.PASSED
    assert check(credential(*[entry(str(index)) for index in range(5)])).outcome is Outcome.FAILED


def test_an_empty_array_is_no_way_round() -> None:
    assert check({"credentialStatus": []}).outcome is Outcome.NOT_APPLICABLE
    assert check({"credentialStatus": [None]}).outcome is Outcome.FAILED


def test_messages_are_told_and_do_not_invalidate() -> None:
    messages = [{"status": "0x0", "message": "pending"}, {"status": "0x1", "message": "accepted"}]
    listed = replace(LIST, purposes=frozenset({"message"}))
    result = check(credential(entry("5", statusPurpose="message", statusMessage=messages)), listed)
    assert result.outcome is Outcome.PASSED
    [details] = result.details["entries"]  # type: ignore[misc, union-attr]
    assert details["message"] == "accepted"  # type: ignore[index, call-overload]


def messages_of(count: int) -> list[dict[str, str]]:
    return [{"status": hex(value), "message": f"message {value}"} for value in range(count)]


@pytest.mark.parametrize("size", range(1, 9))
def test_there_is_a_message_for_each_value(size: int) -> None:
    """Bitstring Status List 1.0 section 2.1: 2 to the power of `statusSize` messages."""
    messages = messages_of(1 << size)
    document = credential(entry("5", statusPurpose="message", statusSize=size, statusMessage=messages))
    [parsed] = parse_status_entries(document)
    assert parsed.messages == {value: f"message {value}" for value in range(1 << size)}


@pytest.mark.parametrize("size", range(1, 9))
@pytest.mark.parametrize("missing", ["all", "first", "last"])
def test_messages_that_leave_a_value_out(size: int, missing: str) -> None:
    full = messages_of(1 << size)
    left: dict[str, list[dict[str, str]]] = {"all": [], "first": full[1:], "last": full[:-1]}
    document = credential(entry("5", statusPurpose="message", statusSize=size, statusMessage=left[missing]))
    with pytest.raises(StatusEntryError, match=f"needs {1 << size} messages") as caught:
        parse_status_entries(document)
    assert caught.value.pointer == "/credentialStatus/statusMessage"
    assert check(document).outcome is Outcome.FAILED


def test_messages_of_the_size_that_is_meant_where_none_is_stated() -> None:
    with pytest.raises(StatusEntryError, match="needs 2 messages"):
        parse_status_entries(credential(entry("5", statusMessage=messages_of(1))))


def test_a_message_outside_of_an_array() -> None:
    with pytest.raises(StatusEntryError, match="must be an array"):
        parse_status_entries(credential(entry("5", statusMessage=messages_of(1)[0])))


def test_a_refresh_is_a_warning() -> None:
    listed = replace(LIST, purposes=frozenset({"refresh"}))
    result = check(credential(entry("5", statusPurpose="refresh")), listed)
    assert result.outcome is Outcome.PASSED
    assert [warning.code for warning in result.warnings] == ["refresh_available"]


def test_an_unknown_purpose_that_is_set_tells_nothing() -> None:
    listed = replace(LIST, purposes=frozenset({"haunted"}))
    assert check(credential(entry("5", statusPurpose="haunted")), listed).code == "status_value_unknown"
    assert check(credential(entry("4", statusPurpose="haunted")), listed).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("index", "outcome", "code"),
    [
        (4, Outcome.PASSED, "not_revoked"),
        (5, Outcome.FAILED, "revoked"),
        (6, Outcome.FAILED, "suspended"),
        (7, Outcome.INDETERMINATE, "status_value_unknown"),
    ],
)
def test_values_of_token_lists(index: int, outcome: Outcome, code: str) -> None:
    result = check({"status": {"status_list": {"idx": index, "uri": URI}}}, TOKEN_LIST)
    assert (result.outcome, result.code) == (outcome, code)


@pytest.mark.parametrize("index", [-1, "5", 5.0, True, None, 10**30])
def test_indexes_of_token_lists(index: Any) -> None:
    result = check({"status": {"status_list": {"idx": index, "uri": URI}}}, TOKEN_LIST)
    assert (result.outcome, result.code) == (Outcome.FAILED, "status_entry_malformed")


def test_a_token_list_must_carry_its_name() -> None:
    result = check({"status": {"status_list": {"idx": 4, "uri": URI}}}, replace(TOKEN_LIST, uri=None))
    assert result.code == "status_list_wrong_name"


def test_what_is_lacking_is_asked_for() -> None:
    need = EvidenceReference(EvidenceKind.STATUS_LIST, URI)
    result = check(credential(entry()), None, needs=(need,))
    assert (result.outcome, result.code, result.needs) == (
        Outcome.INDETERMINATE,
        "status_list_unavailable",
        (need,),
    )


def test_a_younger_list_proves_only_that_nothing_was_revoked() -> None:
    """S-14: at an instant before the list was made."""
    before = NOW - timedelta(days=30)
    assert check(credential(entry("4")), at=before).outcome is Outcome.PASSED
    assert check(credential(entry("5")), at=before).code == "status_then_unknown"
    suspension = replace(LIST, purposes=frozenset({"suspension"}))
    for index in ("4", "5"):
        result = check(credential(entry(index, statusPurpose="suspension")), suspension, at=before)
        assert (result.outcome, result.code) == (Outcome.INDETERMINATE, "status_then_unknown")
    for token_index in (4, 5, 6):
        document = {"status": {"status_list": {"idx": token_index, "uri": URI}}}
        assert check(document, TOKEN_LIST, at=before).code == "status_then_unknown"


@pytest.mark.parametrize(
    ("had", "at", "outcome", "code", "warnings"),
    [
        (-5, -5, Outcome.PASSED, "not_revoked", []),
        (30, -5, Outcome.PASSED, "not_revoked", ["status_as_known_then"]),
        (30, -90, Outcome.PASSED, "not_revoked", ["status_as_known_then"]),
        (30, 30, Outcome.INDETERMINATE, "status_list_stale", []),
        (-5, 30, Outcome.INDETERMINATE, "status_list_stale", []),
    ],
)
def test_a_list_that_somebody_kept_tells_of_its_time_only(
    had: int, at: int, outcome: Outcome, code: str, warnings: list[str]
) -> None:
    """S-14: it ended before it was handed in. Of today it tells nothing, and of its own time what was known then; `had`
    and `at` are minutes from its end."""
    ends = NOW + timedelta(hours=1)

    def read(_: StatusEntry) -> ListReading:
        return ListReading(LIST, ends + timedelta(minutes=had))

    result = check_status(credential(entry("4")), ISSUER, read, at=ends + timedelta(minutes=at))
    assert (result.outcome, result.code) == (outcome, code)
    assert [warning.code for warning in result.warnings] == warnings


def test_without_an_end_a_list_lasts_a_day_after_it_was_fetched() -> None:
    endless = replace(LIST, valid_until=None)
    assert check(credential(entry()), endless, at=NOW + timedelta(hours=23)).outcome is Outcome.PASSED
    assert check(credential(entry()), endless, at=NOW + timedelta(hours=25)).code == "status_list_stale"
