"""Messages as a life cycle: whatever is said in whatever order, a list tells the last message of each credential, and
what is revoked or refreshed stays so."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from skillcred.encoding.bitstrings import BitOrder, read_entry
from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import ConflictError
from skillcred.services.records import StatusView
from skillcred.status.bitstring_status_list import build_entry, encode_list, parse_list_credential
from skillcred.status.entry import parse_status_entries
from skillcred.status.scheme import check_scheme
from skillcred.status.status_list import MIN_ENTRIES
from worlds.application import fill_demo_registry, open_in_memory_application

SIZES = st.integers(1, 8)
CREDENTIALS = 3
STEPS = st.lists(
    st.tuples(
        st.integers(0, CREDENTIALS - 1),
        st.sampled_from(["message", "refresh", "revoked", "suspended", "reinstated"]),
        st.integers(0, 7),
    ),
    max_size=12,
)


@given(SIZES, st.booleans())
def test_an_entry_says_what_its_scheme_says(size: int, refresh: bool) -> None:
    messages = [f"message {value}" for value in range(1 << size)]
    scheme = check_scheme(messages, ["https://a.example/"], refresh=refresh)
    assert scheme.size == size
    entry = build_entry(list_uri="https://a.example/list", index=5, purpose="message")
    [parsed] = parse_status_entries({"credentialStatus": entry | scheme.build_message_members()})
    assert (parsed.size, [parsed.messages[value] for value in range(1 << size)]) == (size, messages)


@settings(max_examples=15)
@given(SIZES, st.data())
def test_a_list_of_any_size_comes_back(size: int, data: Any) -> None:
    values = data.draw(
        st.dictionaries(st.integers(0, MIN_ENTRIES - 1), st.integers(0, (1 << size) - 1), max_size=5)
    )
    subject = {
        "type": "BitstringStatusList",
        "statusPurpose": "message",
        "encodedList": encode_list(MIN_ENTRIES, size, values),
    }
    types = ["VerifiableCredential", "BitstringStatusListCredential"]
    found = parse_list_credential({"type": types, "issuer": "did:web:a", "credentialSubject": subject})
    assert {index: found.get_status(index, size) for index in values} == values


@settings(max_examples=8, deadline=None)
@given(STEPS)
def test_the_last_message_is_told_and_nothing_final_is_taken_back(steps: list[tuple[int, str, int]]) -> None:
    registry = fill_demo_registry(open_in_memory_application())
    application, provider = registry.application, registry.provider
    messages = [f"message {value}" for value in range(8)]
    application.status_schemes.set(provider, messages=messages, references=(), refresh=True)
    credentials = [registry.issue(str(number)) for number in range(CREDENTIALS)]
    told = {"message": [0] * CREDENTIALS, "refresh": [0] * CREDENTIALS, "revocation": [0] * CREDENTIALS}
    for number, kind, value in steps:
        credential_id = credentials[number].credential_id
        if kind in ("message", "refresh"):
            said = value if kind == "message" else 1
            application.status_schemes.record_value(
                provider, credential_id, kind=kind, value=said, reason="So it is."
            )
            told[kind][number] = said
            continue
        try:
            application.change_status(provider, credential_id, kind=kind, reason="So it is.")
        except ConflictError:
            continue
        if kind == "revoked":
            told["revocation"][number] = 1
    for number, credential in enumerate(credentials):
        for entry in json.loads(credential.content)["credentialStatus"]:
            purpose = entry["statusPurpose"]
            if purpose not in told:
                continue
            list_id = entry["statusListCredential"].split("/")[-2]
            published = application.publish_status_list(list_id, StatusView(purpose))
            bits = parse_list_credential(parse_json_object(published.content)).data
            index, size = int(entry["statusListIndex"]), entry.get("statusSize", 1)
            found = read_entry(bits, size, BitOrder.MOST_SIGNIFICANT_FIRST, index)
            assert found == told[purpose][number]
