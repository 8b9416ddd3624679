"""SD-JWT VCs cross to an implementation that shares no code with us (@sd-jwt/core, on Node), both ways."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import missing
from skillcred.encoding.base64url import encode_base64url
from skillcred.keys.algorithms import Algorithm
from skillcred.securing import attach_proof, prepare_proof
from skillcred.securing.sd_jwt.presenting import present
from worlds.pure_world import NOW, SoftSigner
from worlds.sd_jwts import AUDIENCE, HOLDER, ISSUED, ISSUER, NONCE, asked, check, claims, concealed, sd_jwt

Run = Callable[..., list[dict[str, Any]]]
DOCUMENT: dict[str, Any] = {
    "vct": "https://provider.example/types/welder",
    "iat": ISSUED,
    "name": "Añb ✓",
    "address": {"street": "Main St", "city": "Manila"},
    "skills": ["welding", {"name": "brazing", "levels": [1, 2]}, "cutting"],
}
POINTERS = ["/name", "/address", "/address/street", "/skills/0", "/skills/1/levels/1", "/skills/2"]


@pytest.fixture(scope="module")
def js(project_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs tasks in a folder of its own, with the packages of the other implementation."""
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            missing(f"{tool} is not installed")
    folder = tmp_path_factory.mktemp("sd-jwt-js")
    for file in (project_dir / "tests/fixtures/sd-jwt-js").iterdir():
        shutil.copyfile(file, folder / file.name)
    install = subprocess.run(
        ["npm", "install", "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=600,
    )
    if install.returncode != 0:
        missing(f"npm could not install the packages of the other implementation: {install.stderr[-500:]}")

    def run(*tasks: dict[str, Any]) -> list[dict[str, Any]]:
        done = subprocess.run(
            ["node", "cli.mjs"],
            cwd=folder,
            input=json.dumps(tasks),
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        answers: list[dict[str, Any]] = json.loads(done.stdout)
        assert len(answers) == len(tasks)
        return answers

    return run


def public(signer: SoftSigner) -> dict[str, Any]:
    return dict(signer.public_key.to_jwk())


def private(signer: SoftSigner, seed: int) -> dict[str, Any]:
    """The private JWK of a P-256 signer made from `seed`."""
    return public(signer) | {"d": encode_base64url(seed.to_bytes(32))}


def verifying(token: bytes | str) -> dict[str, Any]:
    text = token.decode() if isinstance(token, bytes) else token
    bound = not text.endswith("~")
    return {
        "op": "verify",
        "token": text,
        "issuer": public(ISSUER),
        "holder": public(HOLDER),
        "nonce": NONCE if bound else None,
    }


def issued() -> bytes:
    prepared = prepare_proof(
        "dc+sd-jwt",
        DOCUMENT,
        verification_method=ISSUER.verification_method,
        algorithm=Algorithm.P256,
        created=NOW,
        options={"disclosablePointers": POINTERS, "decoys": 2, "holderKey": HOLDER.public_key.to_jwk()},
    )
    return attach_proof(prepared, ISSUER.sign(prepared.to_be_signed))


def test_theirs_reads_ours(js: Run) -> None:
    """Every choice that a holder has shows there what it shows here."""
    token = issued()
    choices = [[], *([pointer] for pointer in POINTERS), POINTERS, ["/address/street", "/skills/2"]]
    binding: dict[str, Any] = {"holder": HOLDER, "audience": AUDIENCE, "nonce": NONCE, "issued_at": NOW}
    tokens = [present(token, choice) for choice in choices]
    tokens += [present(token, choice, **binding) for choice in choices]
    for presented, answer in zip(tokens, js(*map(verifying, tokens)), strict=True):
        ours = check(presented)
        assert ours.verified is not None
        assert answer == {"payload": ours.verified.document}


def test_theirs_refuses_what_was_changed(js: Run) -> None:
    token = present(
        issued(), ["/name"], holder=HOLDER, audience=AUDIENCE, nonce=NONCE, issued_at=NOW
    ).decode()
    other = "B" if token[60] != "B" else "C"
    answers = js(
        verifying(token),
        verifying(token[:60] + other + token[61:]),
        verifying(token) | {"nonce": "other"},
        verifying(token) | {"issuer": public(HOLDER)},
        verifying(token) | {"holder": public(ISSUER)},
    )
    assert ["error" in answer for answer in answers] == [False, True, True, True, True]


def test_ours_reads_theirs(js: Run) -> None:
    """They issue and present; what is shown here is what their own verifier shows."""
    header = {"kid": ISSUER.verification_method, "typ": "dc+sd-jwt"}
    payload = DOCUMENT | {"iss": ISSUER.did, "cnf": {"jwk": public(HOLDER)}}
    frame = {
        "_sd": ["name", "address"],
        "address": {"_sd": ["street"]},
        "skills": {"_sd": [0, 2], "1": {"levels": {"_sd": [1]}}},
        "_sd_decoy": 2,
    }
    [made] = js(
        {"op": "issue", "claims": payload, "frame": frame, "header": header, "key": private(ISSUER, 21)}
    )
    whole = check(made["token"])
    assert whole.verified is not None, whole.result
    assert whole.verified.document == payload
    binding = {"iat": int(NOW.timestamp()), "aud": AUDIENCE, "nonce": NONCE}
    presenting = {"op": "present", "token": made["token"], "key": private(HOLDER, 22), "kb": binding}
    frames: list[dict[str, Any]] = [
        {},
        {"name": True},
        {"address": {"street": True}},
        {"name": True, "address": True, "skills": {"0": True, "1": {"levels": {"1": True}}, "2": True}},
    ]
    tokens = [answer["token"] for answer in js(*(presenting | {"frame": chosen} for chosen in frames))]
    seen = set()
    for token, answer in zip(tokens, js(*map(verifying, tokens)), strict=True):
        findings = asked(token)
        assert findings.verified is not None, findings.result
        assert findings.verified.holder_bound
        assert findings.verified.document == answer["payload"]
        seen.add(json.dumps(answer["payload"], sort_keys=True))
        assert asked(token, challenge="other").verified is None
        assert asked(token[:-4] + "AAAA").verified is None
    assert len(seen) == len(frames)


def test_where_the_two_disagree_ours_is_the_stricter(js: Run) -> None:
    """A differential over forgeries: nothing that they refuse passes here (SECURITY M14, SD-19)."""
    name, digest = concealed("given_name", "Maria")
    exp, exp_digest = concealed("exp", 4_102_444_800)
    forgeries = [
        sd_jwt(claims(), name),
        sd_jwt(claims(_sd=[digest, digest]), name),
        sd_jwt(claims(_sd=[digest], given_name="Ana"), name),
        sd_jwt(claims(_sd=[digest]), name, name),
        sd_jwt(claims(_sd=[exp_digest]), exp),
        sd_jwt(claims(_sd=digest), name),
        sd_jwt(claims(x=[{"...": digest}]), name),
        sd_jwt(claims(_sd_alg="md5")),
        sd_jwt(claims(_sd=[digest]), name[:-2] + "AA"),
        sd_jwt(claims(), typ="JWT"),
    ]
    for token, answer in zip(forgeries, js(*map(verifying, forgeries)), strict=True):
        assert check(token).verified is None, answer
    good = sd_jwt(claims(_sd=[digest]), name)
    assert "payload" in js(verifying(good))[0]
    assert check(good).verified is not None
