"""What holds for every route: headers, framing of requests, paths, closed bodies, logs."""

from __future__ import annotations

import asyncio
import io
import json
import string
from ipaddress import ip_address, ip_network

import pytest
from starlette.testclient import TestClient
from starlette.types import Message

from skillcred.web.app import create_app
from skillcred.web.client_address import UNKNOWN_CALLER, caller_key, find_client_address
from skillcred.web.logs import MAX_VALUE_CHARACTERS, build_log, describe_fault
from skillcred.web.middleware.body_limit import BodyLimitMiddleware
from skillcred.web.middleware.security_headers import PUBLIC_ARTEFACT_HEADERS
from worlds.application import example_claims, open_application

PUBLIC = (
    "/.well-known/did.json",
    "/issuers/welding-school/did.json",
    "/v1/schemas/profiles/training-v1.json",
    "/v1/contexts/skill-v1.jsonld",
    "/v1/types/training-v1",
)
PAGES = ("/", "/verify", "/registry")
OTHERS = (
    "/healthz",
    "/readyz",
    "/openapi.json",
    "/v1/registry/bodies",
    "/v1/registry/accreditations",
    "/v1/keys",
    "/v1/nothing",
    "/nothing",
    "/static/style.css",
    "/static/nothing",
)


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "DELETE"])
@pytest.mark.parametrize("path", PUBLIC + PAGES + OTHERS)
def test_W_28_headers_on_every_route(client: TestClient, path: str, method: str) -> None:
    headers = client.request(method, path).headers
    policy = {part.split()[0]: part.split()[1:] for part in headers["Content-Security-Policy"].split(";")}
    assert policy["default-src"] == ["'none'"]
    assert policy["frame-ancestors"] == ["'none'"]
    assert policy["base-uri"] == ["'none'"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "http" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "X-Request-Id" in headers
    assert not {"server", "x-powered-by", "set-cookie", "access-control-allow-credentials"} & set(headers)


@pytest.mark.parametrize("path", PUBLIC + PAGES + OTHERS)
def test_W_28_only_public_artefacts_are_open_to_other_origins(client: TestClient, path: str) -> None:
    headers = client.get(path, headers={"Origin": "https://evil.example"}).headers
    assert headers.get("Access-Control-Allow-Origin") == ("*" if path in PUBLIC else None)
    expected = PUBLIC_ARTEFACT_HEADERS["Cross-Origin-Resource-Policy"] if path in PUBLIC else "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == expected


@pytest.mark.parametrize("path", PUBLIC + PAGES + OTHERS)
def test_W_24_only_public_artefacts_are_cached(client: TestClient, path: str) -> None:
    cacheable = path in PUBLIC or path == "/static/style.css"
    assert client.get(path).headers["Cache-Control"].startswith("public" if cacheable else "no-store")


def test_W_24_credentials_are_not_cached_under_other_names(client: TestClient, served) -> None:
    stored = served.registry.issue("cache")
    headers = served.bearer("provider")
    own = stored.credential_id.partition("8000")[2]
    assert client.get(own, headers=headers).headers["Cache-Control"] == "no-store"
    for path in (own + "/x.css", own + ".css", own + "/", own + "%2fx.css", own + ";x.css"):
        assert client.get(path, headers=headers).status_code == 404


def test_W_28_https_means_hsts(tmp_path) -> None:
    application = open_application(tmp_path, base_url="https://skills.example")
    with TestClient(create_app(application, log_stream=io.StringIO())) as client:
        assert "max-age" in client.get("/healthz").headers["Strict-Transport-Security"]


def test_no_hsts_without_https(client: TestClient) -> None:
    assert "Strict-Transport-Security" not in client.get("/healthz").headers


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/metrics", "/.git/HEAD", "/.env", "/admin", "/debug"])
def test_W_32_nothing_else_is_there(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", PUBLIC + PAGES)
def test_head_is_answered_like_get(client: TestClient, path: str) -> None:
    got, head = client.get(path), client.head(path)
    assert (head.status_code, head.content) == (got.status_code, b"")
    assert head.headers["Content-Type"] == got.headers["Content-Type"]


def test_schema_is_not_sent_twice(client: TestClient) -> None:
    first = client.get(PUBLIC[2])
    again = client.get(PUBLIC[2], headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


TRAVERSALS = ["..%2f..%2fpyproject.toml", "%2e%2e/pyproject.toml", "%00", "..;/x", "....//x", "%252e%252e%252fx",
              "..%5c..%5cx", "codes/eqf.json", "examples/training.json", "contexts/../../pyproject.toml"]  # fmt: skip


@pytest.mark.parametrize("tail", TRAVERSALS)
@pytest.mark.parametrize(
    "base", ["/v1/schemas/", "/v1/contexts/", "/v1/types/", "/issuers/", "/static/", "/v1/registry/bodies/"]
)
def test_W_12_paths_name_nothing_but_what_is_there(client: TestClient, base: str, tail: str) -> None:
    response = client.get(base + tail + ("/did.json" if base == "/issuers/" else ""))
    assert response.status_code == 404
    assert "[project]" not in response.text


def test_W_12_no_file_is_opened_for_a_path(served, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def refuse(file: object, *_: object, **__: object) -> None:
        opened.append(str(file))

    monkeypatch.setattr("builtins.open", refuse)
    monkeypatch.setattr("io.open", refuse)
    assert served.client.get("/v1/schemas/profiles/training-v1.json").status_code == 200
    assert served.client.get("/v1/schemas/..%2f..%2fetc%2fpasswd").status_code == 404
    assert served.client.get("/static/style.css").status_code == 200
    assert opened == []


INJECTIONS = [
    "' OR 1=1 --",
    "%",
    "_",
    "did:web:x' UNION SELECT 1--",
    "\x00",
    "did:web:" + "x" * 1900,
    "💥",
    "\u202e",
]


@pytest.mark.parametrize("value", INJECTIONS)
def test_W_22_filters_take_text_as_text(client: TestClient, value: str) -> None:
    for name in ("provider", "body"):
        response = client.get("/v1/registry/accreditations", params={name: value})
        if value == "\x00":  # no database stores it as text
            assert (response.status_code, response.json()["code"]) == (422, "text_not_storable")
        else:
            assert (response.status_code, response.json()) == (200, [])


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:8000@evil.example", "", "[::1", "x" * 5000])
def test_W_23_addresses_come_from_the_settings(client: TestClient, served, host: str) -> None:
    headers = {
        **served.bearer("provider"),
        "Host": host,
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "gopher",
        "Forwarded": "host=evil.example",
        "Idempotency-Key": f"host-{len(host)}-{host[:5]}".strip("[ "),
    }
    body = {"profile": "training", "credential": example_claims()}
    response = client.post("/v1/credentials", json=body, headers=headers)
    assert response.status_code == 201
    assert response.json()["id"].startswith("http://127.0.0.1:8000/")
    assert response.headers["Location"].startswith("/v1/credentials/")
    assert "evil" not in response.text


WRITES = {
    "/v1/registry/bodies": {"did": "did:web:x.example", "name": "X", "country": "PH"},
    "/v1/organisations": {"kind": "provider", "slug": "x", "name": "X", "country": "PH"},
    "/v1/credentials": {"profile": "training", "credential": {}},
    "/v1/keys": {},
    "/v1/keys/rotate": {},
    "/v1/api-keys": {"role": "issuer", "label": "x"},
    "/v1/registry/accreditations": {"provider_did": "did:web:x.example", "provider_name": "X",
                                    "scope": {"profiles": ["training"]}, "valid_from": "2026-01-01T00:00:00Z"},
    "/v1/registry/accreditations/x/events": {"kind": "ended", "effective_at": "2026-01-01T00:00:00Z", "reason": "x"},
}  # fmt: skip
EXTRAS = ("tenant_id", "status", "issuer", "id", "is_admin", "organisation", "__class__", "sort")


@pytest.mark.parametrize("extra", EXTRAS)
@pytest.mark.parametrize("path", WRITES)
def test_W_21_bodies_are_closed(client: TestClient, served, path: str, extra: str) -> None:
    headers = {**served.bearer("operator"), "Idempotency-Key": "x"}
    response = client.post(path, json=WRITES[path] | {extra: "x"}, headers=headers)
    assert response.status_code == 422
    assert {
        "code": "member_not_allowed",
        "message": "This member is not known here.",
        "pointer": f"/{extra}",
    } in (response.json()["problems"])


def test_W_21_nested_members_are_closed(client: TestClient, served) -> None:
    body = WRITES["/v1/registry/accreditations"] | {"scope": {"profiles": ["training"], "everything": True}}
    headers = {**served.bearer("body"), "Idempotency-Key": "x"}
    response = client.post("/v1/registry/accreditations", json=body, headers=headers)
    assert response.json()["problems"][0]["pointer"] == "/scope/everything"


@pytest.mark.parametrize("path", WRITES)
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "json_syntax"),
        (b"[]", "not_an_object"),
        (b'{"a":1,"a":2}', "duplicate_member"),
        (b'{"a":NaN}', "number_out_of_range"),
        (b'{"a":1e999}', "number_out_of_range"),
        (rb'{"a":"\ud800"}', "lone_surrogate"),
        (b"\xff", "not_utf8"),
        (b"[" * 100_000, "too_deep"),
        (b" " * (1024 * 1024 + 1), "too_large"),
    ],
)
def test_bodies_go_through_the_strict_parser(
    client: TestClient, served, path: str, content: bytes, code: str
) -> None:
    headers = {**served.bearer("operator"), "Idempotency-Key": "x", "Content-Type": "application/json"}
    response = client.post(path, content=content, headers=headers)
    assert (response.status_code in (400, 413), response.json()["code"]) == (True, code)


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
@pytest.mark.parametrize("path", WRITES)
def test_W_15_simple_requests_of_other_sites_are_refused(
    client, served, path: str, content_type: str
) -> None:
    headers = {**served.bearer("operator"), "Idempotency-Key": "x", "Content-Type": content_type}
    assert client.post(path, content=json.dumps(WRITES[path]), headers=headers).status_code == 415


@pytest.mark.parametrize("key", [None, "", " ", "a b", "x" * 256, "caf\u00e9", "a\tb"])
@pytest.mark.parametrize("path", ["/v1/credentials", "/v1/registry/accreditations"])
def test_idempotency_key_is_required_and_printable(
    client: TestClient, served, path: str, key: str | None
) -> None:
    headers: dict = {**served.bearer("provider")}
    if key is not None:
        headers["Idempotency-Key"] = key.encode("latin-1")
    response = client.post(path, json=WRITES[path], headers=headers)
    assert response.status_code == 422
    assert response.json()["problems"][0]["pointer"] == "/header/Idempotency-Key"


def test_issuing_again_gives_the_same_bytes(client: TestClient, served) -> None:
    claims = example_claims()
    body = {"profile": "training", "credential": claims}
    headers = {**served.bearer("provider"), "Idempotency-Key": "again"}
    first = client.post("/v1/credentials", json=body, headers=headers)
    again = client.post("/v1/credentials", json=body, headers=headers)
    assert (first.status_code, again.status_code, first.content) == (201, 201, again.content)
    assert first.headers["Content-Type"] == "application/vc"
    changed = client.post(
        "/v1/credentials", json=body | {"securing_mechanism": "eddsa-jcs-2022"}, headers=headers
    )
    assert changed.status_code == 409
    got = client.get(first.headers["Location"], headers=served.bearer("provider"))
    assert got.content == first.content
    assert client.get(first.headers["Location"], headers=served.bearer("stranger")).status_code == 404


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", "application/vc"),
        ("*/*", "application/vc"),
        ("application/json", "application/json"),
        ("application/vc;q=0.5, application/json", "application/json"),
        ("application/*;q=0.1, application/json;q=0", "application/vc"),
        ("text/html", None),
        ("application/vc;q=0", None),
        ("application/json;q=nonsense", None),
        (";;;,,,", None),
    ],
)
def test_accept(client: TestClient, served, accept: str, expected: str | None) -> None:
    location = served.registry.issue("accept").credential_id
    response = client.get(location, headers={**served.bearer("provider"), "Accept": accept})
    if expected is None:
        assert response.status_code == 406
    else:
        assert (response.status_code, response.headers["Content-Type"]) == (200, expected)


# Framing: the middleware is called as a server would call it.


def call(
    middleware_headers: list[tuple[bytes, bytes]], messages: list[Message], **limits: float
) -> list[str]:
    """The codes of what a body-reading application saw: `ok` or the code of the refusal."""
    read = 0

    async def app(scope, receive, send) -> None:
        while True:
            message = await receive()
            if not message.get("more_body"):
                return

    async def receive() -> Message:
        nonlocal read
        read += 1
        if read > len(messages):
            await asyncio.sleep(3600)
        return messages[read - 1]

    async def run() -> str:
        scope = {"type": "http", "headers": middleware_headers}
        try:
            await BodyLimitMiddleware(app, **limits)(scope, receive, None)  # type: ignore[arg-type]
        except Exception as error:
            return getattr(error, "code", type(error).__name__)
        return "ok"

    return [asyncio.run(run()), str(read)]


def chunk(size: int, more: bool = True) -> Message:
    return {"type": "http.request", "body": b"x" * size, "more_body": more}


@pytest.mark.parametrize(
    ("headers", "messages", "expected"),
    [
        pytest.param([], [chunk(10, False)], ["ok", "1"], id="small"),
        pytest.param([(b"content-length", b"101")], [chunk(101, False)], ["too_large", "0"], id="P-06-announced"),
        pytest.param([], [chunk(60)] * 1000, ["too_large", "2"], id="P-06-chunked-without-end"),
        pytest.param([(b"content-length", b"5")], [chunk(60)] * 9, ["too_large", "2"], id="P-06-lying-length"),
        pytest.param([(b"content-length", b"-1")], [chunk(1, False)], ["invalid_length", "0"], id="W-10-negative"),
        pytest.param([(b"content-length", b"1e2")], [chunk(1, False)], ["invalid_length", "0"], id="W-35-odd"),
        pytest.param([(b"content-length", "٣".encode())], [chunk(1, False)], ["invalid_length", "0"], id="W-35-digit"),
        pytest.param([(b"content-length", b"1"), (b"content-length", b"2")], [], ["ambiguous_length", "0"],
                     id="W-35-two-lengths"),
        pytest.param([(b"content-length", b"1"), (b"transfer-encoding", b"chunked")], [], ["ambiguous_length", "0"],
                     id="W-35-CL-and-TE"),
        pytest.param([(b"x", b"y")] * 101, [], ["too_many_headers", "0"], id="W-35-headers"),
        pytest.param([], [chunk(1)], ["request_timeout", "2"], id="W-10-slowloris"),
    ],
)  # fmt: skip
def test_framing(headers, messages: list[Message], expected: list[str]) -> None:
    assert call(headers, messages, max_bytes=100, seconds=0.05) == expected


# Whose request it is.

TRUSTED = ["10.0.0.0/8", "fd00::/8"]


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("fd00::1", "2001:db8::5", "2001:db8::5"),
        ("::ffff:203.0.113.9", "", "203.0.113.9"),
        ("testclient", "198.51.100.1", None),
        (None, "", None),
    ],
)
def test_W_19_forwarding_is_believed_from_our_proxies_only(
    peer, forwarded: str, expected: str | None
) -> None:
    found = find_client_address(peer, forwarded, [ip_network(network) for network in TRUSTED])
    assert (None if found is None else str(found)) == expected


def test_W_19_one_ipv6_network_is_one_caller() -> None:
    salt = b"s" * 32
    one, same, other = (
        caller_key(ip_address(a), salt) for a in ("2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:1::1")
    )
    assert one == same != other
    assert "2001" not in one
    assert caller_key(None, salt) == UNKNOWN_CALLER


def test_W_19_limit_holds_for_route_and_page_together(tmp_path) -> None:
    application = open_application(tmp_path, verifications_per_minute=3)
    with TestClient(create_app(application, log_stream=io.StringIO())) as client:
        answers = [
            client.post("/v1/verifications", json={}),
            client.post("/verify", files={"file": b"{}"}),
            client.post("/v1/verifications", json={}, headers={"X-Forwarded-For": "198.51.100.77"}),
            client.post("/v1/verifications", json={}, headers={"X-Forwarded-For": "198.51.100.78"}),
            client.post("/verify", files={"file": b"{}"}),
        ]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
        assert answers[3].json()["code"] == "rate_limited"
        assert 1 <= int(answers[3].headers["Retry-After"]) <= 60
        assert "wait a minute" in answers[4].text
        assert client.get("/verify").status_code == 200


# Logs.


def test_W_29_log_lines_stay_one_line_of_ascii() -> None:
    stream = io.StringIO()
    evil = 'a"}\r\n{"event":"forged"}\x1b[31m\u2028\u0085\x7f\x9b\x00' + "x" * 1_000_000
    build_log(stream)("request", route=evil, frames=[evil], nothing=None)
    lines = stream.getvalue().splitlines()
    assert len(lines) == 1
    assert set(lines[0]) <= set(string.printable[:95])
    fields = json.loads(lines[0])
    assert "nothing" not in fields
    assert len(fields["route"]) == MAX_VALUE_CHARACTERS


def test_W_29_logs_hold_nothing_personal(served) -> None:
    before = len(served.log_lines())
    served.client.post(
        "/v1/verifications?at=2026-06-01T00:00:00Z&name=Maria",
        content=b'{"name":"Maria"}',
        headers={
            "Content-Type": "application/json",
            "User-Agent": "Maria\x1b[31m" + "u" * 1000,
            "X-Request-Id": "Maria",
            "X-Forwarded-For": "198.51.100.7",
            "Authorization": "Bearer sk_Maria",
        },
    )
    served.client.get("/v1/credentials/Maria", headers=served.bearer("provider"))
    lines = served.log_lines()[before:]
    assert [line["route"] for line in lines] == ["/v1/verifications", "/v1/credentials/{credential_id}"]
    assert lines[1]["organisation_id"] == served.registry.provider.organisation.id
    for line in lines:
        text = json.dumps(line)
        assert not [
            word for word in ("Maria", "198.51", "testclient", "2026-06-01T00", "secret") if word in text
        ]


@pytest.mark.parametrize("environment", [{}, {"FASTAPI_OTEL_AUTO_CONFIGURE": "true"}])
def test_PR_11_collectors_of_traces_and_logs_are_told_nothing(
    tmp_path, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    asked: list[str] = []

    class Provider:
        def __getattr__(self, name: str) -> object:
            asked.append(name)
            raise AssertionError(f"{name} was asked for")

    for name in ("trace.get_tracer_provider", "metrics.get_meter_provider", "_logs.get_logger_provider"):
        monkeypatch.setattr(f"opentelemetry.{name}", Provider)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    application = open_application(tmp_path)
    with TestClient(create_app(application, log_stream=io.StringIO())) as client:
        for path in ("/v1/verifications", "/v1/verifications?at=Maria"):
            client.post(path, content=b'{"name":"Maria"}', headers={"Content-Type": "application/json"})
        client.get("/v1/credentials/Maria")
    assert asked == []


def test_described_fault_says_where_and_not_what() -> None:
    try:
        int("canary")
    except ValueError as error:
        described = describe_fault(error)
    assert described["fault"] == "ValueError"
    assert "canary" not in json.dumps(described)
