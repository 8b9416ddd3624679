"""The contexts of the suites' examples: pinned like the others, and no part of the product's own store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from skillcred.errors import IntegrityError
from skillcred.linkeddata import BUNDLED_CONTEXTS, V2, canonicalise, interop_contexts
from skillcred.linkeddata.interop_contexts import (
    CREDENTIALS_EXAMPLES_V2,
    INTEROP_CONTEXTS,
    INTEROP_PINS,
    load_interop_contexts,
)
from skillcred.verification.policy import DEFAULT_POLICY, INTEROP_POLICY, get_policy

FOLDER = Path(interop_contexts.__file__).parent / "contexts_of_examples"


def test_the_notice_names_every_file_with_its_origin_and_no_other() -> None:
    notice = (FOLDER / "NOTICE").read_text("utf-8")
    for pin in INTEROP_PINS:
        assert all(text in notice for text in (pin.file, pin.url, pin.origin, pin.licence))
    assert {path.name for path in FOLDER.iterdir()} == {pin.file for pin in INTEROP_PINS} | {"NOTICE"}


@pytest.mark.parametrize("pin", INTEROP_PINS, ids=lambda pin: pin.file)
def test_one_altered_byte_keeps_the_process_from_starting(pin: Any, tmp_path: Path) -> None:
    for other in INTEROP_PINS:
        content = (FOLDER / other.file).read_bytes()
        (tmp_path / other.file).write_bytes(content + b"\n" if other is pin else content)
    with pytest.raises(IntegrityError) as refused:
        load_interop_contexts(tmp_path)
    assert refused.value.code == "context_altered"


def test_the_product_does_not_know_them() -> None:
    assert not {pin.url for pin in INTEROP_PINS} & set(BUNDLED_CONTEXTS.contents)
    assert DEFAULT_POLICY.contexts is BUNDLED_CONTEXTS
    assert get_policy("interop-1") is INTEROP_POLICY
    assert INTEROP_POLICY.contexts is INTEROP_CONTEXTS


def test_they_can_be_processed() -> None:
    document = {
        "@context": [V2, CREDENTIALS_EXAMPLES_V2],
        "type": ["VerifiableCredential", "AlumniCredential"],
        "issuer": "did:example:a",
        "credentialSubject": {"id": "did:example:b", "alumniOf": "The School of Examples"},
    }
    quads = canonicalise(document, contexts=INTEROP_CONTEXTS)
    assert b"https://www.w3.org/ns/credentials/examples#alumniOf" in str(quads).encode()
