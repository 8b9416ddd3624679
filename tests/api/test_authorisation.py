"""Who may call what (SECURITY W-17, W-25): every route of the OpenAPI description by every kind of caller.

The table is the specification. A route without a row fails, a row without a route fails.
"""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from skillcred.recognition.records import Purpose
from skillcred.services.accredit_provider import AccreditationRequest
from skillcred.services.batch_records import BatchSelection
from skillcred.services.create_offer import OfferRequest
from skillcred.services.create_presentation_request import PresentationOrder
from skillcred.services.governance_records import Proposal
from skillcred.services.offer_records import Offer
from skillcred.services.recognition import RecognitionRequest
from skillcred.services.start_status_batch import StatusBatchRequest
from skillcred.trust import AccreditationScope
from skillcred.web.app import create_app
from worlds.application import build_demo_registry, example_claims
from worlds.offers import claims_of

CALLERS = ("anonymous", "unknown key", "operator", "body", "provider", "stranger")
OPEN = dict.fromkeys(CALLERS, 200)
NO_KEY = {"anonymous": 401, "unknown key": 401}
_number = itertools.count()


def only(*allowed: str, ok: int, others: int = 403) -> dict[str, int]:
    """`allowed` get `ok`, every other key `others`, nobody else gets in."""
    return {caller: ok if caller in allowed else others for caller in CALLERS} | NO_KEY


@dataclass(frozen=True)
class Row:
    """What each caller gets, and a request that would succeed for the right one."""

    expected: dict[str, int]
    body: Any = None
    idempotent: bool = False


def fresh() -> int:
    return next(_number)


def letters() -> str:
    """A new name in letters, as names that differ in digits only look alike."""
    return "".join(chr(ord("a") + int(digit)) for digit in f"{fresh():05}")


def trust_query() -> dict[str, str]:
    """A query that TRQP allows; the answer is no."""
    return {"entity_id": "did:web:a", "authority_id": "did:web:b", "action": "issue", "resource": "training"}


TABLE: dict[tuple[str, str], Row] = {
    ("get", "/healthz"): Row(OPEN),
    ("get", "/readyz"): Row(OPEN),
    ("get", "/.well-known/did.json"): Row(OPEN),
    ("get", "/issuers/{slug}/did.json"): Row(OPEN),
    ("get", "/1.0/identifiers/{identifier}"): Row(OPEN),
    ("get", "/v1/schemas/{path}"): Row(OPEN),
    ("get", "/v1/contexts/{name}"): Row(OPEN),
    ("get", "/v1/types/{type_name}"): Row(OPEN),
    ("post", "/v1/verifications"): Row(OPEN, body=lambda world: {}),
    ("post", "/v1/recognitions"): Row(
        OPEN, body=lambda world: {"credentials": [], "destination": "NO", "purpose": "study"}
    ),
    ("get", "/v1/recognitions/{origin}/{destination}"): Row(OPEN),
    ("post", "/v1/skills-profiles"): Row(
        dict.fromkeys(CALLERS, 404), body=lambda world: {"credentials": [], "occupation": "x"}
    ),
    ("get", "/v1/occupations"): Row(dict.fromkeys(CALLERS, 404)),
    ("get", "/v1/presentation-purposes"): Row(OPEN),
    ("post", "/v1/presentation-requests"): Row(
        only("operator", ok=201), body=lambda world: {"purpose": "training"}
    ),
    ("get", "/v1/presentation-requests/{request_id}"): Row(only("operator", ok=200)),
    ("delete", "/v1/presentation-requests/{request_id}"): Row(only("operator", ok=204)),
    ("post", "/v1/recognition-cases"): Row(
        only("operator", "body", ok=201),
        body=lambda world: {
            "credentials": [],
            "destination": "KE",
            "purpose": "study",
            "authority_did": world.segments["identifier"](),
        },
    ),
    ("get", "/v1/recognition-cases"): Row(only("body", ok=200)),
    ("get", "/v1/recognition-cases/{case_id}"): Row({**only("body", ok=200), "operator": 404}),
    ("post", "/v1/recognition-cases/{case_id}/review"): Row(only("body", ok=200)),
    ("post", "/v1/recognition-cases/{case_id}/evidence-requests"): Row(
        only("body", ok=409), body=lambda world: {"items": ["A transcript."]}
    ),
    ("post", "/v1/recognition-cases/{case_id}/evidence"): Row(
        {**only("body", ok=200), "operator": 404}, body=lambda world: {"credentials": [{}]}
    ),
    ("post", "/v1/recognition-cases/{case_id}/findings"): Row(
        only("body", ok=409), body=lambda world: {"elements": {"profile": "met"}}
    ),
    ("post", "/v1/recognition-cases/{case_id}/decision"): Row(
        only("body", ok=409), body=lambda world: {"kind": "full", "reasons": ["Equal."]}
    ),
    ("post", "/v1/recognition-cases/{case_id}/statement"): Row(only("body", ok=409)),
    ("post", "/v1/recognition-cases/{case_id}/withdrawal"): Row({**only("body", ok=200), "operator": 404}),
    ("post", "/v1/recognition-cases/{case_id}/annulment"): Row(
        only("body", ok=409), body=lambda world: {"reason": "An appeal."}
    ),
    ("post", "/v1/recognition-statements"): Row(
        only("operator", ok=201),
        body=lambda world: {"credentials": [], "destination": "NO", "purpose": "study"},
        idempotent=True,
    ),
    ("get", "/v1/recognition-statements/{statement_id}"): Row(only("operator", ok=200, others=404)),
    ("post", "/v1/recognition-statements/{statement_id}/status"): Row(
        {**only("operator", ok=201), "provider": 404, "stranger": 404},
        body=lambda world: {"kind": "revoked", "reason": "A rule was wrong."},
    ),
    ("post", "/authorization"): Row(OPEN | {"unknown key": 401}, body=lambda world: trust_query()),
    ("post", "/recognition"): Row(OPEN | {"unknown key": 401}, body=lambda world: trust_query()),
    ("get", "/v1/registry/bodies"): Row(OPEN),
    ("get", "/v1/registry/bodies/{did}"): Row(OPEN),
    ("post", "/v1/registry/bodies"): Row(
        only("operator", ok=201),
        body=lambda world: {
            "did": f"did:web:b{fresh()}.example",
            "name": f"Body {letters()}",
            "country": "PH",
        },
    ),
    ("get", "/v1/registry/entries"): Row(OPEN),
    ("get", "/v1/registry/entries/{entry_id}"): Row(OPEN),
    ("get", "/v1/registry/linked-data/{entry_id}"): Row(OPEN),
    ("get", "/v1/registry/accreditations"): Row(OPEN),
    ("get", "/v1/registry/accreditations/{accreditation_id}"): Row(OPEN),
    ("post", "/v1/registry/accreditations"): Row(
        only("body", ok=201),
        body=lambda world: {
            "provider_did": f"did:web:p{fresh()}.example",
            "provider_name": "A Provider",
            "scope": {"profiles": ["training"]},
            "valid_from": "2026-01-01T00:00:00Z",
            "valid_until": "2030-01-01T00:00:00Z",
        },
        idempotent=True,
    ),
    ("post", "/v1/registry/accreditations/{accreditation_id}/events"): Row(
        only("body", ok=201),
        body=lambda world: {
            "kind": "suspended",
            "effective_at": "2026-05-01T00:00:00Z",
            "reason": "Inspection.",
        },
    ),
    ("post", "/v1/registry/bodies/{did}/events"): Row(
        only("operator", ok=201),
        body=lambda world: {
            "kind": "suspended",
            "effective_at": "2100-01-01T00:00:00Z",
            "reason": "Inquiry.",
        },
    ),
    ("post", "/v1/registry/proposals"): Row(
        only("operator", ok=201),
        body=lambda world: {"kind": "body_event", "change": world.change()},
    ),
    ("get", "/v1/registry/proposals"): Row(only("operator", "body", ok=200)),
    ("get", "/v1/registry/proposals/{proposal_id}"): Row({**only("operator", ok=200), "body": 404}),
    ("post", "/v1/registry/proposals/{proposal_id}/approval"): Row(
        only("operator", ok=200, others=404), body=lambda world: {"sha256": world.proposed[-1].sha256}
    ),
    ("post", "/v1/registry/proposals/{proposal_id}/rejection"): Row(
        only("operator", ok=200, others=404), body=lambda world: {"reason": "Too wide."}
    ),
    ("get", "/v1/registry/branches/{did}"): Row({**only("operator", ok=200), "body": 404}),
    ("post", "/v1/registry/branches/{did}"): Row(
        only("body", ok=404), body=lambda world: {"signatures": [], "signed": {}}
    ),
    ("post", "/v1/organisations"): Row(
        only("operator", ok=201),
        body=lambda world: {
            "kind": "provider",
            "slug": f"p{fresh()}",
            "name": f"Provider {letters()}",
            "country": "PH",
        },
    ),
    ("post", "/v1/credentials"): Row(
        only("provider", "stranger", ok=201),
        body=lambda world: {"profile": "training", "credential": world.claims},
        idempotent=True,
    ),
    ("post", "/v1/offers"): Row(
        only("provider", "stranger", ok=201),
        body=lambda world: {"profile": "training", "credential": claims_of("training")},
        idempotent=True,
    ),
    ("get", "/v1/offers"): Row(only("provider", "stranger", ok=200)),
    ("get", "/v1/offers/{offer_id}"): Row({**only("provider", ok=200), "stranger": 404}),
    ("post", "/v1/offers/{offer_id}/withdrawal"): Row({**only("provider", ok=200), "stranger": 404}),
    ("post", "/v1/offers/{offer_id}/release"): Row({**only("provider", ok=200), "stranger": 404}),
    ("get", "/.well-known/openid-credential-issuer/{issuer_path}"): Row(OPEN),
    ("get", "/.well-known/oauth-authorization-server/{issuer_path}"): Row(OPEN),
    ("get", "/issuers/{slug}/.well-known/openid-credential-issuer"): Row(OPEN),
    ("get", "/issuers/{slug}/.well-known/oauth-authorization-server"): Row(OPEN),
    ("get", "/issuers/{slug}/offers/{reference}"): Row(OPEN),
    ("post", "/issuers/{slug}/nonce"): Row(OPEN),
    ("post", "/issuers/{slug}/par"): Row(dict.fromkeys(CALLERS, 400)),
    ("post", "/issuers/{slug}/token"): Row(dict.fromkeys(CALLERS, 400)),
    ("post", "/issuers/{slug}/credential"): Row(dict.fromkeys(CALLERS, 401)),
    ("post", "/issuers/{slug}/deferred-credential"): Row(dict.fromkeys(CALLERS, 401)),
    ("post", "/issuers/{slug}/notification"): Row(dict.fromkeys(CALLERS, 401)),
    ("get", "/v1/credentials/{credential_id}"): Row(only("provider", ok=200, others=404)),
    ("post", "/v1/credentials/{credential_id}/status"): Row(
        {**only("provider", ok=201), "operator": 404, "stranger": 404},
        body=lambda world: {"kind": "revoked", "reason": "Issued by mistake."},
    ),
    ("get", "/v1/status-lists/{list_id}/{view}"): Row(OPEN),
    ("get", "/v1/status-scheme"): Row(only("provider", "stranger", ok=200)),
    ("put", "/v1/status-scheme"): Row(
        only("provider", "stranger", ok=200),
        body=lambda world: {"messages": [], "references": [], "refresh": False},
    ),
    ("post", "/v1/credentials/{credential_id}/status-values"): Row(
        {**only("provider", ok=409), "stranger": 404},
        body=lambda world: {"kind": "message", "value": 1, "reason": "So it is."},
    ),
    ("post", "/v1/status-changes"): Row(
        only("provider", "stranger", ok=202),
        body=lambda world: {
            "kind": "suspended",
            "reason": "A typo.",
            "selection": {"credential_ids": ["urn:nothing"]},
        },
        idempotent=True,
    ),
    ("get", "/v1/status-changes/{batch_id}"): Row({**only("provider", ok=200), "stranger": 404}),
    ("post", "/v1/status-changes/{batch_id}/cancellation"): Row(
        {**only("provider", ok=409), "stranger": 404}
    ),
    ("get", "/v1/keys"): Row(only("operator", "body", "provider", "stranger", ok=200)),
    ("post", "/v1/keys"): Row(
        only("operator", "body", "provider", "stranger", ok=201), body=lambda world: {"algorithm": "P-256"}
    ),
    ("post", "/v1/keys/rotate"): Row(
        only("operator", "body", "provider", "stranger", ok=201), body=lambda world: {"algorithm": "Ed25519"}
    ),
    ("post", "/v1/keys/{key_id}/retire"): Row(only("provider", ok=200, others=404)),
    ("post", "/v1/keys/{key_id}/compromise"): Row(
        only("provider", ok=200, others=404), body=lambda world: {"since": "2026-01-01T00:00:00Z"}
    ),
    ("get", "/v1/api-keys"): Row(only("operator", "body", "provider", "stranger", ok=200)),
    ("post", "/v1/api-keys"): Row(
        only("operator", ok=201),
        body=lambda world: {"organisation_id": world.stranger_id, "role": "issuer", "label": "matrix"},
    ),
    ("delete", "/v1/api-keys/{api_key_id}"): Row(only("provider", "operator", ok=204, others=404)),
}
"""Every documented route. "others=404": what belongs to somebody else is not there (W-25)."""


def encoded(segment: str) -> str:
    """`segment` in a path. Twice, because the test client decodes twice what a server decodes once."""
    return quote(quote(segment, safe=""), safe="")


@dataclass(frozen=True)
class World:
    """What the rows need of the registry."""

    claims: dict[str, Any]
    stranger_id: str
    segments: dict[str, Any]
    change: Callable[[], dict[str, Any]]
    proposed: list[Proposal]

    def path(self, template: str) -> str:
        for name, value in self.segments.items():
            if "{" + name + "}" in template:
                segment = value() if name.endswith("path") else encoded(value())
                template = template.replace("{" + name + "}", segment)
        return template


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A registry of this module's own, because the rows change it."""
    registry = build_demo_registry(tmp_path_factory.mktemp("matrix"), verifications_per_minute=10_000)
    application = registry.application
    credential = registry.issue("matrix")
    selection = BatchSelection(credential_ids=(credential.credential_id,))
    batch = application.start_status_batch(
        registry.provider, StatusBatchRequest("suspended", "A typo.", selection), "matrix"
    )
    list(application.run_status_batches.run(batch.id))
    proposed: list[Proposal] = []

    def new_body() -> str:
        did, name = f"did:web:m{fresh()}.example", f"Matrix {letters()}"
        return application.enrol_national_body(registry.operator, did=did, name=name, country="PH").did

    def change() -> dict[str, Any]:
        at = "2100-01-01T00:00:00Z"
        return {"did": new_body(), "kind": "suspended", "effective_at": at, "reason": "Inquiry."}

    def propose() -> str:
        proposed.append(application.propose_change(registry.operator, "body_event", change()))
        return proposed[-1].id

    advice = application.issue_recognition_statement.advise(
        registry.operator, RecognitionRequest(documents=(), destination="NO", purpose=Purpose.STUDY), "matrix"
    )
    asked = RecognitionRequest(documents=(), destination="KE", purpose=Purpose.STUDY)
    made = {
        "case_id": lambda: application.submit_recognition_case(registry.body, asked).id,
        "statement_id": lambda: advice.credential_id.rpartition("/")[2],
        "did": new_body,
        "proposal_id": propose,
        "entry_id": lambda: registry.provider.organisation.did,
        "slug": lambda: "welding-school",
        "origin": lambda: "PH",
        "destination": lambda: "DE",
        "identifier": lambda: registry.body.organisation.did,
        "path": lambda: "profiles/training-v1.json",
        "name": lambda: "skill-v1.jsonld",
        "type_name": lambda: "training-v1",
        "credential_id": lambda: credential.credential_id.rpartition("/")[2],
        "list_id": lambda: status_list_of(credential)[0],
        "batch_id": lambda: batch.id,
        "view": lambda: status_list_of(credential)[1],
        "accreditation_id": lambda: application.accredit_provider(
            registry.body, accreditation_request(), f"matrix-{fresh()}"
        ).id.rpartition("/")[2],
        "issuer_path": lambda: "issuers/welding-school",
        "request_id": lambda: (
            application.presenting.create_request(
                PresentationOrder("training"), actor=registry.operator
            ).request.id
        ),
        "offer_id": lambda: new_offer(registry).id,
        "reference": lambda: new_reference(registry),
        "key_id": lambda: new_key(application, registry.provider),
        "api_key_id": lambda: (
            application.create_api_key(
                registry.operator, registry.provider.organisation.id, "issuer", "matrix"
            )[0].id
        ),
    }
    with TestClient(
        create_app(application, log_stream=io.StringIO()),
        base_url="http://127.0.0.1:8000",
        raise_server_exceptions=False,
    ) as client:
        yield (
            registry,
            World(example_claims(), registry.stranger.organisation.id, made, change, proposed),
            client,
        )


def status_list_of(credential) -> list[str]:
    entry = json.loads(credential.content)["credentialStatus"][0]
    return entry["statusListCredential"].rsplit("/", 2)[1:]


def accreditation_request():
    number = fresh()
    did = f"did:web:matrix{number}.example"
    return AccreditationRequest(
        did, f"Matrix {number}", AccreditationScope(("training",)), datetime(2026, 1, 1, tzinfo=UTC)
    )


def new_offer(registry) -> Offer:
    """A deferred offer of the provider."""
    request = OfferRequest("training", claims_of("training"), deferred=True)
    return registry.application.wallet_issuing.create_offer(registry.provider, request, f"matrix-{fresh()}")


def new_reference(registry) -> str:
    """What an offer is read under."""
    view = registry.application.wallet_issuing.view_offers.get(registry.provider, new_offer(registry).id)
    return view.forms.claim_url.rpartition("/")[2]


def new_key(application, actor) -> str:
    """An active P-384 key of the provider."""
    found = [key for key in application.list_keys(actor) if (key.algorithm, key.state) == ("P-384", "active")]
    return (found[0] if found else application.create_key(actor, "P-384")).id


def documented(app) -> set[tuple[str, str]]:
    return {(method, path) for path, operations in app.openapi()["paths"].items() for method in operations}


def test_W_17_every_route_has_a_row(served) -> None:
    assert documented(served.app) == TABLE.keys()


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize(("method", "path"), list(TABLE), ids=lambda value: value)
def test_W_17_matrix(world, method: str, path: str, caller: str) -> None:
    registry, parts, client = world
    row = TABLE[method, path]
    headers = {}
    if caller == "unknown key":
        headers["Authorization"] = "Bearer sk_" + "0" * 20 + "_" + "A" * 43
    elif caller != "anonymous":
        headers["Authorization"] = f"Bearer {getattr(registry, caller + '_secret')}"
    if row.idempotent:
        headers["Idempotency-Key"] = f"matrix-{fresh()}"
    target = parts.path(path)
    body = None if row.body is None else row.body(parts)
    response = client.request(method, target, headers=headers, json=body)
    assert response.status_code == row.expected[caller], response.text
    if response.status_code == 401:
        expected = "DPoP" if path.startswith("/issuers/") else "Bearer"
        assert response.headers["WWW-Authenticate"].partition(" ")[0] == expected


@pytest.mark.parametrize(
    ("method", "path"), [key for key, row in TABLE.items() if row.expected["anonymous"] == 401]
)
def test_nobody_learns_about_bodies_before_naming_a_key(served, method: str, path: str) -> None:
    """Without a key the answer is 401, whatever else is wrong with the request."""
    target = path.replace("{slug}", "welding-school").replace("{", "").replace("}", "")
    response = served.client.request(
        method, target, content=b"[" * 1000, headers={"Content-Type": "text/html"}
    )
    assert response.status_code == 401


@pytest.mark.parametrize(
    "value",
    ["", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "Bearer a b", "bearer \t", "Bearer " + "x" * 5000,
     "Bearer ../../etc", "Bearer sk_\u00e9", "Token sk_1"],
)  # fmt: skip
def test_malformed_authorisation_is_no_authorisation(served, value: str) -> None:
    response = served.client.get("/v1/keys", headers={"Authorization": value.encode("latin-1")})
    assert response.status_code == 401


def test_revoked_key_stops_at_once(served) -> None:
    headers = served.bearer("operator")
    body = {
        "organisation_id": served.registry.provider.organisation.id,
        "role": "issuer",
        "label": "short-lived",
    }
    made = served.client.post("/v1/api-keys", json=body, headers=headers).json()
    own = {"Authorization": f"Bearer {made['secret']}"}
    assert served.client.get("/v1/keys", headers=own).status_code == 200
    assert served.client.delete(f"/v1/api-keys/{made['id']}", headers=headers).status_code == 204
    assert served.client.get("/v1/keys", headers=own).status_code == 401
    listed = served.client.get("/v1/api-keys", headers=served.bearer("provider")).text
    assert made["id"] in listed
    assert made["secret"] not in listed
