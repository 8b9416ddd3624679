"""The 29 tests of the DID Resolution suite (w3c-ccg/did-resolution-mocha-test-suite, 2026-03-27), one by one.

Seventeen are in its file about resolution (read at cedfd628), twelve in the one about the HTTP binding (bc0a8f42). It
asks for each DID that an implementation names as valid; here, as in the run that gave the number, that is one. They
read of an answer what the suite reads; the rest is in `test_did_resolution.py`.
"""

from __future__ import annotations

import contextlib
import io
import ssl
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from skillcred.cli.tls import tls_files
from skillcred.web.app import create_app
from worlds.application import open_in_memory_application

DID = "did:key:z6MktKwz7Ge1Yxzr4JHavN33wiwa8y81QdcMRLXQsrH9T53b"
RESULT = "application/did-resolution"
CODES = "https://www.w3.org/ns/did#"
NOT_DIDS = ("not-a-did", "did:example")
Resolve = Callable[..., Any]


@pytest.fixture(scope="module")
def resolve() -> Iterator[Resolve]:
    application = open_in_memory_application(verifications_per_minute=100_000)
    with TestClient(create_app(application, log_stream=io.StringIO())) as client:

        def get(identifier: str, accept: str | None = None) -> Any:
            headers = {} if accept is None else {"Accept": accept}
            return client.get(f"/1.0/identifiers/{identifier}", headers=headers)

        yield get


def successful(body: dict[str, Any]) -> None:
    assert isinstance(body["didResolutionMetadata"], dict)
    assert isinstance(body["didDocument"]["id"], str)
    assert isinstance(body["didDocumentMetadata"], dict)


def failed(body: dict[str, Any], code: str) -> None:
    assert body["didResolutionMetadata"]["error"]["type"] == CODES + code
    assert body["didDocument"] is None
    assert isinstance(body["didDocumentMetadata"], dict)


# section 4, "DID Resolution" ---------------------------------------------------------------------------------------


def test_01_there_is_a_valid_did(resolve: Resolve) -> None:
    assert resolve(DID).status_code == 200


def test_02_one_method_is_implemented(resolve: Resolve) -> None:
    response = resolve(DID)
    assert response.status_code == 200
    assert RESULT in response.headers["Content-Type"]
    successful(response.json())


def test_03_options_may_be_empty(resolve: Resolve) -> None:
    """The suite asks nothing here."""
    assert resolve(f"{DID}?").json() == resolve(DID).json()


def test_04_there_is_resolution_metadata(resolve: Resolve) -> None:
    assert "didResolutionMetadata" in resolve(DID).json()


def test_05_there_is_a_document(resolve: Resolve) -> None:
    assert resolve(DID).json()["didDocument"]


def test_06_the_document_is_about_the_did(resolve: Resolve) -> None:
    assert resolve(DID).json()["didDocument"]["id"] == DID


def test_07_there_is_document_metadata(resolve: Resolve) -> None:
    assert isinstance(resolve(DID).json()["didDocumentMetadata"], dict)


def test_08_a_did_is_required(resolve: Resolve) -> None:
    assert resolve("").status_code == 400


@pytest.mark.parametrize("identifier", NOT_DIDS)
class TestNotADid:
    """Numbers 9 to 16: four tests for each of two."""

    def test_it_must_be_a_did(self, resolve: Resolve, identifier: str) -> None:
        assert resolve(identifier).status_code == 400

    def test_the_error_is_invalid_did(self, resolve: Resolve, identifier: str) -> None:
        failed(resolve(identifier).json(), "INVALID_DID")

    def test_there_is_an_error(self, resolve: Resolve, identifier: str) -> None:
        assert resolve(identifier).json()["didResolutionMetadata"]["error"]

    def test_the_document_metadata_is_empty(self, resolve: Resolve, identifier: str) -> None:
        assert resolve(identifier).json()["didDocumentMetadata"] == {}


def test_17_an_unsupported_method_is_told(resolve: Resolve) -> None:
    response = resolve("did:unsupported:123456789abcdefghi")
    assert response.status_code >= 400
    failed(response.json(), "METHOD_NOT_SUPPORTED")


# section 10.1, "HTTP(S) Binding" -----------------------------------------------------------------------------------


def test_18_over_tls_or_on_this_machine() -> None:
    """The suite lets plain HTTP pass. With `--tls-self-signed` a client that is given the certificate speaks to us."""
    with tls_files("development", None, None, self_signed=True) as files:
        assert files is not None
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(files.certificate, files.key)
        client = ssl.create_default_context(cafile=files.certificate)
        to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
        ours = server.wrap_bio(to_server, to_client, server_side=True)
        theirs = client.wrap_bio(to_client, to_server, server_hostname="localhost")
        for _ in range(3):
            for end in (theirs, ours):
                with contextlib.suppress(ssl.SSLWantReadError):
                    end.do_handshake()
        assert (theirs.version(), ours.version()) == ("TLSv1.3", "TLSv1.3")


def test_19_get_is_implemented(resolve: Resolve) -> None:
    assert resolve(DID, RESULT).status_code == 200


def test_20_the_body_is_a_resolution_result(resolve: Resolve) -> None:
    successful(resolve(DID, RESULT).json())


def test_21_the_status_is_200(resolve: Resolve) -> None:
    assert resolve(DID, RESULT).status_code == 200


def test_22_the_content_type_is_that_of_the_metadata(resolve: Resolve) -> None:
    response = resolve(DID, RESULT)
    assert response.json()["didResolutionMetadata"]["contentType"] in response.headers["Content-Type"]


def test_23_the_body_has_the_document(resolve: Resolve) -> None:
    assert isinstance(resolve(DID, RESULT).json()["didDocument"], dict)


def test_24_a_representation_is_the_document_alone(resolve: Resolve) -> None:
    for media_type in ("application/did+json", "application/did+ld+json"):
        body = resolve(DID, media_type).json()
        assert body["id"] == DID
        assert "didResolutionMetadata" not in body


def test_25_an_encoded_did_is_accepted(resolve: Resolve) -> None:
    successful(resolve(quote(DID, safe=""), RESULT).json())


@pytest.mark.parametrize("identifier", NOT_DIDS)
def test_26_and_27_invalid_did_is_400(resolve: Resolve, identifier: str) -> None:
    assert resolve(identifier, RESULT).status_code == 400


def test_28_method_not_supported_is_501(resolve: Resolve) -> None:
    assert resolve("did:unsupported:123456789abcdefghi", RESULT).status_code == 501


def test_29_representation_not_supported_is_406(resolve: Resolve) -> None:
    assert resolve(DID, "application/x-unsupported-did-representation-99999").status_code == 406
