"""Badges with a credential baked into their picture, over HTTP and on the page (SECURITY W-03, W-05, W-09)."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import pytest

from skillcred.encoding.png import SIGNATURE
from skillcred.model.baked_badges import bake_credential

URL = "/v1/verifications"
PICTURE_SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><image href="http://127.0.0.1/x"/></svg>'
TYPES = ("image/png", "image/svg+xml")


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I4s", len(data), kind) + data + struct.pack(">I", zlib.crc32(kind + data))


def picture(media_type: str) -> bytes:
    if media_type == "image/svg+xml":
        return PICTURE_SVG
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return SIGNATURE + header + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


@pytest.fixture(params=TYPES)
def media_type(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def badge(credential: bytes, media_type: str) -> bytes:
    return bake_credential(credential, picture(media_type))


def codes(report: dict[str, Any]) -> list[str]:
    return [warning["code"] for warning in report["warnings"]]


def test_a_badge_is_valid_and_says_that_the_picture_was_not_checked(
    served, badge: bytes, media_type: str, credential: bytes
) -> None:
    response = served.client.post(URL, content=badge, headers={"Content-Type": media_type})
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    report = response.json()
    assert (report["verdict"], codes(report)) == ("valid", ["picture_not_checked"])
    alone = served.client.post(URL, content=credential, headers={"Content-Type": "application/vc"}).json()
    assert report["claims"] == alone["claims"]
    assert "alert(1)" not in response.text
    form = served.client.post(URL, files={"file": ("badge", badge)}).json()
    assert (form["verdict"], codes(form)) == ("valid", ["picture_not_checked"])


def test_a_tampered_credential_in_a_badge_is_invalid(
    served, credential: bytes, media_type: str, badge: bytes
) -> None:
    forged = bake_credential(
        credential.replace(b'"name": "', b'"name": "X', 1).replace(b'"name":"', b'"name":"X', 1),
        picture(media_type),
    )
    assert forged != badge
    report = served.client.post(URL, content=forged, headers={"Content-Type": media_type}).json()
    assert (report["verdict"], report["reason"]) == ("invalid", "signature_wrong")


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_page_takes_badges(served, badge: bytes, language: str) -> None:
    page = served.client.post(f"/verify?lang={language}", files={"file": ("badge.png.exe", badge)})
    assert page.status_code == 200
    told = {"en": "The picture was not checked, only the credential inside it.", "ar": "لم تُفحص الصورة"}
    assert told[language] in page.text
    assert "alert(1)" not in page.text
    assert ".png" in served.client.get("/verify").text


def test_a_picture_without_a_credential_is_told_apart(served, media_type: str) -> None:
    report = served.client.post(URL, content=picture(media_type), headers={"Content-Type": media_type}).json()
    assert (report["verdict"], report["reason"]) == ("invalid", "no_credential_in_image")
    assert "screenshot" in report["next_step"]
    page = served.client.post("/verify", files={"file": ("x", picture(media_type))})
    assert "The picture has no credential in it." in page.text


def test_the_type_must_not_lie(served, badge: bytes, media_type: str, credential: bytes) -> None:
    other = next(known for known in TYPES if known != media_type)
    for content, stated in (
        (badge, other),
        (badge, "application/vc+jwt"),
        (credential, media_type),
        (b" " + badge, media_type),
        (badge + b"PK\3\4", media_type),
    ):
        report = served.client.post(URL, content=content, headers={"Content-Type": stated}).json()
        assert (report["verdict"], report["reason"], report["claims"]) == ("invalid", "not_readable", None)
    assert served.client.post(URL, content=badge, headers={"Content-Type": "image/gif"}).status_code == 415
