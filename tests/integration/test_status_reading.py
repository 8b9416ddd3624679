"""Lists are read all the time while they are published (SECURITY S-20, S-10)."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from skillcred.encoding.strict_json import parse_json_object
from skillcred.services.records import StatusView
from skillcred.services.status_views import own_evidence
from skillcred.status import ListKind
from skillcred.status.bitstring_status_list import parse_list_credential
from skillcred.verification.status_lists import find_status_list
from skillcred.web.app import create_app
from worlds.application import DemoRegistry, build_demo_registry

READERS = 3
REVOCATIONS = 12


@pytest.fixture(params=["sqlite", "postgresql"])
def registry(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DemoRegistry]:
    changes: dict[str, Any] = {}
    if request.param == "postgresql":
        changes["database_url"] = request.getfixturevalue("postgres_url")
    made = build_demo_registry(tmp_path, **changes)
    yield made
    made.application.close()


def test_S20_no_reader_sees_half_a_list_or_an_older_one(registry: DemoRegistry) -> None:
    """Each client sees whole, verified lists whose versions and revocations only grow, and in the end all of them; and
    what was acknowledged before a request was sent is in its answer."""
    application, provider = registry.application, registry.provider
    give = application.issue_credential.issuing.allocate_status_entry
    slots = [give(provider.organisation.id, f"urn:given:{number}") for number in range(REVOCATIONS)]
    list_id = slots[0].list_id
    path = f"/v1/status-lists/{list_id}/{StatusView.REVOCATION.value}"
    acknowledged: list[int] = []
    ended = threading.Event()
    with application.change_status.units(writes=False) as unit:
        keys = tuple(unit.signing_keys.list_for(provider.organisation.id))

    def read(client: TestClient) -> tuple[int, str, frozenset[int]]:
        response = client.get(path)
        assert response.status_code == 200, response.text
        assert int(response.headers["content-length"]) == len(response.content)
        status_list = parse_list_credential(parse_json_object(response.content))
        told = frozenset(slot.index for slot in slots if status_list.get_status(slot.index, 1))
        uri = application.settings.base_url + path
        made = status_list.issued_at
        assert made is not None
        evidence = own_evidence(provider.organisation, keys, uri, response.content, made)
        assert find_status_list(uri, ListKind.BITSTRING, evidence=evidence, at=made).status_list is not None
        return int(response.headers["etag"].strip('"')), made.isoformat(), told

    def keep_reading(client: TestClient) -> int:
        seen: tuple[int, str, frozenset[int]] = (0, "", frozenset())
        count = 0
        while not ended.is_set():
            known = frozenset(acknowledged)
            found = read(client)
            assert found[0] >= seen[0]
            assert found[1] >= seen[1]
            assert found[2] >= seen[2] | known
            seen, count = found, count + 1
        return count

    app = create_app(application, log_stream=io.StringIO())
    with (
        TestClient(app, base_url=application.settings.base_url) as client,
        ThreadPoolExecutor(READERS) as pool,
    ):
        readers = [pool.submit(keep_reading, client) for _ in range(READERS)]
        try:
            for slot in slots:
                application.change_status(provider, slot.credential_id, kind="revoked", reason="A typo.")
                acknowledged.append(slot.index)
        finally:
            ended.set()
        assert all(reader.result(60) >= 1 for reader in readers)
        assert read(client)[2] == {slot.index for slot in slots}
