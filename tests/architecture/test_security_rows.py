"""Every P0 row of SECURITY sections 4 to 12 is tried: by case directories, by named tests, or by both.

A row that can be written as a file has a directory `tests/conformance/cases/<row>_…_fail`. `BY_TESTS` names, for rows
that need a live host, a fault, a file system, randomness or thousands of mutations, the tests that try them; for the
others the most telling ones beside their cases.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

PROJECT: Final = Path(__file__).resolve().parents[2]
CASES: Final = PROJECT / "tests" / "conformance" / "cases"
PAGE: Final = PROJECT / "docs" / "conformance.md"

SECTIONS: Final[Mapping[str, tuple[int, str, tuple[int, ...]]]] = {
    "J": (4, "JOSE, VC-JWT and COSE", tuple(range(1, 15))),
    "L": (5, "JSON-LD and canonicalisation", (*range(1, 15), 18, 20)),
    "D": (6, "Data Integrity proofs and presentations", (*range(1, 19), 20)),
    "K": (7, "keys and DIDs", (*range(1, 5), *range(6, 18))),
    "S": (8, "status lists", (*range(1, 13), *range(15, 20))),
    "SD": (9, "SD-JWT VC", (*range(1, 14), 16, 17)),
    "X": (10, "ecdsa-sd-2023 and bbs-2023", (*range(1, 6), 7)),
    "V": (11, "OpenID4VCI issuer", (*range(1, 12), *range(14, 18))),
    "R": (12, "OpenID4VP verifier", (*range(1, 9), 11, 12, 15)),
}
"""Prefix of the rows → section of SECURITY, what it is about, the numbers of its P0 rows."""

_ORACLE: Final = "tests/properties/test_mutation_oracle.py::test_no_mutation_is_accepted_with_other_claims"
_LAWS: Final = "tests/properties/test_verification_laws.py::"
_LINKED_DATA: Final = "tests/properties/test_linkeddata_laws.py::"
_DOOR: Final = "tests/integration/test_egress_door.py::"
_FILES: Final = "tests/unit/adapters/test_key_files.py::"
_CONCEALING: Final = "tests/unit/securing/sd_jwt/test_concealing.py::"
_ASKING: Final = "tests/unit/services/test_presentations.py::"
_PRESENTATION: Final = "tests/unit/verification/test_presentation.py::"

_LISTS: Final = "tests/unit/status/test_lists.py::"
_CHECK: Final = "tests/unit/status/test_check.py::"
_STATUS: Final = "tests/unit/services/test_status.py::"
_FETCHED: Final = "tests/unit/adapters/test_status_list_source.py::"
_FAULTS: Final = "tests/integration/test_status_faults.py::"

_MODULES: Final = "tests/conformance/test_oid4vci_issuer_modules.py::"
_RACES: Final = "tests/integration/test_wallet_races.py::"
_ISSUING: Final = "tests/unit/services/test_wallet_issuing.py::"
_WALLET_API: Final = "tests/api/oid4vci/"
_MESSAGES: Final = "tests/unit/exchange/oid4vci/"
_ACCEPTING: Final = "tests/unit/services/wallet/test_accepting.py::"

FURTHER: Final = (
    *("S-13", "S-14", "S-20"),
    *("V-12", "V-13", "V-18", "V-19", "V-20"),
    *("R-09", "R-10", "R-13", "R-14"),
    "SD-18",
)
"""P1 rows that are tried as well."""

BY_TESTS: Final[Mapping[str, tuple[str, ...]]] = {
    "J-03": ("tests/contracts/test_securing_mechanisms.py::test_a_key_of_another_kind_fails",),
    "J-11": ("tests/unit/securing/jose/test_envelope.py::test_j11_only_the_diagonal",),
    "L-08": ("tests/unit/linkeddata/test_context_policy.py::test_other_lists_are_refused",),
    "L-10": (
        "tests/unit/linkeddata/test_context_store.py::test_one_altered_byte_keeps_the_process_from_starting",
        "tests/unit/linkeddata/test_context_store.py::test_credentials_v2_has_the_digest_that_w3c_printed",
    ),
    "L-20": (
        _ORACLE,
        "tests/properties/test_linkeddata_laws.py::test_no_change_of_what_a_reader_sees_keeps_the_signed_form",
    ),
    "D-02": (_PRESENTATION + "test_D02_good_credentials_do_not_save_a_broken_proof",),
    "D-11": (_PRESENTATION + "test_D11_the_question_must_be_answered",),
    "D-16": (_PRESENTATION + "test_D16_the_holder_is_a_finding_of_its_own",),
    "D-18": (
        _ORACLE,
        _LAWS + "test_a_flipped_byte_is_never_valid",
        _LAWS + "test_no_member_or_element_can_be_deleted",
        _LAWS + "test_no_member_can_be_given_twice",
    ),
    "D-20": ("tests/unit/verification/test_faults_inside.py::test_D20_a_fault_is_never_valid",),
    "K-07": (_DOOR + "test_k07_system_resolver_and_real_policy_keep_us_off_this_machine",),
    "K-08": (
        _DOOR + "test_bad_answer",
        _DOOR + "test_redirect_is_not_followed",
        _DOOR + "test_identity_of_the_host",
        _DOOR + "test_k08_handshake_that_never_ends",
        _DOOR + "test_k08_resolver_that_hangs",
    ),
    "K-09": (
        _DOOR + "test_address_is_refused_before_anything_is_sent",
        _DOOR + "test_k09_rebinding_name_is_resolved_once",
        _DOOR + "test_k09_address_at_the_other_end_is_looked_at_again",
    ),
    "K-14": (
        _FILES + "test_damaged_file_is_refused_in_use_and_at_start",
        _FILES + "test_k14_folder_behind_a_symlink_is_refused",
        _FILES + "test_k14_key_swapped_under_the_same_name",
        _FILES + "test_k14_two_files_of_one_name",
        _FILES + "test_k14_wrong_passphrase",
        _FILES + "test_k14_disk_full_while_renaming_keeps_the_key",
    ),
    "K-15": ("tests/unit/securing/test_data_integrity.py::test_a_wrong_signature_never_leaves",),
    "K-16": ("tests/unit/keys/test_public_key.py::test_ecdsa_nonces_are_those_of_rfc6979",),
    "K-17": (
        "tests/integration/test_canary_secrets.py::test_K17_secrets_stay_where_they_are",
        "tests/integration/test_canary_secrets.py::test_K17_private_keys_are_in_no_file_but_their_own",
    ),
    "S-01": (
        _LISTS + "test_a_bomb_does_not_go_off",
        _LISTS + "test_compressed_twice_is_too_short",
        _LISTS + "test_a_header_as_long_as_a_book_takes_no_room",
    ),
    "S-02": (_LISTS + "test_one_whole_stream_of_the_right_kind", _LISTS + "test_multibase_of_the_list"),
    "S-03": (
        _LISTS + "test_no_entry_beside_the_list",
        _CHECK + "test_out_of_range_is_never_not_revoked",
        _CHECK + "test_indexes_that_are_none",
        _CHECK + "test_indexes_of_token_lists",
    ),
    "S-04": (
        _LISTS + "test_bit_order_of_the_w3c",
        _LISTS + "test_bit_order_of_the_ietf",
        _LISTS + "test_lists_of_digital_bazaar",
        _LISTS + "test_lists_of_the_ietf_text",
    ),
    "S-05": (
        _CHECK + "test_a_list_that_does_not_fit_tells_nothing",
        _CHECK + "test_a_set_bit_decides_whatever_cannot_be_told_beside_it",
        _CHECK + "test_an_unknown_purpose_that_is_set_tells_nothing",
        _CHECK + "test_a_refresh_is_a_warning",
    ),
    "S-06": (_CHECK + "test_a_list_that_does_not_fit_tells_nothing",),
    "S-07": (
        _FETCHED + "test_S07_a_time_to_live_is_believed_within_limits",
        _LISTS + "test_claims_that_are_no_list",
    ),
    "S-08": (
        _FETCHED + "test_S08_an_older_list_is_refused_also_after_a_restart",
        _FETCHED + "test_S08_within_one_run_the_newer_list_is_used_on",
    ),
    "S-09": (
        _FETCHED + "test_S09_a_host_that_is_down",
        "tests/unit/verification/test_status_lists.py::test_S09_what_is_no_list_tells_nothing",
    ),
    "S-10": (
        _STATUS + "test_S10_a_revoked_credential_is_never_valid_again",
        "tests/integration/test_status_crash.py::test_killed_while_revoking",
    ),
    "S-11": (
        _CHECK + "test_kinds_that_are_not_known_tell_nothing",
        _CHECK + "test_entries_that_are_malformed",
        _CHECK + "test_too_many_entries_are_refused",
    ),
    "S-13": (
        _CHECK + "test_a_list_that_does_not_fit_tells_nothing",
        _FETCHED + "test_S13_only_the_address_of_the_list_is_asked_for",
    ),
    "S-14": (
        _CHECK + "test_a_younger_list_proves_only_that_nothing_was_revoked",
        "tests/api/test_status_lists_api.py::test_the_list_of_a_time_in_the_past",
    ),
    "S-15": (
        "tests/integration/test_status_recovery.py::test_S15_a_revocation_outlives_an_older_backup",
        _STATUS + "test_S10_a_revoked_credential_is_never_valid_again",
        "tests/unit/services/test_status_copies.py::test_S15_what_is_revoked_or_suspended_gets_no_fresh_copies",
        _FAULTS + "test_S15_a_revocation_waits_for_copies_that_are_being_given_entries",
    ),
    "S-16": (
        _FAULTS + "test_S16_S17_four_processes_give_entries_out",
        "tests/integration/test_status_crash.py::test_killed_while_entries_are_given_out",
    ),
    "S-17": (_FAULTS + "test_S16_S17_four_processes_give_entries_out",),
    "S-18": (_FAULTS + "test_S18_eight_clients_revoke_while_the_publisher_is_killed",),
    "V-01": (
        _MESSAGES + "test_redemption.py::test_v01_a_code_is_good_once",
        _MESSAGES + "test_redemption.py::test_whatever_comes_there_is_one_token_and_five_guesses",
        _RACES + "test_V_01_a_code_gives_one_token",
    ),
    "V-02": (
        _MESSAGES + "test_redemption.py::test_v02_a_wrong_transaction_code_is_counted",
        _MESSAGES + "test_redemption.py::test_v02_the_right_code_is_too_late_after_five_wrong_ones",
        _RACES + "test_V_02_guesses_at_once_are_all_counted",
        _WALLET_API + "test_authorization_code.py::test_V_02_codes_typed_in_the_browser_count_like_others",
    ),
    "V-03": (_WALLET_API + "test_refusals.py::test_V_03_a_transaction_code_where_it_belongs",),
    "V-04": (
        _ISSUING + "test_V_04_an_offer_ends",
        _ISSUING + "test_V_04_a_code_of_another_issuer",
        _MESSAGES + "test_redemption.py::test_v04_an_expired_code_is_dead",
    ),
    "V-05": (
        _ISSUING + "test_V_05_a_nonce_is_good_for_five_minutes",
        _ISSUING + "test_V_05_nonces_that_are_made_leave_nothing_behind",
        _RACES + "test_V_05_one_nonce_one_credential",
        _MESSAGES + "test_key_proofs.py::test_v05_a_nonce_that_is_none_of_ours",
    ),
    "V-06": (
        _WALLET_API + "test_refusals.py::test_V_06_proofs_that_prove_nothing",
        _MESSAGES + "test_key_proofs.py::test_v06_a_token_of_another_kind_or_key",
        _MESSAGES + "test_key_proofs.py::test_v06_claims_for_another_request",
    ),
    "V-07": (
        _WALLET_API + "test_batches.py::test_V_07_one_bad_proof_refuses_all",
        _MESSAGES + "test_key_proofs.py::test_v07_all_or_nothing",
    ),
    "V-08": (
        _WALLET_API + "test_refusals.py::test_V_08_possession_has_to_be_proven",
        "tests/unit/exchange/test_dpop.py::test_a_proof_for_another_request_is_refused",
        "tests/unit/exchange/test_dpop.py::test_identifiers_of_different_keys_do_not_collide",
        "tests/unit/exchange/test_dpop.py::test_one_header_with_one_token",
    ),
    "V-09": (_MESSAGES + "test_requests.py::test_v09_v15_what_is_refused",),
    "V-10": (
        _WALLET_API + "test_after_claiming.py::test_V_10_whose_transaction_it_is",
        _RACES + "test_V_10_polls_at_once_are_one_issuance",
    ),
    "V-11": (
        _ISSUING + "test_V_11_after_a_crash_the_same_key_gets_its_credential",
        _RACES + "test_V_11_the_same_key_at_once_is_one_record",
        _MODULES + "happy_flow_additional_requests",
    ),
    "V-12": (_WALLET_API + "test_claiming.py::test_an_offer_by_reference_can_be_read_until_it_is_claimed",),
    "V-13": (
        _WALLET_API + "test_claiming.py::test_the_offer_tells_no_personal_data",
        _MESSAGES + "test_requests.py::test_v13_an_offer_holds_its_code_and_nothing_about_a_person",
    ),
    "V-14": (
        _WALLET_API + "test_claim_page.py::test_V_14_the_page_tells_the_exact_origin_and_no_person",
        _MESSAGES + "test_metadata.py::test_v14_one_spelling_of_an_identifier",
    ),
    "V-15": (
        _ISSUING + "test_V_15_where_encryption_is_required_nothing_goes_in_the_clear",
        _WALLET_API + "test_after_claiming.py::test_V_15_what_cannot_be_opened_is_refused",
        _MESSAGES + "test_requests.py::test_v09_v15_what_is_refused",
    ),
    "V-16": (
        _WALLET_API + "test_authorization_code.py::test_V_16_requests_that_are_not_accepted",
        _WALLET_API + "test_authorization_code.py::test_V_16_codes_that_are_not_accepted",
        _WALLET_API + "test_authorization_code.py::test_V_16_a_code_used_again_revokes_its_token",
        _ISSUING + "test_V_16_pushed_requests_and_codes_end",
        "tests/unit/exchange/test_pkce.py::test_no_other_challenge_is_taken",
        _ACCEPTING + "test_V_16_no_code_is_sent_after_a_response_that_is_not_to_the_request",
    ),
    "V-17": (
        _MESSAGES + "test_attestations.py::test_v17_certificates_that_prove_nothing",
        _MESSAGES + "test_attestations.py::test_v17_an_authority_that_is_trusted_no_more",
        _MESSAGES + "test_attestations.py::test_v17_a_proof_of_possession_for_something_else",
        _MESSAGES + "test_attestations.py::test_v17_the_instance_must_have_the_key",
    ),
    "V-18": (_ISSUING + "test_V_18_a_bearer_token_is_good_for_five_minutes",),
    "V-19": (_WALLET_API + "test_after_claiming.py::test_V_19_a_wallet_tells_once_what_became_of_it",),
    "V-20": (_WALLET_API + "test_refusals.py::test_V_20_descriptions_are_plain_and_repeat_nothing",),
    "R-01": (
        _ASKING + "test_the_second_answer_is_refused_whatever_it_is",
        _ASKING + "test_an_answer_counts_for_no_other_request",
        "tests/integration/test_presenting_storage.py::test_of_many_answers_at_once_one_is_taken",
    ),
    "R-02": (
        _ASKING + "test_a_presentation_for_somebody_else_is_refused",
        _ASKING + "test_another_prefix_for_the_same_verifier_is_another_verifier",
    ),
    "R-03": (
        _ASKING + "test_on_the_same_device_only_who_comes_back_gets_the_result",
        _ASKING + "test_a_session_sees_its_own_requests_only",
        "tests/e2e/test_ask_page.py::test_another_browser_sees_nothing",
        "tests/e2e/test_ask_page.py::test_on_the_same_device_the_wallet_sends_the_person_back",
    ),
    "R-04": (
        _ASKING + "test_every_request_has_values_of_its_own",
        "tests/api/test_presenting_api.py::test_nothing_of_it_is_logged",
    ),
    "R-05": (
        _ASKING + "test_what_is_no_answer_changes_nothing",
        "tests/api/test_presenting_api.py::test_what_comes_to_the_response_uri_must_be_a_form",
    ),
    "R-06": (
        _ASKING + "test_what_has_to_be_encrypted_is_not_taken_in_the_clear",
        _ASKING + "test_what_was_made_for_one_request_cannot_be_put_into_another",
        "tests/unit/exchange/test_encryption.py::test_other_algorithms_names_and_keys_are_refused",
    ),
    "R-07": (
        _ASKING + "test_a_credential_of_another_type_is_refused",
        _ASKING + "test_a_presentation_that_shows_too_little_is_refused",
        _ASKING + "test_values_that_were_asked_for_are_checked",
        _ASKING + "test_what_was_not_asked_for_is_nowhere",
    ),
    "R-08": (_ASKING + "test_two_presentations_where_one_is_not_bound",),
    "R-09": (_ASKING + "test_a_request_that_is_fetched_twice_is_the_same",),
    "R-10": (_ASKING + "test_a_wallet_declines",),
    "R-14": (
        "tests/unit/services/wallet/test_presenting.py::test_transaction_data_is_refused_and_not_ignored",
    ),
    "R-13": (_ASKING + "test_open_requests_are_not_without_number",),
    "R-11": ("tests/unit/exchange/oid4vp/test_requests.py::test_the_redirect_uri_is_where_the_answer_goes",),
    "R-12": (_ASKING + "test_time_runs_out",),
    "R-15": (
        _ASKING + "test_what_was_presented_is_forgotten_in_time",
        "tests/integration/test_presenting_storage.py::"
        "test_a_killed_process_leaves_nothing_to_read_and_everything_to_finish",
    ),
    "S-19": (
        _FAULTS + "test_S19_a_renewal_races_with_the_revocation_of_its_parent",
        _FAULTS + "test_S19_a_revocation_waits_for_a_renewal_that_is_being_reserved",
    ),
    "S-20": (
        "tests/integration/test_status_reading.py::test_S20_no_reader_sees_half_a_list_or_an_older_one",
    ),
    "SD-16": (
        _CONCEALING + "test_every_salt_is_new_and_long",
        _CONCEALING + "test_the_order_of_digests_tells_nothing",
        _CONCEALING + "test_decoys_are_there_and_disclose_nothing",
    ),
    "SD-18": (
        "tests/unit/securing/sd_jwt/test_certified_issuers.py::"
        "test_a_did_is_resolved_whatever_certificates_say",
    ),
    "X-02": ("tests/unit/securing/test_ecdsa_sd_2023.py::test_limits_are_mandatory",),
    "X-05": ("tests/unit/securing/test_ecdsa_sd_2023.py::test_signatures_of_two_credentials_do_not_mix",),
    "X-07": ("tests/unit/securing/test_bbs_2023.py::test_a_proof_can_be_bound_to_a_nonce",),
}

ROWS: Final = tuple(
    f"{prefix}-{number:02}" for prefix, (_, _, numbers) in SECTIONS.items() for number in numbers
)


@functools.cache
def cases_of(row: str) -> tuple[str, ...]:
    return tuple(sorted(path.name for path in CASES.glob(f"{row}_*_fail")))


@functools.cache
def test_names(path: str) -> frozenset[str]:
    tree = ast.parse((PROJECT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


test_names.__test__ = False  # type: ignore[attr-defined]


@pytest.mark.parametrize("row", ROWS)
def test_every_row_is_tried(row: str) -> None:
    assert cases_of(row) or BY_TESTS.get(row), f"{row} has neither a case nor a test"


@pytest.mark.parametrize("row", BY_TESTS)
def test_the_tests_of_a_row_exist_and_name_it(row: str) -> None:
    assert row in ROWS or row in FURTHER
    for name in BY_TESTS[row]:
        path, _, function = name.partition("::")
        assert function in test_names(path), name
        content = (PROJECT / path).read_text(encoding="utf-8")
        short, low = row.replace("-", ""), row.lower().replace("-", "")
        assert re.search(rf"\b{row}\b|{short}_|{low}_|_{row.replace('-', '_')}_", content), (
            f"{path} does not say that it tries {row}"
        )


def rows_of_the_catalogue(text: str) -> Iterator[str]:
    """The P0 rows of our sections in SECURITY."""
    wanted = {section for section, _, _ in SECTIONS.values()}
    section = 0
    for line in text.splitlines():
        if heading := re.match(r"## (\d+)\.", line):
            section = int(heading[1])
        elif section in wanted and (row := re.match(r"\| ([A-Z]+-\d\d) \| P0 \|", line)):
            yield row[1]


def test_the_table_holds_every_row_of_the_catalogue(shared_dir: Path) -> None:
    found = tuple(rows_of_the_catalogue((shared_dir / "SECURITY.md").read_text(encoding="utf-8")))
    assert set(found) == set(ROWS)
    assert len(found) == len(set(found)) == len(ROWS) == 129


def table() -> str:
    lines = ["| section | P0 rows | as case directories | by tests only |", "|---|---|---|---|"]
    for prefix, (section, title, numbers) in SECTIONS.items():
        rows = [f"{prefix}-{number:02}" for number in numbers]
        alone = [row for row in rows if not cases_of(row)]
        count = sum(len(cases_of(row)) for row in rows)
        shown = ", ".join(row for row in rows if row not in alone)
        lines.append(
            f"| {section}, {title} | {len(rows)} | {shown} ({count} directories) | {', '.join(alone) or 'none'} |"
        )
    return "\n".join(lines)


def test_the_page_says_where_rows_are_tried() -> None:
    begin, end = "<!-- rows: begin -->\n", "\n<!-- rows: end -->"
    page = PAGE.read_text(encoding="utf-8")
    assert page.partition(begin)[2].partition(end)[0] == table()
