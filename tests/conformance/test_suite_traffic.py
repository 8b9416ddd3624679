"""The traffic that satisfied the W3C and CCG suites, replayed against our own VC-API.

Every exchange has to give the recorded status. Those that do not are named, with the reason, in
`suite_traffic_departures.json`; an exchange that departs without being listed fails, and so does one that is
listed and no longer departs.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from skillcred.model.datetimes import parse_instant
from skillcred.model.outcomes import EvidenceKind, EvidenceReference
from skillcred.verification import EvidenceItem
from skillcred.web.app import create_app
from worlds.application import open_in_memory_application
from worlds.in_memory import FixedClock

SUITES = {
    "vc-api-issuer-test-suite": 26,
    "vc-api-verifier-test-suite": 44,
    "vc-bitstring-status-list-test-suite": 11,
    "vc-data-model-2.0-test-suite": 132,
    "vc-di-bbs-test-suite": 66,
    "vc-di-ecdsa-test-suite": 107,
    "vc-di-eddsa-test-suite": 40,
}
"""Suite → exchanges that were recorded; 426 in all."""
TESTS = Path(__file__).parent / "suite_traffic_tests.json"
"""Suite → its tests in order: title, first and last exchange. For suites of which each test is a run of exchanges of
its own; in the others tests share them."""
DEPARTURES = Path(__file__).parent / "suite_traffic_departures.json"
KEY_SUFFIXES = {"ed": "", "p256": "", "p384": "-p384", "bls": ""}


BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
STATUS_SUITE = "vc-bitstring-status-list-test-suite"
"""The suite whose recorded issuer gives every credential a status."""


class RecordedList:
    """The status list that the recorded credentials name."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def fetch_evidence(self, reference: EvidenceReference, *, at: datetime) -> EvidenceItem:
        known = reference.id == json.loads(self.content)["id"]
        return EvidenceItem(
            reference,
            at,
            "recorded",
            self.content if known else None,
            unavailable=None if known else "not_found",
        )


class Replay:
    """One service whose clock is set to each exchange."""

    def __init__(self, status_list: bytes) -> None:
        self.clock = FixedClock()
        application = open_in_memory_application(
            clock=self.clock,
            foreign_sources={EvidenceKind.STATUS_LIST: RecordedList(status_list)},
            interop_enabled=True,
            verifications_per_minute=100_000,
        )
        app = create_app(application, log_stream=io.StringIO())
        self.client = TestClient(app, raise_server_exceptions=False)
        listed = self.client.get("/vc-api/issuers").json()["issuers"]
        self.issuers = {entry["endpoint"].split("/")[-3]: entry["id"] for entry in listed}

    def send(self, exchange: dict[str, Any], suite: str) -> Any:
        self.clock.instant = instant_of(exchange)
        endpoint, request = exchange["endpoint"], exchange["request"]
        if endpoint == "/credentials/issue":
            name = issuer_name(exchange["issuer_profile"]) + ("-status" if suite == STATUS_SUITE else "")
            if name not in self.issuers:
                return None
            request = with_issuer(request, self.issuers[name])
            endpoint = f"/{name}{endpoint}"
        return self.client.post(f"/vc-api{endpoint}", json=request)


def instant_of(exchange: dict[str, Any]) -> datetime:
    return parse_instant(exchange["at"])


def issuer_name(profile: dict[str, str]) -> str:
    if "securing" in profile:
        return profile["securing"].partition(" ")[0]
    return profile["cryptosuite"] + KEY_SUFFIXES[profile["key"]]


RECORDED_ISSUERS = (
    "did:key:z6MkvDqGT54cXesYGvABpF1UapVNwjCqRcafi4Px6Thv5T3Z",
    "did:key:zDnaeWJFoYSa53tr",
    "did:key:z82",
    "did:key:zUC7Ct68",
)
"""How the DIDs of the reference server begin."""


def with_issuer(request: Any, own: str) -> Any:
    """The request with our own DID where the reference server's stands as the issuer."""
    credential = request.get("credential")
    if not isinstance(credential, dict):
        return request
    issuer = credential.get("issuer")
    if isinstance(issuer, str) and issuer.startswith(RECORDED_ISSUERS):
        issuer = own
    elif isinstance(issuer, dict) and str(issuer.get("id")).startswith(RECORDED_ISSUERS):
        issuer = {**issuer, "id": own}
    else:
        return request
    return {**request, "credential": {**credential, "issuer": issuer}}


@pytest.fixture(scope="module")
def replay(shared_dir: Path) -> Replay:
    folder = shared_dir / "vectors" / "suite-traffic"
    return Replay((folder / "status-list-credential.json").read_bytes())


def load(shared_dir: Path, suite: str) -> list[dict[str, Any]]:
    file = shared_dir / "vectors" / "suite-traffic" / f"{suite}.json"
    exchanges: list[dict[str, Any]] = json.loads(file.read_bytes())["exchanges"]
    return exchanges


def departures() -> list[str]:
    """The names of the exchanges that depart for a stated reason."""
    listed: dict[str, dict[str, Any]] = json.loads(DEPARTURES.read_text("utf-8"))
    return [name for group in listed.values() for name in group["exchanges"]]


def departing(replay: Replay, suite: str, exchanges: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for number, exchange in enumerate(exchanges):
        response = replay.send(exchange, suite)
        status = 404 if response is None else response.status_code
        assert status < 500, (suite, number, response.text)
        if status != exchange["status"]:
            detail = "no such issuer" if response is None else response.text[:300]
            yield f"{suite}#{number}", f"{exchange['endpoint']} {exchange['status']} {status} {detail}"


@pytest.mark.parametrize("suite", SUITES)
def test_every_exchange_ends_as_recorded_or_is_listed(replay: Replay, shared_dir: Path, suite: str) -> None:
    exchanges = load(shared_dir, suite)
    assert len(exchanges) == SUITES[suite]
    found = dict(departing(replay, suite, exchanges))
    listed = {name for name in departures() if name.startswith(suite + "#")}
    unlisted = {name: detail for name, detail in found.items() if name not in listed}
    assert not unlisted, "\n".join(f"{name}: {detail}" for name, detail in unlisted.items())
    assert not listed - found.keys(), f"no longer departing: {sorted(listed - found.keys())}"


def test_what_is_issued_says_what_was_sent(replay: Replay, shared_dir: Path) -> None:
    """Beside proof, issuer and status the issued credential is the one that the reference server gave."""
    compared = 0
    for suite in SUITES:
        for exchange in load(shared_dir, suite):
            recorded = exchange.get("response", {})
            if exchange["endpoint"] != "/credentials/issue" or "proof" not in recorded:
                continue
            response = replay.send(exchange, suite)
            if response.status_code == 201:
                assert without_signature(response.json()) == without_signature(recorded)
                check_proof_format(response.json(), exchange["issuer_profile"]["cryptosuite"])
                compared += 1
    assert compared == 94


CONTEXTS_OF_PROOFS = {
    "https://www.w3.org/2018/credentials/v1",
    "https://www.w3.org/ns/credentials/v2",
    "https://w3id.org/security/data-integrity/v1",
    "https://w3id.org/security/data-integrity/v2",
    "https://w3id.org/security/multikey/v1",
    "https://www.w3.org/ns/did/v1",
}
"""The contexts that the Data Integrity suites allow an issuer to add."""


def check_proof_format(credential: dict[str, Any], cryptosuite: str) -> None:
    """What the shared assertions of the Data Integrity suites read of every issued proof."""
    [proof] = credential["proof"] if isinstance(credential["proof"], list) else [credential["proof"]]
    assert (proof["type"], proof["cryptosuite"]) == ("DataIntegrityProof", cryptosuite)
    assert proof["proofPurpose"] == "assertionMethod"
    assert parse_instant(proof["created"])
    selective = cryptosuite in ("ecdsa-sd-2023", "bbs-2023")
    alphabet = BASE64URL if selective else BASE58
    header, value = proof["proofValue"][0], proof["proofValue"][1:]
    assert header == ("u" if selective else "z")
    assert value
    assert not set(value) - set(alphabet)
    did, fragment = proof["verificationMethod"].split("#")
    assert did == f"did:key:{fragment}"
    assert did == (
        credential["issuer"]["id"] if isinstance(credential["issuer"], dict) else credential["issuer"]
    )
    added = [
        context
        for context in credential["@context"]
        if isinstance(context, str) and "w3id.org/security" in context
    ]
    assert set(added) <= CONTEXTS_OF_PROOFS | {"https://w3id.org/security/suites/ed25519-2020/v1"}


def test_the_status_suite_gets_a_status_and_has_it_checked(replay: Replay, shared_dir: Path) -> None:
    """The recorded credentials verify with the recorded list, which was signed a minute after them; and what is
    issued here names a list that is served."""
    issued = verified = 0
    for exchange in load(shared_dir, STATUS_SUITE):
        later = {**exchange, "at": "2026-11-23T19:12:10Z"}
        response = replay.send(later, STATUS_SUITE)
        if exchange["endpoint"] == "/credentials/verify":
            assert "status" in response.json()["checks"]
            verified += 1
        elif exchange["status"] == 201:
            entry = response.json()["credentialStatus"][0]
            recorded = exchange["response"]["credentialStatus"]
            assert recorded.keys() <= entry.keys()
            for name in ("type", "statusPurpose"):
                assert entry[name] == recorded[name]
            body = {"verifiableCredential": response.json()}
            own = replay.client.post("/vc-api/credentials/verify", json=body)
            assert (own.status_code, "status" in own.json()["checks"]) == (200, True)
            issued += 1
    assert (issued, verified) == (7, 3)


def without_signature(credential: dict[str, Any]) -> dict[str, Any]:
    left = {name: value for name, value in credential.items() if name not in ("proof", "credentialStatus")}
    if isinstance(left["issuer"], dict):
        return {**left, "issuer": {**left["issuer"], "id": "issuer"}}
    return {**left, "issuer": "issuer"}


def test_a_yes_man_and_a_naysayer_would_be_found_out(shared_dir: Path) -> None:
    """There is enough of both kinds, so that neither accepting nor refusing everything comes near."""
    accepted = [exchange["status"] < 300 for suite in SUITES for exchange in load(shared_dir, suite)]
    assert Counter(accepted) == {True: 134, False: 292}
    assert len(accepted) == sum(SUITES.values()) == 426


def test_every_departure_has_one_reason() -> None:
    names = departures()
    assert len(names) == len(set(names))
    groups = json.loads(DEPARTURES.read_text("utf-8")).values()
    for group in groups:
        assert group.keys() == {"tests", "reason", "exchanges"}
        assert len(group["reason"]) > 40
        assert all(len(title) > 20 for title in group["tests"])


def suite_tests() -> dict[str, list[tuple[str, int, int]]]:
    listed = json.loads(TESTS.read_text("utf-8"))
    return {suite: [(title, first, last) for title, first, last in tests] for suite, tests in listed.items()}


@pytest.mark.parametrize(
    ("suite", "count"), [("vc-api-issuer-test-suite", 13), ("vc-api-verifier-test-suite", 18)]
)
def test_the_tests_of_the_vc_api_suites_one_by_one(
    replay: Replay, shared_dir: Path, suite: str, count: int
) -> None:
    """Each with what it sends, and not only that every exchange ends as recorded: the first sends what is good, the
    others but one what is not, and what is issued is 201 and has a proof."""
    exchanges, tests = load(shared_dir, suite), suite_tests()[suite]
    assert len(tests) == count
    assert [number for _, first, last in tests for number in range(first, last + 1)] == [
        *range(SUITES[suite])
    ]
    good = 201 if "issuer" in suite else 200
    for title, first, last in tests:
        accepts = "MUST successfully" in title or "MUST verify" in title or "MAY have" in title
        for exchange in exchanges[first : last + 1]:
            response = replay.send(exchange, suite)
            assert response.status_code == (good if accepts else 400), (title, response.text)
            assert "json" in response.headers["Content-Type"], title
            assert not accepts or suite != "vc-api-issuer-test-suite" or response.json()["proof"], title


def table() -> str:
    """What `docs/conformance.md` says between its marks."""
    groups = json.loads(DEPARTURES.read_text("utf-8"))
    lines = ["| suite | exchanges | end as recorded | depart |", "|---|---|---|---|"]
    names = departures()
    for suite, count in [*SUITES.items(), ("all", sum(SUITES.values()))]:
        departing = sum(name.startswith(f"{suite}#") for name in names) if suite != "all" else len(names)
        lines.append(f"| {suite} | {count} | {count - departing} | {departing} |")
    lines += ["", "Why the others depart:", ""]
    for group in groups.values():
        titles = "; ".join(f"*{title}*" for title in group["tests"])
        lines.append(f"- {titles} ({len(group['exchanges'])} exchanges): {group['reason']}")
    return "\n".join(lines)


def test_the_page_says_what_the_replay_found(project_dir: Path) -> None:
    page = (project_dir / "docs" / "conformance.md").read_text("utf-8")
    begin, end = "<!-- traffic: begin -->\n", "\n<!-- traffic: end -->"
    assert page.partition(begin)[2].partition(end)[0] == table()
