"""Forms: what a browser sends is read; what an attacker sends costs little (SECURITY W-10, W-11)."""

from __future__ import annotations

import time
from email.message import Message

import pytest
from starlette.testclient import TestClient

from skillcred.web.faults import RequestError
from skillcred.web.multipart import MAX_PARTS, parse_form

URL = "/v1/verifications"


def header(boundary: str = "B") -> Message:
    message = Message()
    message["content-type"] = f"multipart/form-data; boundary={boundary}"
    return message


def part(name: str, content: bytes = b"{}", more: bytes = b"") -> bytes:
    disposition = f'Content-Disposition: form-data; name="{name}"; filename="x.json"\r\n'.encode()
    return b"--B\r\n" + disposition + more + b"\r\n" + content + b"\r\n"


END = b"--B--\r\n"


def test_parts_are_read_as_bytes() -> None:
    body = part("file", b'{"a":"\xc3\xa9"}') + part("text", b"") + END
    assert parse_form(body, header(), fields={"file", "text"}) == {"file": b'{"a":"\xc3\xa9"}', "text": b""}


def test_content_may_hold_what_looks_like_a_boundary() -> None:
    content = b"--B-not\r\n--BB\r\nx"
    assert parse_form(part("file", content) + END, header(), fields={"file"}) == {"file": content}


REFUSED = [
    pytest.param(b"", "malformed_multipart", id="empty"),
    pytest.param(b"nonsense", "malformed_multipart", id="no-boundary-in-body"),
    pytest.param(part("file"), "malformed_multipart", id="W-10-never-ends"),
    pytest.param(part("file")[:40], "malformed_multipart", id="W-10-header-never-ends"),
    pytest.param(part("file", more=b"X-Long: " + b"x" * 1_000_000 + b"\r\n") + END, "malformed_multipart",
                 id="W-10-endless-header"),
    pytest.param(part("file", more=b"X: y\r\n" * 1000) + END, "malformed_multipart", id="W-10-many-headers"),
    pytest.param(part("other") * 10_000 + END, "unknown_part", id="W-10-many-parts"),
    pytest.param(part("file") * (MAX_PARTS + 2) + END, "repeated_part", id="W-10-many-files"),
    pytest.param(part("file") + part("tenant_id") + END, "unknown_part", id="W-21-extra-part"),
    pytest.param(part("file") + part("file") + END, "repeated_part", id="twice"),
    pytest.param(b"--B\r\n\r\n{}\r\n" + END, "unknown_part", id="part-without-name"),
    pytest.param(b"--B\r\nContent-Disposition: attachment; name=file\r\n\r\n{}\r\n" + END, "unknown_part",
                 id="not-form-data"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "code"), REFUSED)
def test_W_10_other_forms_are_refused_quickly(body: bytes, code: str) -> None:
    started = time.process_time()
    with pytest.raises(RequestError) as refusal:
        parse_form(body, header(), fields={"file"})
    assert refusal.value.code == code
    assert time.process_time() - started < 10


@pytest.mark.parametrize(
    "boundary", ["", "x" * 71, "x" * 10_000, "\u00e9"], ids=["none", "71", "W-10-10KB", "é"]
)
def test_W_10_boundary_is_bounded(boundary: str) -> None:
    with pytest.raises(RequestError):
        parse_form(part("file") + END, header(boundary), fields={"file"})


@pytest.mark.parametrize(("body", "code"), REFUSED)
def test_W_10_over_http(client: TestClient, body: bytes, code: str) -> None:
    for url in (URL, "/verify"):
        response = client.post(url, content=body, headers={"Content-Type": "multipart/form-data; boundary=B"})
        assert response.status_code == 400
    assert code


@pytest.mark.parametrize("charset", ["zlib_codec", "rot13", "utf-7", "unicode_escape", "\xff"])
def test_W_10_charset_of_a_form_is_not_a_python_codec(client: TestClient, charset: str) -> None:
    response = client.post(
        URL,
        content=part("file") + END,
        headers={"Content-Type": f"multipart/form-data; boundary=B; charset={charset}".encode("latin-1")},
    )
    assert response.status_code == 415
