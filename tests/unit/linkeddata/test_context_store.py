"""Contexts are the pinned bytes or nothing, and may do nothing that breaks the account of claims (L-10, M8)."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from skillcred.encoding.strict_json import StrictJsonError
from skillcred.errors import ConfigurationError, IntegrityError
from skillcred.linkeddata import BUNDLED_CONTEXTS, V2, LinkedDataError, canonicalise, context_store
from skillcred.linkeddata.context_store import ContextStore, load_bundled_contexts, read_pinned
from skillcred.linkeddata.context_table import SHIPPED_CONTEXTS
from skillcred.linkeddata.own_contexts import OWN_CONTEXTS
from skillcred.shipped import shipped_path

FOLDER = Path(context_store.__file__).parent / "contexts"
DIGEST_IN_THE_RECOMMENDATION = "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734"


@pytest.mark.parametrize("pin", SHIPPED_CONTEXTS, ids=lambda pin: pin.file)
def test_pins_match_the_shipped_files(pin: Any) -> None:
    assert hashlib.sha256((FOLDER / pin.file).read_bytes()).hexdigest() == pin.sha256
    assert BUNDLED_CONTEXTS.content(pin.url) == (FOLDER / pin.file).read_bytes()


@pytest.mark.parametrize("url", OWN_CONTEXTS)
def test_pins_match_our_own_files(url: str) -> None:
    relative, sha256 = OWN_CONTEXTS[url]
    found = hashlib.sha256(shipped_path(relative).read_bytes()).hexdigest()
    assert found == sha256, f"{relative} was edited: put {found} into linkeddata/own_contexts.py"


def test_credentials_v2_has_the_digest_that_w3c_printed() -> None:
    assert hashlib.sha256(BUNDLED_CONTEXTS.content(V2)).hexdigest() == DIGEST_IN_THE_RECOMMENDATION


def test_the_notice_names_every_file_with_its_origin_and_no_other() -> None:
    notice = (FOLDER / "NOTICE").read_text()
    for pin in SHIPPED_CONTEXTS:
        assert pin.file in notice
        assert pin.url in notice
        assert pin.origin in notice
        assert pin.licence in notice
    assert {path.name for path in FOLDER.iterdir()} == {pin.file for pin in SHIPPED_CONTEXTS} | {"NOTICE"}


@pytest.mark.parametrize("pin", SHIPPED_CONTEXTS, ids=lambda pin: f"L-10-{pin.file}")
def test_one_altered_byte_keeps_the_process_from_starting(pin: Any, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(FOLDER, tmp_path / "contexts"))
    content = bytearray((folder / pin.file).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / pin.file).write_bytes(content)
    with pytest.raises(IntegrityError) as refused:
        load_bundled_contexts(folder)
    assert refused.value.code == "context_altered"


def test_a_missing_file_keeps_the_process_from_starting(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_pinned(tmp_path / "gone.jsonld", "00")
    assert refused.value.code == "installation_incomplete"


def test_every_allowed_list_can_be_processed() -> None:
    for urls in BUNDLED_CONTEXTS.allowed_lists:
        document = {
            "@context": list(urls),
            "type": ["VerifiableCredential"],
            "issuer": "did:example:a",
            "credentialSubject": {"id": "did:example:b"},
        }
        assert canonicalise(document).nquads.count(b"\n") == 3


def test_the_shared_copies_are_the_same_bytes(shared_dir: Path) -> None:
    digests = {
        hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (shared_dir / "vectors" / "contexts").glob("*.jsonld")
    }
    known = {pin.file for pin in SHIPPED_CONTEXTS if pin.sha256 in digests}
    assert known == {
        "credentials-v1.jsonld",
        "credentials-v2.jsonld",
        "data-integrity-v1.jsonld",
        "data-integrity-v2.jsonld",
        "multikey-v1.jsonld",
    }


def store(context: Any) -> ContextStore:
    content = json.dumps({"@context": context}).encode()
    return BUNDLED_CONTEXTS.extended({"https://e.example/c": content}, [(V2, "https://e.example/c")])


@pytest.mark.parametrize(
    "context",
    [
        pytest.param({"@base": "https://e.example/"}, id="base"),
        pytest.param({"@import": "https://e.example/other"}, id="import"),
        pytest.param({"@language": "en"}, id="default-language"),
        pytest.param({"@direction": "rtl"}, id="default-direction"),
        pytest.param({"@propagate": False}, id="propagate"),
        pytest.param({"identifier": "@id"}, id="alias-of-id"),
        pytest.param({"a": {"@id": "@type"}}, id="alias-of-type"),
        pytest.param({"nested": "@nest"}, id="alias-of-nest"),
        pytest.param({"included": {"@id": "@included"}}, id="alias-of-included"),
        pytest.param({"type": "https://e.example/type"}, id="type-redefined"),
        pytest.param({"id": {"@id": "https://e.example/id"}}, id="id-redefined"),
        pytest.param({"children": {"@reverse": "https://e.example/parent"}}, id="reverse"),
        pytest.param({"a": {"@id": "https://e.example/a", "@container": "@index"}}, id="index-map"),
        pytest.param({"a": {"@id": "https://e.example/a", "@container": ["@graph", "@id"]}}, id="id-map"),
        pytest.param({"a": {"@id": "https://e.example/a", "@container": "@type"}}, id="type-map"),
        pytest.param({"a": {"@id": "https://e.example/a", "@nest": "b"}}, id="nest"),
        pytest.param({"a": {"@id": "https://e.example/a", "@language": "en"}}, id="term-language"),
        pytest.param({"a": {"@id": "https://e.example/a", "@prefix": True}}, id="prefix"),
        pytest.param({"a": {"@id": "https://e.example/a", "@type": "@list"}}, id="coercion"),
        pytest.param({"a:b": "https://e.example/a"}, id="term-that-looks-like-an-iri"),
        pytest.param({"a": {"@id": "https://e.example/a", "@context": {"x": "@id"}}}, id="scoped-alias"),
        pytest.param({"a": {"@id": 5}}, id="number"),
        pytest.param({"a": 5}, id="number-as-definition"),
        pytest.param([{"a": "https://e.example/a"}, {"@base": "a:b"}], id="second-of-an-array"),
    ],
)
def test_contexts_with_features_that_break_the_account_are_refused(context: Any) -> None:
    with pytest.raises(ConfigurationError) as refused:
        store(context)
    assert refused.value.code == "context_unsupported"


def test_contexts_are_parsed_strictly() -> None:
    with pytest.raises(StrictJsonError):
        BUNDLED_CONTEXTS.extended({"https://e.example/c": b'{"@context": {"a": "b:c", "a": "d:e"}}'}, [])


def test_lists_name_only_contexts_of_the_store() -> None:
    with pytest.raises(ConfigurationError):
        BUNDLED_CONTEXTS.extended({}, [(V2, "https://e.example/unknown")])


def test_a_store_is_immutable_and_extending_leaves_it_alone() -> None:
    urls = BUNDLED_CONTEXTS.urls()
    extended = store({"own": "https://e.example/own"})
    assert BUNDLED_CONTEXTS.urls() == urls
    assert extended.urls() == tuple(sorted((*urls, "https://e.example/c")))
    with pytest.raises(TypeError):
        BUNDLED_CONTEXTS.contents[V2] = b""  # type: ignore[index]
    with pytest.raises(AttributeError):
        BUNDLED_CONTEXTS.allowed_lists = frozenset()  # type: ignore[misc]
    document = {"@context": [V2, "https://e.example/c"], "id": "a:b", "own": "x"}
    assert canonicalise(document, contexts=extended).nquads == b'<a:b> <https://e.example/own> "x" .\n'
    with pytest.raises(LinkedDataError):
        canonicalise(document)


def test_unknown_urls_have_no_content() -> None:
    with pytest.raises(KeyError):
        BUNDLED_CONTEXTS.content("https://e.example/unknown")
