"""Metrics: for whom the operator names, without personal data (SECURITY PR-11, W-32)."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from skillcred.adapters import metrics as module
from skillcred.adapters.metrics import ProcessMetrics
from skillcred.web.app import create_app
from worlds.application import DemoRegistry, build_demo_registry

LINE = re.compile(
    r'[a-z_]+\{(?:[a-z]+="(?:[^"\\\n]|\\[\\"n])*",?)+\} [0-9.]+'
    r"|# (?:HELP [a-z_]+ .+|TYPE [a-z_]+ (?:counter|histogram))"
)


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoRegistry]:
    folder: Path = tmp_path_factory.mktemp("metrics")
    registry = build_demo_registry(folder, metrics_networks=["192.0.2.0/24", "2001:db8::/64"])
    yield registry
    registry.application.close()


def read(registry: DemoRegistry, address: str = "192.0.2.7", **headers: str) -> tuple[int, str]:
    app = create_app(registry.application, log_stream=io.StringIO())
    answer = TestClient(app, client=(address, 1)).get("/metrics", headers=headers)
    return answer.status_code, answer.text


def value_of(text: str, name: str, **labels: str) -> float:
    """The sum of the series of `name` that have these labels."""
    shown = [f'{label}="{value}"' for label, value in labels.items()]
    lines = [line for line in text.splitlines() if line.startswith(name + "{")]
    return sum(float(line.rpartition(" ")[2]) for line in lines if all(part in line for part in shown))


def test_only_for_networks_that_are_named_and_not_through_a_proxy(registry: DemoRegistry) -> None:
    assert read(registry)[0] == 200
    assert read(registry, "2001:db8::9")[0] == 200
    for address in ("192.0.3.7", "127.0.0.1", "2001:db8:0:1::9", "testclient"):
        assert read(registry, address)[0] == 404
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
        assert read(registry, **{header: "192.0.2.7"})[0] == 404


def test_reports_are_counted_by_verdict_and_road(registry: DemoRegistry) -> None:
    before = read(registry)[1]
    stored, broken = registry.issue("counted").content, b"{}"
    token = registry.issue("token", mechanism="vc+jwt")
    app = create_app(registry.application, log_stream=io.StringIO())
    client = TestClient(app)
    for content, media_type in (
        (stored, "application/vc"),
        (stored, "application/vc"),
        (stored, "application/vc"),
        (broken, "application/json"),
        (token.content, token.media_type),
    ):
        assert client.post(
            "/v1/verifications", content=content, headers={"Content-Type": media_type}
        ).is_success
    presentation = json.dumps({"type": ["VerifiablePresentation"]}).encode()
    client.post("/v1/verifications", content=presentation, headers={"Content-Type": "application/vp"})
    after = read(registry)[1]

    def more(name: str, **labels: str) -> float:
        return value_of(after, name, **labels) - value_of(before, name, **labels)

    name = "skillcred_verifications_total"
    assert more(name, subject="credential", verdict="valid", road="fast") == 3
    assert more(name, subject="credential", verdict="valid", road="none") == 1
    assert more(name, subject="credential", verdict="invalid", road="none") == 1
    assert more(name, subject="presentation") == 1
    assert more(name) == 6
    assert more("skillcred_http_requests_total", route="/v1/verifications", status="200", method="POST") == 6
    count = "skillcred_http_request_duration_seconds_count"
    assert more(count, route="/v1/verifications", method="POST") == 6
    bucket = "skillcred_http_request_duration_seconds_bucket"
    assert more(bucket, route="/v1/verifications", method="POST", le="+Inf") == 6


def test_the_format_is_as_prometheus_reads_it_and_names_nobody(registry: DemoRegistry) -> None:
    app = create_app(registry.application, log_stream=io.StringIO())
    client = TestClient(app, client=("192.0.2.7", 1))
    client.get("/v1/credentials/somebody-in-particular")
    client.get("/nothing%22%0a/Otieno")
    client.request("BREW", "/healthz")
    answer = client.get("/metrics")
    assert answer.headers["Content-Type"] == module.MEDIA_TYPE
    assert answer.text.endswith("\n")
    for line in answer.text.splitlines():
        assert LINE.fullmatch(line), line
    for secret in ("somebody", "Otieno", "192.0.2", "BREW", "welding"):
        assert secret not in answer.text
    assert value_of(answer.text, "skillcred_http_requests_total", route="unmatched", status="404") >= 1


def test_labels_are_escaped_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_SERIES", 3)
    metrics = ProcessMetrics()
    for number in range(10):
        metrics.count_request("GET", f'/"\\\n{number}', 200, 0.5)
    text = metrics.render()
    assert r'route="/\"\\\n0"' in text
    assert all(LINE.fullmatch(line) for line in text.splitlines())
    assert text.count("skillcred_http_requests_total{") == text.count("_count{") == 3


def test_buckets_are_cumulative() -> None:
    metrics = ProcessMetrics()
    for seconds in (0.0005, 0.001, 0.3, 99.0):
        metrics.count_request("GET", "/x", 200, seconds)
    name = "skillcred_http_request_duration_seconds"
    text = metrics.render()
    assert value_of(text, name + "_bucket", le="0.001") == 2
    assert value_of(text, name + "_bucket", le="0.5") == 3
    assert value_of(text, name + "_bucket", le="10.0") == 3
    assert value_of(text, name + "_bucket", le="+Inf") == value_of(text, name + "_count") == 4
    assert value_of(text, name + "_sum") == pytest.approx(99.3015)
