"""The process is killed (SIGKILL) at each point of revoking and publishing, on both databases (SECURITY S-10, S-18).

Whatever was recorded before is in the next list; versions go up by one, and no list tells of less than the one before.
"""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from skillcred.adapters.db import SqlUnitOfWorkFactory, build_engine
from skillcred.model.outcomes import Verdict
from skillcred.services.records import StatusEventKind, StatusView
from skillcred.status.bitstring_status_list import parse_list_credential
from worlds.application import build_demo_registry, open_application
from worlds.commands import run_skillcred_text

REVOKE = """
import sys
from skillcred.bootstrap import build_application
from skillcred.services.records import StatusView
from skillcred.settings import load_settings

application = build_application(load_settings(), evidence_sources={}, serving=True)
organisation, credential, list_id = sys.argv[1:]
actor = application.local_actor("issuer", organisation)
application.change_status(actor, credential, kind="revoked", reason="A typo.")
print(application.publish_status_list(list_id, StatusView.REVOCATION).version)
"""
POINTS = (
    "after-status-commit",
    "before-sign-list",
    "after-sign-before-publish",
    "after-publish-commit",
)


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return run_skillcred_text(*arguments, cwd=Path.cwd(), variables=environment, program=REVOKE)


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_killed_while_revoking(
    database: str, point: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    changes: dict[str, Any] = {}
    if database == "postgresql":
        changes["database_url"] = request.getfixturevalue("postgres_url")
    registry = build_demo_registry(tmp_path, **changes)
    credentials = [registry.issue(f"no-{number}") for number in range(3)]
    for credential in credentials:
        assert registry.application.verify_document(credential.content).report.verdict is Verdict.VALID
    provider = registry.provider.organisation
    settings = registry.application.settings
    entry = json.loads(credentials[0].content)["credentialStatus"][0]
    list_id = entry["statusListCredential"].split("/")[-2]
    registry.application.close()
    environment = {
        "SKILLCRED_DATABASE_URL": settings.database_address,
        "SKILLCRED_KEYS_FOLDER": str(settings.keys_folder),
    }
    crash = {"SKILLCRED_CRASH_POINTS_ENABLED": "true", "SKILLCRED_CRASH": f"{point}:1"}
    arguments = (provider.id, credentials[0].credential_id, list_id)

    died = run(environment | crash, *arguments)
    assert died.returncode == -signal.SIGKILL, died.stderr

    engine = build_engine(settings.database_address)
    units = SqlUnitOfWorkFactory(engine)
    with units(writes=False) as unit:
        events = unit.statuses.list_events(list_id)
        before = unit.statuses.list_publications(list_id, StatusView.REVOCATION)
    assert [event.kind for event in events] == [StatusEventKind.REVOKED]
    assert len(before) == (2 if point == "after-publish-commit" else 1)

    # nobody asks for the revocation again: whoever wants the list next gets it
    application = open_application(tmp_path, **changes)
    verdicts = [application.verify_document(item.content).report.verdict for item in credentials]
    assert verdicts == [Verdict.INVALID, Verdict.VALID, Verdict.VALID]
    repeated = application.change_status(
        application.local_actor("issuer", provider.id),
        credentials[0].credential_id,
        kind="revoked",
        reason="A typo.",
    )
    assert repeated.id == events[0].id
    application.close()

    with units(writes=False) as unit:
        published = unit.statuses.list_publications(list_id, StatusView.REVOCATION)
    assert [item.version for item in published] == [1, 2]
    assert [item.events for item in published] == [0, 1]
    assert published[0].published_at <= published[1].published_at
    latest = parse_list_credential(json.loads(published[-1].content))
    found = {index for index in range(131_072) if latest.get_status(index, 1)}
    assert found == {events[0].index}
    engine.dispose()
