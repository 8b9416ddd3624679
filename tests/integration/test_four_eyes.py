"""W-18 on the databases themselves: what several people approve at the same moment is done once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from skillcred.errors import ConflictError
from worlds.application import build_demo_registry
from worlds.in_memory import FixedClock

APPROVERS = 6


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
@pytest.mark.parametrize("kind", ["body_event", "accredit"])
def test_W_18_approved_by_several_at_once(
    request: pytest.FixtureRequest, tmp_path: Path, engine: str, kind: str
) -> None:
    changes: dict[str, object] = {"registry_four_eyes": False}
    if engine == "postgresql":
        changes["database_url"] = request.getfixturevalue("postgres_url")
    registry = build_demo_registry(tmp_path, clock=FixedClock(), **changes)
    application = registry.application
    actor, change = (
        (
            registry.operator,
            {
                "did": registry.body.organisation.did,
                "kind": "suspended",
                "effective_at": "2026-07-01T00:00:00Z",
                "reason": "Inquiry.",
            },
        )
        if kind == "body_event"
        else (
            registry.body,
            {
                "provider_did": registry.stranger.organisation.did,
                "provider_name": registry.stranger.organisation.name,
                "scope": {"profiles": ["training"]},
                "valid_from": "2026-01-01T00:00:00Z",
            },
        )
    )
    proposal = application.propose_change(actor, kind, change)
    gate = threading.Barrier(APPROVERS)

    def approve(number: int) -> str:
        gate.wait()
        person = replace(actor, api_key_id=f"person-{number}")
        try:
            return application.decide_proposal.approve(person, proposal.id, sha256=proposal.sha256).state
        except ConflictError as error:
            return error.code

    try:
        with ThreadPoolExecutor(APPROVERS) as pool:
            answers = sorted(pool.map(approve, range(APPROVERS)))
        assert answers == ["already_decided"] * (APPROVERS - 1) + ["executed"]
        assert len(application.list_accreditations()) == (1 if kind == "body_event" else 2)
        assert application.verify_registry_log().faults == ()
    finally:
        application.close()
