"""Status lists over HTTP: for anybody, cacheable, in the type that was asked for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from skillcred.encoding.base64url import decode_base64url

TOKEN_TYPE = "application/statuslist+jwt"


@pytest.fixture
def lists(credential: bytes) -> str:
    """The path of the lists of an issuer, without the view."""
    uri: str = json.loads(credential)["credentialStatus"][0]["statusListCredential"]
    return uri.removeprefix("http://127.0.0.1:8000").rpartition("/")[0]


def test_a_token_as_the_specification_wants_it(client: Any, lists: str) -> None:
    response = client.get(f"{lists}/token", headers={"Accept": TOKEN_TYPE})
    assert response.status_code == 200
    assert response.headers["content-type"] == TOKEN_TYPE
    assert response.headers["access-control-allow-origin"] == "*"
    assert response.headers["cache-control"] == "public, max-age=60"
    assert "set-cookie" not in response.headers
    again = client.get(f"{lists}/token", headers={"If-None-Match": response.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_each_view_has_its_media_types(client: Any, lists: str) -> None:
    for view, accept, expected in (
        ("token", "*/*", TOKEN_TYPE),
        ("token", "", TOKEN_TYPE),
        ("token", "application/vc", 406),
        ("revocation-dates", "application/*", TOKEN_TYPE),
        ("revocation", "*/*", "application/vc"),
        ("suspension", "application/json", "application/json"),
        ("revocation", TOKEN_TYPE, 406),
    ):
        response = client.get(f"{lists}/{view}", headers={"Accept": accept})
        found = response.headers["content-type"] if response.status_code == 200 else response.status_code
        assert found == expected, (view, accept)


def test_the_list_of_a_time_in_the_past(client: Any, lists: str) -> None:
    """Token Status List, historical resolution; SECURITY S-14: today's list does not stand for another."""
    now = client.get(f"{lists}/token")
    payload = now.text.split(".")[1]
    made = json.loads(decode_base64url(payload))["iat"]
    assert client.get(f"{lists}/token?time={made}").content == now.content
    for wrong in (0, made - 24 * 3600, made + 25 * 3600, 253_402_300_799):
        response = client.get(f"{lists}/token?time={wrong}")
        assert (response.status_code, response.json()["code"]) == (404, "status_list_not_kept"), wrong
    for malformed in ("-1", "x", "1.5", str(10**30)):
        assert client.get(f"{lists}/token?time={malformed}").status_code == 422


@pytest.mark.parametrize("path", ["/other", "/", "/token/1", "/Token"])
def test_what_is_no_view(client: Any, lists: str, path: str) -> None:
    assert client.get(lists + path).status_code == 404
