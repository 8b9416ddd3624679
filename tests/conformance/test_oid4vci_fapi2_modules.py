"""The modules of FAPI 2.0 that the OpenID Foundation's plan for issuers runs against the authorization server
(`oid4vci-1_0-issuer-haip-test-plan`), by their names. What they do was read in their sources
(net.openid.conformance.fapi2spfinal); the suite itself is not run.

Left out: request objects and client assertions, which are not taken here, and `user-rejects-authentication`, since the
page has no such choice: who does not want a credential closes it.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from starlette.testclient import TestClient

from skillcred.web.app import create_app
from worlds.application import DemoRegistry, fill_demo_registry, open_in_memory_application
from worlds.code_flow import AUTHORIZE, SD_JWT_VC, CodeFlow
from worlds.in_memory import FixedClock
from worlds.offers import claims_of
from worlds.wallet import HolderKey, Wallet

ISSUER: Final = "http://127.0.0.1:8000/issuers/welding-school"
OTHER_CLIENT: Final = "https://other.example"


class WalletByTheClock(Wallet):
    """Its time is that of the service."""

    clock: FixedClock

    def now(self) -> int:
        return int(self.clock.now().timestamp())


class Suite:
    """The authorization server, and wallets; each flow begins with a new offer."""

    def __init__(self, registry: DemoRegistry, client: TestClient, clock: FixedClock) -> None:
        self.registry, self.client, self.clock = registry, client, clock
        self._number = 0

    def flow(self, **offered: Any) -> CodeFlow:
        self._number += 1
        headers = {
            "Authorization": f"Bearer {self.registry.provider_secret}",
            "Idempotency-Key": f"fapi-{self._number}",
        }
        order = {"grants": ["authorization_code"], "tx_code": False, **offered}
        body = {"profile": "training", "credential": claims_of("training"), **order}
        offer = self.client.post("/v1/offers", json=body, headers=headers).json()
        return CodeFlow(self.client, self.wallet(), offer)

    def wallet(self) -> Wallet:
        wallet = WalletByTheClock(self.client, ISSUER, dpop_key=HolderKey())
        wallet.clock = self.clock
        return wallet

    def redirect(self, flow: CodeFlow, pushed: Any) -> dict[str, str]:
        """What the browser brings back to the wallet."""
        assert pushed.status_code == 201, pushed.text
        location = flow.browse(pushed.json()["request_uri"]).headers["Location"]
        return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}

    def succeeds(self, flow: CodeFlow, code: str, **changes: Any) -> None:
        """The code gives a token, and the token a credential."""
        response = flow.exchange(code, **changes)
        assert (response.status_code, response.json()["token_type"]) == (200, "DPoP"), response.text
        got = flow.wallet.request_credential(SD_JWT_VC, flow.wallet.prove(HolderKey()))
        assert got.status_code == 200, got.text


@pytest.fixture(scope="module")
def suite() -> Iterator[Suite]:
    clock = FixedClock()
    registry = fill_demo_registry(open_in_memory_application(clock=clock))
    app = create_app(registry.application, log_stream=io.StringIO())
    with TestClient(app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False) as client:
        yield Suite(registry, client, clock)


def refused(response: Any, *errors: str, status: int = 400) -> None:
    assert response.status_code == status, response.text
    assert response.json()["error"] in errors


def discovery_end_point_verification(suite: Suite) -> None:
    found = suite.client.get("/.well-known/oauth-authorization-server/issuers/welding-school").json()
    assert found["issuer"] == ISSUER
    assert found["response_types_supported"] == ["code"]
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["require_pushed_authorization_requests"] is True
    assert found["authorization_response_iss_parameter_supported"] is True
    assert "ES256" in found["dpop_signing_alg_values_supported"]


def happy_flow(suite: Suite) -> None:
    flow = suite.flow()
    answer = suite.redirect(flow, flow.push())
    assert (answer["state"], answer["iss"]) == ("abc", ISSUER)
    suite.succeeds(flow, answer["code"])


def ensure_authorization_request_without_state_success(suite: Suite) -> None:
    flow = suite.flow()
    answer = suite.redirect(flow, flow.push(state=None))
    assert "state" not in answer
    suite.succeeds(flow, answer["code"])


def ensure_authorization_request_with_long_state(suite: Suite) -> None:
    """It comes back as it was, or is refused; never another."""
    flow = suite.flow()
    state = "s" * 384
    assert suite.redirect(flow, flow.push(state=state))["state"] == state
    refused(flow.push(state="s" * 2000), "invalid_request")


def access_token_type_header_case_sensitivity(suite: Suite) -> None:
    flow = suite.flow()
    assert flow.exchange(flow.code()).status_code == 200
    wallet = flow.wallet
    headers = {"Authorization": f"dPoP {wallet.access_token}"}
    body = {"credential_configuration_id": SD_JWT_VC, "proofs": {"jwt": [wallet.prove(HolderKey())]}}
    assert wallet.post("credential", headers=headers, json=body).status_code == 200


def check_dpop_proof_nbf_exp(suite: Suite) -> None:
    """A proof may have `nbf` (now) and `exp` (in five minutes)."""
    flow = suite.flow()
    wallet, code, plain = flow.wallet, flow.code(), flow.wallet.dpop
    wallet.dpop = lambda url, **changes: plain(
        url, **{"nbf": wallet.now(), "exp": wallet.now() + 300, **changes}
    )
    suite.succeeds(flow, code)


def _iat(suite: Suite, offset: int) -> None:
    flow = suite.flow()
    wallet, code, plain = flow.wallet, flow.code(), flow.wallet.dpop
    wallet.dpop = lambda url, **changes: plain(url, **{"iat": wallet.now() + offset, **changes})
    suite.succeeds(flow, code)


def ensure_dpopproof_with_iat_10seconds_before_succeeds(suite: Suite) -> None:
    _iat(suite, -10)


def ensure_dpopproof_with_iat_10seconds_after_succeeds(suite: Suite) -> None:
    _iat(suite, 10)


def ensure_mismatched_dpop_jkt_fails(suite: Suite) -> None:
    flow = suite.flow()
    refused(flow.push(dpop_jkt=HolderKey().thumbprint), "invalid_request", "invalid_dpop_proof")
    refused(flow.push(dpop_jkt="short"), "invalid_request", "invalid_dpop_proof")


def ensure_token_endpoint_fails_with_mismatched_dpop_proof_jkt(suite: Suite) -> None:
    """Bound by the proof at the PAR endpoint."""
    flow = suite.flow()
    code = flow.code()
    flow.wallet.dpop_key = HolderKey()
    refused(flow.exchange(code), "invalid_dpop_proof", "invalid_grant")


def ensure_token_endpoint_fails_with_mismatched_dpop_jkt(suite: Suite) -> None:
    """Bound by the parameter alone."""
    flow, key = suite.flow(), HolderKey()
    flow.wallet.dpop_key = None
    code = suite.redirect(flow, flow.push(dpop_jkt=key.thumbprint))["code"]
    flow.wallet.dpop_key = HolderKey()
    refused(flow.exchange(code), "invalid_dpop_proof", "invalid_grant")


def ensure_dpopproof_at_par_endpoint_binding_success(suite: Suite) -> None:
    flow = suite.flow()
    suite.succeeds(flow, suite.redirect(flow, flow.push())["code"])


def ensure_dpop_auth_code_binding_success(suite: Suite) -> None:
    flow, key = suite.flow(), HolderKey()
    flow.wallet.dpop_key = None
    code = suite.redirect(flow, flow.push(dpop_jkt=key.thumbprint))["code"]
    flow.wallet.dpop_key = key
    suite.succeeds(flow, code)
    both = suite.flow()
    assert both.wallet.dpop_key is not None
    pushed = both.push(dpop_jkt=both.wallet.dpop_key.thumbprint)
    suite.succeeds(both, suite.redirect(both, pushed)["code"])


def ensure_authorization_code_is_bound_to_client(suite: Suite) -> None:
    flow = suite.flow()
    refused(flow.exchange(flow.code(), client_id=OTHER_CLIENT), "invalid_grant")


def ensure_client_id_in_token_endpoint(suite: Suite) -> None:
    ensure_authorization_code_is_bound_to_client(suite)
    flow = suite.flow()
    refused(flow.exchange(flow.code(), client_id=None), "invalid_request", "invalid_client")


def ensure_holder_of_key_required(suite: Suite) -> None:
    flow = suite.flow()
    code, key = flow.code(), flow.wallet.dpop_key
    flow.wallet.dpop_key = None
    refused(flow.exchange(code), "invalid_request", "invalid_dpop_proof")
    flow.wallet.dpop_key = key
    suite.succeeds(flow, code)


def attempt_reuse_authorization_code_after_one_second(suite: Suite) -> None:
    flow = suite.flow()
    code = flow.code()
    suite.succeeds(flow, code)
    token = flow.wallet.access_token
    suite.clock.advance(seconds=1)
    refused(flow.exchange(code), "invalid_grant")
    flow.wallet.access_token = token
    again = flow.wallet.request_credential(SD_JWT_VC, flow.wallet.prove(HolderKey()))
    assert again.status_code == 401, "the token of a code that was used twice is revoked"


def ensure_token_endpoint_fails_with_expired_auth_code(suite: Suite) -> None:
    flow = suite.flow()
    code = flow.code()
    suite.clock.advance(seconds=60)
    refused(flow.exchange(code), "invalid_grant")


def dpop_negative_tests(suite: Suite) -> None:
    flow = suite.flow()
    assert flow.exchange(flow.code()).status_code == 200
    wallet, url = flow.wallet, f"{ISSUER}/credential"
    key = wallet.dpop_key
    assert key is not None
    body = {"credential_configuration_id": SD_JWT_VC, "proofs": {"jwt": [wallet.prove(HolderKey())]}}

    def sign(**header: Any) -> str:
        members = {"typ": "dpop+jwt", "alg": key.algorithm, "jwk": key.jwk, **header}
        claims = {"jti": f"j{len(header)}", "htm": "POST", "htu": url, "iat": wallet.now()}
        return key.sign({name: value for name, value in members.items() if value is not None}, claims)

    bad = [
        wallet.dpop(url, htm="GET"),
        wallet.dpop(url + "/other"),
        wallet.dpop(url, ath=None),
        wallet.dpop(url, ath="A" * 43),
        wallet.dpop(url, jti=None),
        wallet.dpop(url, iat=None),
        sign(typ="JWT"),
        sign(typ=None),
        sign(alg="none"),
        sign(alg="HS256"),
        sign(jwk=None),
        sign(jwk={**key.jwk, "d": "AAAA"}),
        wallet.dpop(url)[:-6] + "AAAAAA",
        "no.token.this",
    ]
    for proof in bad:
        answer = suite.client.post(
            url, json=body, headers={"Authorization": f"DPoP {wallet.access_token}", "DPoP": proof}
        )
        assert answer.status_code in (400, 401), proof
        assert answer.json()["error"] in ("invalid_dpop_proof", "use_dpop_nonce"), answer.text
    for headers in (
        {"Authorization": f"Bearer {wallet.access_token}"},
        {"Authorization": f"DPoP {wallet.access_token}"},
        {"DPoP": wallet.dpop(url)},
    ):
        assert suite.client.post(url, json=body, headers=headers).status_code == 401
    assert wallet.post("credential", json=body).status_code == 200


def par_attempt_reuse_request_uri(suite: Suite) -> None:
    flow = suite.flow()
    pushed = flow.push()
    suite.redirect(flow, pushed)
    again = flow.browse(pushed.json()["request_uri"])
    assert (again.status_code, "Location" in again.headers) == (400, False)


def par_attempt_to_use_expired_request_uri(suite: Suite) -> None:
    flow = suite.flow()
    pushed = flow.push().json()
    suite.clock.advance(seconds=pushed["expires_in"])
    late = flow.browse(pushed["request_uri"])
    assert (late.status_code, "Location" in late.headers) == (400, False)


def par_attempt_to_use_request_uri_for_different_client(suite: Suite) -> None:
    flow = suite.flow()
    found = flow.browse(flow.push().json()["request_uri"], client_id=OTHER_CLIENT)
    assert (found.status_code, "Location" in found.headers) == (400, False)


def par_ensure_reused_request_uri_prior_to_auth_completion_succeeds(suite: Suite) -> None:
    """Looking at the page uses nothing up."""
    flow = suite.flow(grants=["authorization_code", "pre_authorized_code"], tx_code=True)
    request_uri = flow.push().json()["request_uri"]
    assert [flow.browse(request_uri).status_code for _ in range(3)] == [200, 200, 200]
    done = flow.type_code(request_uri, flow.offer["tx_code"])
    suite.succeeds(flow, parse_qs(urlsplit(done.headers["Location"]).query)["code"][0])


def par_authorization_request_containing_request_uri_form_param(suite: Suite) -> None:
    flow = suite.flow()
    uri = flow.push().json()["request_uri"]
    refused(flow.push(request_uri=uri), "invalid_request", "invalid_request_object")


def par_attempt_invalid_http_method(suite: Suite) -> None:
    for method in ("GET", "PUT"):
        assert suite.client.request(method, f"{ISSUER}/par").status_code == 405


def par_ensure_pkce_required(suite: Suite) -> None:
    flow = suite.flow()
    refused(flow.push(code_challenge=None, code_challenge_method=None), "invalid_request")
    refused(flow.push(code_challenge=None), "invalid_request")


def par_plain_pkce_rejected(suite: Suite) -> None:
    flow = suite.flow()
    plain = {"code_challenge": flow.verifier, "code_challenge_method": "plain"}
    refused(flow.push(**plain), "invalid_request")
    refused(flow.push(code_challenge_method=None), "invalid_request")


def ensure_pkce_code_verifier_required(suite: Suite) -> None:
    flow = suite.flow()
    refused(flow.exchange(flow.code(), code_verifier=None), "invalid_grant", "invalid_request")


def incorrect_pkce_code_verifier_rejected(suite: Suite) -> None:
    flow = suite.flow()
    refused(flow.exchange(flow.code(), code_verifier="w" * 43), "invalid_grant")


def par_without_duplicate_parameters(suite: Suite) -> None:
    """The authorization endpoint gets `client_id` and `request_uri` and nothing else."""
    flow = suite.flow()
    suite.succeeds(flow, suite.redirect(flow, flow.push())["code"])


def ensure_redirect_uri_in_authorization_request(suite: Suite) -> None:
    flow = suite.flow()
    refused(flow.push(redirect_uri=None), "invalid_request")


def ensure_response_type_token_fails(suite: Suite) -> None:
    refused(suite.flow().push(response_type="token"), "unsupported_response_type", "invalid_request")


def ensure_response_type_code_idtoken_fails(suite: Suite) -> None:
    refused(suite.flow().push(response_type="code id_token"), "unsupported_response_type", "invalid_request")


def ensure_unsigned_authorization_request_without_using_par_fails(suite: Suite) -> None:
    query = urlencode({"client_id": OTHER_CLIENT, "response_type": "code", "redirect_uri": OTHER_CLIENT})
    found = suite.client.get(f"{AUTHORIZE}?{query}", follow_redirects=False)
    assert (found.status_code, "Location" in found.headers) == (400, False)


PLAYS: Final[tuple[Callable[[Suite], None], ...]] = (
    discovery_end_point_verification,
    happy_flow,
    ensure_authorization_request_without_state_success,
    ensure_authorization_request_with_long_state,
    access_token_type_header_case_sensitivity,
    check_dpop_proof_nbf_exp,
    ensure_dpopproof_with_iat_10seconds_before_succeeds,
    ensure_dpopproof_with_iat_10seconds_after_succeeds,
    ensure_mismatched_dpop_jkt_fails,
    ensure_token_endpoint_fails_with_mismatched_dpop_proof_jkt,
    ensure_token_endpoint_fails_with_mismatched_dpop_jkt,
    ensure_dpopproof_at_par_endpoint_binding_success,
    ensure_dpop_auth_code_binding_success,
    ensure_authorization_code_is_bound_to_client,
    ensure_client_id_in_token_endpoint,
    ensure_holder_of_key_required,
    attempt_reuse_authorization_code_after_one_second,
    ensure_token_endpoint_fails_with_expired_auth_code,
    dpop_negative_tests,
    par_attempt_reuse_request_uri,
    par_attempt_to_use_expired_request_uri,
    par_attempt_to_use_request_uri_for_different_client,
    par_ensure_reused_request_uri_prior_to_auth_completion_succeeds,
    par_authorization_request_containing_request_uri_form_param,
    par_attempt_invalid_http_method,
    par_ensure_pkce_required,
    par_plain_pkce_rejected,
    ensure_pkce_code_verifier_required,
    incorrect_pkce_code_verifier_rejected,
    par_without_duplicate_parameters,
    ensure_redirect_uri_in_authorization_request,
    ensure_response_type_token_fails,
    ensure_response_type_code_idtoken_fails,
    ensure_unsigned_authorization_request_without_using_par_fails,
)
_WITH_UNDERSCORE: Final = "request_uri"
"""Names of modules have hyphens, but in this word where it names the parameter."""
_IN_WORDS: Final = "par-ensure-reused-request-uri-prior-to-auth-completion-succeeds"


def _name_of(play: Callable[[Suite], None]) -> str:
    name = play.__name__.replace("_", "-")
    if name != _IN_WORDS and not name.startswith("ensure"):
        name = name.replace("request-uri", _WITH_UNDERSCORE)
    return f"fapi2-security-profile-final-{name}"


MODULES: Final = {_name_of(play): play for play in PLAYS}


@pytest.mark.parametrize("module", MODULES)
def test_fapi2_module(suite: Suite, module: str) -> None:
    MODULES[module](suite)
