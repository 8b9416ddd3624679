"""The wallet that nobody here wrote runs here, and a service of two processes is one to it."""

from __future__ import annotations

from collections.abc import Callable

import httpx2

from worlds.deployments import Deployment, taking_turns
from worlds.npm_clients import NpmWallet


def test_the_wallet_runs_and_keeps_what_is_its_own(npm_wallet: Callable[..., NpmWallet]) -> None:
    wallet, other = npm_wallet(), npm_wallet("other")
    assert wallet.store != other.store
    assert wallet.run("list").expect_ok()["creds"] == wallet.held() == []
    refused = wallet.accept("openid-credential-offer://?credential_offer=%7B%7D")
    assert not refused.ok
    assert refused.said["error"]
    assert refused.http == []


def test_two_processes_on_postgresql_take_turns(postgresql_deployment: Deployment) -> None:
    """What one of them wrote the other answers with, at once."""
    assert postgresql_deployment.processes == 2
    issued = postgresql_deployment.registry.issue()
    with httpx2.Client(base_url=postgresql_deployment.base_url, trust_env=False) as client:
        for _ in range(4):
            answer = client.post(
                "/v1/verifications",
                content=issued.content,
                headers={"Content-Type": "application/vc", "Accept": "application/json"},
            )
            assert answer.status_code == httpx2.codes.OK
            assert answer.json()["verdict"] == "valid"


def test_requests_are_handed_to_each_in_turn(sqlite_deployment: Deployment) -> None:
    address = sqlite_deployment.base_url.rpartition(":")[0] + ":0"
    backends = [sqlite_deployment.base_url] * 2
    with taking_turns(address, backends) as proxy, httpx2.Client(trust_env=False) as client:
        for _ in range(3):
            assert client.get(f"{proxy.address}/healthz").status_code == httpx2.codes.OK
        assert client.get(f"{proxy.address}/nothing").status_code == httpx2.codes.NOT_FOUND
        assert proxy.answered() == [2, 2]
