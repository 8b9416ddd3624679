"""The process is killed (SIGKILL) at each point of the issuing machine, on both databases (SECURITY F-01).

What this does not show: power failure. The page cache of the operating system survives SIGKILL; that a commit is
on disk when it returns rests on `synchronous=FULL` and fsync, which `test_database.py` checks to be on (F-11).
"""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from skillcred.adapters.crash_points import build_crash_point
from skillcred.adapters.db import SqlUnitOfWorkFactory, build_engine
from skillcred.errors import ConfigurationError
from skillcred.model.outcomes import Verdict
from skillcred.services.issue_credential import IssuanceRequest
from skillcred.services.records import IssuancePurpose, IssuanceState
from worlds.application import build_demo_registry, example_claims, open_application
from worlds.commands import run_skillcred_text

LEASE_SECONDS = 1
POINTS = ("after-reserve-commit", "before-sign", "after-sign-before-store", "after-store-commit")
PROGRAM = """
import json, sys
from skillcred.bootstrap import build_application
from skillcred.services.issue_credential import IssuanceRequest
from skillcred.settings import load_settings

application = build_application(load_settings(), evidence_sources={}, serving=True)
actor = application.local_actor("issuer", sys.argv[1])
request = IssuanceRequest("training", json.load(sys.stdin))
print(application.issue_credential(actor, request, "the-request").credential_id)
"""


def issue_in_a_process(environment: dict[str, str], organisation_id: str) -> subprocess.CompletedProcess[str]:
    return run_skillcred_text(
        organisation_id,
        cwd=Path.cwd(),
        variables=environment,
        stdin=json.dumps(example_claims()),
        program=PROGRAM,
    )


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_F01_killed_and_tried_again(
    database: str, point: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    changes: dict[str, Any] = {"issuance_lease_seconds": LEASE_SECONDS}
    if database == "postgresql":
        changes["database_url"] = request.getfixturevalue("postgres_url")
    registry = build_demo_registry(tmp_path, **changes)
    provider = registry.provider.organisation
    settings = registry.application.settings
    registry.application.close()
    environment = {
        "SKILLCRED_DATABASE_URL": settings.database_address,
        "SKILLCRED_KEYS_FOLDER": str(settings.keys_folder),
        "SKILLCRED_ISSUANCE_LEASE_SECONDS": str(LEASE_SECONDS),
    }
    crash = {"SKILLCRED_CRASH_POINTS_ENABLED": "true", "SKILLCRED_CRASH": f"{point}:1"}

    died = issue_in_a_process(environment | crash, provider.id)
    assert died.returncode == -signal.SIGKILL, died.stderr

    engine = build_engine(settings.database_address)
    units = SqlUnitOfWorkFactory(engine)
    with units(writes=False) as unit:
        reserved = unit.issuances.find(provider.id, "the-request")
        assert reserved is not None
        in_store = unit.issuances.find_credential(reserved.credential_id)
    assert (in_store is not None) == (point == "after-store-commit")

    time.sleep(LEASE_SECONDS)
    started = time.monotonic()
    repeated = issue_in_a_process(environment, provider.id)
    assert repeated.returncode == 0, repeated.stderr
    assert time.monotonic() - started < 60, "a restart must not wait for anything"
    assert repeated.stdout.strip() == reserved.credential_id

    application = open_application(tmp_path, **changes)
    again = application.issue_credential(
        application.local_actor("issuer", provider.id),
        IssuanceRequest("training", example_claims()),
        "the-request",
    )
    assert again.credential_id == reserved.credential_id
    assert application.verify_document(again.content).report.verdict is Verdict.VALID
    with units(writes=False) as unit:
        everything = [
            issuance
            for state in IssuanceState
            for issuance in unit.issuances.list_in_state(state, reserved_before=application.clock.now())
            if issuance.purpose is IssuancePurpose.CREDENTIAL
        ]
    assert [(item.id, item.state) for item in everything] == [(reserved.id, IssuanceState.RELEASED)]
    engine.dispose()
    application.close()


@pytest.mark.parametrize(
    "order", ["", "before-sign", ":1", "before-sign:0", "before-sign:-1", "before-sign:x"]
)
def test_crash_orders_are_checked(order: str) -> None:
    with pytest.raises(ConfigurationError) as fault:
        build_crash_point(order)
    assert fault.value.code == "invalid_crash_order"
