"""POST /v1/verifications: one report for whatever is handed in, in each of the ways to hand it in."""

from __future__ import annotations

import json

import pytest
from starlette.testclient import TestClient

from skillcred.verification.report import REPORT_FORMAT

URL = "/v1/verifications"
MIB = 1024 * 1024


def verdict(response) -> tuple[int, str, str]:
    body = response.json()
    return response.status_code, body.get("verdict"), body.get("reason")


@pytest.mark.parametrize(
    "media_type",
    [
        "application/vc",
        "application/json",
        "application/ld+json",
        "application/json; charset=utf-8",
        'Application/VC;charset="UTF-8"',
    ],
)
def test_credential_is_the_body(client: TestClient, credential: bytes, media_type: str) -> None:
    response = client.post(URL, content=credential, headers={"Content-Type": media_type})
    assert verdict(response) == (200, "valid", "issuer_authorised")
    assert response.headers["Content-Type"] == "application/json"
    assert response.json()["format"] == REPORT_FORMAT
    assert response.headers["Cache-Control"] == "no-store"


def test_credential_is_uploaded(client: TestClient, credential: bytes) -> None:
    assert verdict(client.post(URL, files={"file": ("diploma.json", credential)})) == (
        200,
        "valid",
        "issuer_authorised",
    )


def test_instant_of_evaluation_can_be_chosen(client: TestClient, credential: bytes) -> None:
    response = client.post(
        URL,
        params={"at": "2019-06-01T12:00:00+02:00"},
        content=credential,
        headers={"Content-Type": "application/vc"},
    )
    assert response.json()["evaluated_at"] == "2019-06-01T10:00:00Z"
    assert response.json()["verdict"] != "valid"


@pytest.mark.parametrize("at", ["yesterday", "2026-06-01", "2026-06-01T12:00:00", "9" * 65, "\u0000", ""])
def test_instant_that_is_none_is_refused(client: TestClient, credential: bytes, at: str) -> None:
    response = client.post(
        URL, params={"at": at}, content=credential, headers={"Content-Type": "application/vc"}
    )
    assert response.status_code == 422


def test_changed_credential_is_invalid(client: TestClient, credential: bytes) -> None:
    document = json.loads(credential)
    document["name"] = "Something better"
    response = client.post(URL, content=json.dumps(document), headers={"Content-Type": "application/vc"})
    assert verdict(response) == (200, "invalid", "signature_wrong")
    assert response.json()["claims"] is None


def test_unaccredited_issuer_leaves_it_open(client: TestClient, served) -> None:
    stored = served.registry.issue("unaccredited", actor=served.registry.stranger)
    response = client.post(URL, content=stored.content, headers={"Content-Type": "application/vc"})
    assert verdict(response) == (200, "indeterminate", "issuer_not_recognised")


HOSTILE = [
    pytest.param(b"", id="empty"),
    pytest.param(b"[" * 33 + b"]" * 33, id="P-05-depth-33"),
    pytest.param(b"[" * 100_000, id="P-05-open-arrays"),
    pytest.param(b'[{"a":' * 50_000, id="P-05-open-arrays-and-objects"),
    pytest.param(b'{"a":' * 100_000, id="P-05-open-objects"),
    pytest.param(json.dumps({str(n): n for n in range(10_000)}).encode(), id="P-06-10000-members"),
    pytest.param(json.dumps({"k" * 1_000_000: 1}).encode(), id="P-06-endless-name"),
    pytest.param(rb'{"a":"\ud800"}', id="P-07-lone-surrogate"),
    pytest.param(rb'{"\udc00\ud83d":1}', id="P-07-swapped-surrogates"),
    pytest.param(b'{"a":"\xed\xa0\x80"}', id="P-07-cesu-surrogate"),
    pytest.param(b'{"a":"\xc0\xaf"}', id="P-07-overlong"),
    pytest.param(b'{"a":"\xe2\x82', id="P-07-truncated"),
    pytest.param(b"\xef\xbb\xbf{}", id="P-08-byte-order-mark"),
    pytest.param('{"a":1}'.encode("utf-16-le"), id="P-08-utf-16-le"),
    pytest.param('{"a":1}'.encode("utf-16"), id="P-08-utf-16-with-mark"),
    pytest.param(rb'{"name":"\u0000\b\u007f\u0085\u2028"}', id="P-09-controls"),
    pytest.param(b"{}x", id="P-10-trailing-text"),
    pytest.param(b"{} {}", id="P-10-two-values"),
    pytest.param(b"{}\0", id="P-10-trailing-nul"),
    pytest.param(b"{/* c */}", id="P-10-comment"),
    pytest.param(b"{'a':1}", id="P-10-single-quotes"),
    pytest.param(b'{"a":1,}', id="P-10-trailing-comma"),
    pytest.param(b'{"__proto__":{"x":1},"constructor":1,"__class__":1,"toString":1}', id="P-11-odd-names"),
    pytest.param(b'{"issuer":"did:web:good","iss\\u0075er":"did:web:evil"}', id="P-01-duplicate"),
    pytest.param(b'{"a":NaN,"b":1e999,"c":-Infinity}', id="P-03-numbers"),
    pytest.param(b'{"a":' + b"9" * 5000 + b"}", id="P-03-long-number"),
    pytest.param(b"%PDF-1.7\n{}", id="W-09-pdf"),
    pytest.param(b"\x89PNG\r\n\x1a\n{}", id="W-09-png"),
    pytest.param(b"PK\x03\x04{}", id="W-09-zip"),
    pytest.param(b"<!doctype html>" + b" " * 900 + b"%PDF-1.7 {}", id="W-09-html-with-pdf"),
    pytest.param(b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', id="W-03-svg"),
    pytest.param(b"null", id="not-an-object"),
    pytest.param(b'"' * 500_000, id="quotes"),
]


@pytest.mark.parametrize("way", ["body", "upload", "page"])
@pytest.mark.parametrize("content", HOSTILE)
def test_I11_hostile_documents_are_judged_not_feared(client: TestClient, content: bytes, way: str) -> None:
    if way == "body":
        response = client.post(URL, content=content, headers={"Content-Type": "application/json"})
    else:
        response = client.post(
            URL if way == "upload" else "/verify", files={"file": ("x.json", content, "application/json")}
        )
    if way == "page":
        assert response.status_code == (422 if content == b"" else 200)
        assert "is valid" not in response.text
    else:
        assert verdict(response)[:2] == (200, "invalid")
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_T02_the_page_tells_about_another_date(client: TestClient, credential: bytes) -> None:
    """The demo body accredited the school from 2020 on."""
    files = {"file": ("x.json", credential, "application/json")}
    page = client.post("/verify", files=files, data={"asked": "2019-06-30"})
    assert page.status_code == 200
    assert "On the date asked for" in page.text
    assert "30 June 2019" in page.text
    assert "On the date asked for" not in client.post("/verify", files=files, data={"asked": " "}).text
    for wrong in ("30.06.2019", "2019-02-30", "2019-6-3", "0000-01-01", "x" * 5000):
        page = client.post("/verify", files=files, data={"asked": wrong})
        assert page.status_code == 422
        assert "Write the date as year-month-day" in page.text


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "text/html",
        "application/x-www-form-urlencoded",
        "application/json; charset=latin-1",
        "application/json; charset=utf-16",
        "application/json, text/plain",
        "application/json" + ";x=y" * 1000,
        "image/gif",
        "application/pdf",
        "multipart/mixed; boundary=x",
        "\x00",
    ],
)
def test_W_15_other_media_types_are_refused(
    client: TestClient, credential: bytes, content_type: str | None
) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}
    response = client.post(URL, content=credential, headers=headers)
    assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("size", "status"),
    [(MIB, 200), (MIB + 1, 413), (32 * MIB, 413)],
    ids=["P-06-at", "P-06-above", "P-06-32"],
)
def test_P_06_size(client: TestClient, size: int, status: int) -> None:
    content = b'{"a":"' + b"x" * (size - 8) + b'"}'
    response = client.post(URL, content=content, headers={"Content-Type": "application/json"})
    assert response.status_code == status


@pytest.mark.parametrize(
    "name",
    [
        "../../keys/root.pem",
        "/etc/passwd",
        "C:\\x.json",
        "CON",
        "a\u202enosj.exe",
        "x" * 4096,
        "a%00.json",
        "<img src=x onerror=alert(1)>.json",
        "x.json.exe",
    ],
)
def test_W_11_file_names_are_ignored(client: TestClient, served, credential: bytes, name: str) -> None:
    for url in (URL, "/verify"):
        response = client.post(url, files={"file": (name, credential)})
        assert response.status_code == 200
        assert name not in response.text
    assert "passwd" not in served.log.getvalue()


def test_a_third_date_is_told_and_changes_no_verdict(client: TestClient, credential: bytes) -> None:
    """Before the accreditation began, nobody was authorised; the verdict is that of today."""
    answer = client.post(
        URL,
        params={"asked_at": "1999-03-03T12:00:00Z"},
        content=credential,
        headers={"Content-Type": "application/vc"},
    ).json()
    assert (answer["verdict"], answer["reason"]) == ("valid", "issuer_authorised")
    details = answer["steps"][-1]["details"]
    assert [details[name]["answer"] for name in ("award", "now", "asked")] == [
        "authorised",
        "authorised",
        "not_authorised",
    ]
    assert details["asked"]["reasons"] == ["accredited_later"]


def test_a_third_date_that_is_none_is_refused(client: TestClient, credential: bytes) -> None:
    answer = client.post(
        URL, params={"asked_at": "3 March"}, content=credential, headers={"Content-Type": "application/vc"}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_datetime")
