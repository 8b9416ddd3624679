"""An older backup is put back: what a published list says is taken over, and revoked stays revoked (SECURITY S-15)."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from skillcred.errors import InputError, NotFoundError
from skillcred.model.outcomes import Verdict
from skillcred.services.records import StatusView
from worlds.application import build_demo_registry, open_application
from worlds.commands import run_skillcred_text


def back_up(database: Path, target: Path) -> None:
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)


def put_back(backup: Path, database: Path) -> None:
    for file in database.parent.glob(database.name + "*"):
        file.unlink()
    shutil.copy(backup, database)


def test_S15_a_revocation_outlives_an_older_backup(tmp_path: Path) -> None:
    """In a list that was closed before, so that nothing can have been given out since."""
    registry = build_demo_registry(tmp_path)
    application, provider = registry.application, registry.provider
    early = [registry.issue(f"early-{number}") for number in range(2)]
    application.status_schemes.set(provider, messages=(), references=(), refresh=True)
    database = application.settings.embedded_database
    back_up(database, tmp_path / "backup.sqlite3")
    application.change_status(provider, early[0].credential_id, kind="revoked", reason="Fraud.")
    list_id = json.loads(early[0].content)["credentialStatus"][0]["statusListCredential"].split("/")[-2]
    published = application.publish_status_list(list_id, StatusView.REVOCATION)
    application.close()
    put_back(tmp_path / "backup.sqlite3", database)
    application = open_application(tmp_path)
    provider = application.local_actor("issuer", provider.organisation.id)
    for changed in (1, 0):
        found = application.recover_status_list(provider, published.content)
        assert (found.changed, found.given_up) == (changed, 0)
    verdicts = [application.verify_document(each.content).report.verdict for each in early]
    assert verdicts == [Verdict.INVALID, Verdict.VALID]
    with application.change_status.units(writes=False) as unit:
        [event] = unit.statuses.list_events(list_id)
        actions = [entry.action for entry in unit.audit.list_for(provider.organisation.id)]
    assert event.effective_at == published.published_at
    assert event.retroactive
    assert actions.count("status_list_recovered") == 1
    assert [result for result in application.check_storage() if result.found] == []
    application.close()


@pytest.mark.nightly
def test_S15_what_was_issued_after_the_backup_keeps_its_entries(tmp_path: Path) -> None:
    registry = build_demo_registry(tmp_path)
    application, provider = registry.application, registry.provider
    database = application.settings.embedded_database
    early = [registry.issue(f"early-{number}") for number in range(3)]
    application.change_status(provider, early[2].credential_id, kind="suspended", reason="A typo.")
    back_up(database, tmp_path / "backup.sqlite3")

    late = [registry.issue(f"late-{number}") for number in range(2)]
    for credential in (early[0], late[0]):
        application.change_status(provider, credential.credential_id, kind="revoked", reason="Fraud.")
    application.change_status(provider, early[1].credential_id, kind="suspended", reason="Fraud?")
    entry = json.loads(early[0].content)["credentialStatus"][0]
    list_id = entry["statusListCredential"].split("/")[-2]
    published = [
        application.publish_status_list(list_id, view)
        for view in (StatusView.REVOCATION, StatusView.SUSPENSION)
    ]
    application.close()

    put_back(tmp_path / "backup.sqlite3", database)
    application = open_application(tmp_path)
    provider = application.local_actor("issuer", provider.organisation.id)
    assert application.verify_document(early[0].content).report.verdict is Verdict.VALID, "it is forgotten"
    application.close()

    settings = application.settings
    variables = {
        "SKILLCRED_DATABASE_URL": settings.database_address,
        "SKILLCRED_KEYS_FOLDER": str(settings.keys_folder),
    }
    for publication, said in zip(
        published, ("2 changed, 131069 entries", "1 changed, 0 entries"), strict=True
    ):
        file = tmp_path / f"{publication.view.value}.json"
        file.write_bytes(publication.content)
        command = ("status", "recover", str(file), "-o", "welding-school")
        done = run_skillcred_text(*command, cwd=tmp_path, variables=variables)
        assert said in done.stdout, done.stderr
    application = open_application(tmp_path)
    again = application.recover_status_list(provider, published[0].content)
    assert (again.changed, again.given_up) == (0, 0)

    expected = [Verdict.INVALID, Verdict.INVALID, Verdict.INVALID]
    assert [application.verify_document(each.content).report.verdict for each in early] == expected
    verdicts = [application.verify_document(each.content).report for each in late]
    assert [(report.verdict, report.reason) for report in verdicts] == [
        (Verdict.INVALID, "revoked"),
        (Verdict.VALID, "issuer_authorised"),
    ], "the storage has forgotten these, and their entries have not"
    give = application.issue_credential.issuing.allocate_status_entry
    assert give(provider.organisation.id, "urn:fresh").list_id != list_id
    assert [result for result in application.check_storage() if result.found] == []
    application.close()


def test_only_lists_of_ours_are_taken_over(tmp_path: Path) -> None:
    registry = build_demo_registry(tmp_path)
    application, provider = registry.application, registry.provider
    entry = json.loads(registry.issue("one").content)["credentialStatus"][0]
    list_id = entry["statusListCredential"].split("/")[-2]
    good = application.publish_status_list(list_id, StatusView.REVOCATION).content
    document = json.loads(good)
    elsewhere = document | {"id": document["id"].replace(list_id, "0" * len(list_id))}
    altered = [
        b"{}",
        good.replace(b"eddsa", b"eddsb"),
        json.dumps(document | {"validFrom": "2199-01-01T00:00:00Z"}).encode(),
        json.dumps(document | {"id": document["id"].replace("127.0.0.1", "127.0.0.2")}).encode(),
        json.dumps(document | {"id": document["id"].replace("/revocation", "/message")}).encode(),
        json.dumps({**document, "credentialSubject": {**document["credentialSubject"], "ttl": 1}}).encode(),
    ]
    for content in altered:
        with pytest.raises(InputError) as fault:
            application.recover_status_list(provider, content)
        assert fault.value.code == "status_list_not_ours"
    for actor, content in ((provider, json.dumps(elsewhere).encode()), (registry.stranger, good)):
        with pytest.raises(NotFoundError):
            application.recover_status_list(actor, content)
    with application.change_status.units(writes=False) as unit:
        record = unit.statuses.find_list(list_id)
    assert record is not None
    assert (record.allocated, record.events, record.closed_at) == (1, 0, None)
    application.close()
