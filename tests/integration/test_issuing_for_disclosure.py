"""Issuing with BBS from key file to verdict: an organisation under did:web, a real database, real files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from skillcred.adapters.keystore.key_file import key_file_name
from skillcred.bootstrap import build_application
from skillcred.errors import AuthorisationError
from skillcred.model.outcomes import Verdict
from skillcred.securing import derive_credential
from worlds.application import DemoRegistry, build_demo_registry


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[DemoRegistry]:
    demo = build_demo_registry(tmp_path)
    yield demo
    demo.application.close()


def test_bbs_credentials_are_issued_derived_from_and_verified(registry: DemoRegistry) -> None:
    application, provider = registry.application, registry.provider
    with pytest.raises(AuthorisationError) as caught:
        registry.issue("before", mechanism="bbs-2023")
    assert caught.value.code == "no_active_key"

    key = application.create_key(provider, "BLS12381G2")
    assert key.public_key_multibase.startswith("zUC7")
    file = application.settings.keys_folder / key_file_name(key.id)
    assert b"ENCRYPTED PRIVATE KEY" in file.read_bytes()

    content = registry.issue("first", mechanism="bbs-2023").content
    assert json.loads(content)["proof"]["verificationMethod"] == key.id
    assert registry.issue("first", mechanism="bbs-2023").content == content
    handed_out = application.verify_document(content).report
    assert handed_out.verdict is Verdict.INVALID
    assert handed_out.reason == "base_proof_presented"

    shown = derive_credential(content, ["/credentialSubject/name"])
    report = application.verify_document(shown).report
    assert (report.verdict, report.reason) == (Verdict.VALID, "issuer_authorised")
    assert shown != derive_credential(content, ["/credentialSubject/name"])


def test_a_second_process_opens_the_bbs_key(registry: DemoRegistry) -> None:
    registry.application.create_key(registry.provider, "BLS12381G2")
    first = registry.issue("first", mechanism="bbs-2023").content
    registry.application.close()
    application = build_application(registry.application.settings)
    second = replace(registry, application=application).issue("second", mechanism="bbs-2023").content
    for content in (first, second):
        shown = derive_credential(content, [""])
        assert application.verify_document(shown).report.verdict is Verdict.VALID
    application.close()
