"""The inputs of the W3C vc-jose-cose test suite through `skillcred vc-jose`, as the suite calls it.

What differs from the suite's own expectations is listed: keys on P-521, which we do not have (SECURITY K-03); and an
expired signature, for which the suite has to be run with the clock of its own time (docs/divergences.md).
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from skillcred.cli.app import app
from skillcred.cli.vc_jose_paths import DisclosurePathError, parse_disclosure_paths
from skillcred.encoding.cbor import decode_cbor

RUNNER = CliRunner()
THEN = "2024-12-16T12:00:00Z"
"""Between `iat` and `exp` of the suite's presentations."""
SELECTIVE = '["credentialSubject.firstName","credentialSubject.lastName"]'
NESTED = '["credentialSubject.address.street","credentialSubject.address.city","credentialSubject.phoneNumbers[0]"]'

ISSUED = [
    ("credential-minimal.json", "vm-p256", "credential_jose", "[]", "success"),
    ("credential-full.json", "vm-p384", "credential_jose", "[]", "success"),
    ("presentation-single.json", "vm-p256", "presentation_jose", "[]", "success"),
    ("presentation-multiple.json", "vm-p384", "presentation_jose", "[]", "success"),
    ("credential-unknown-extensions.json", "vm-p256", "credential_jose", "[]", "failure"),
    ("credential-selective.json", "vm-p384", "credential_sdjwt", SELECTIVE, "success"),
    ("credential-nested-selective.json", "vm-ed25519", "credential_sdjwt", NESTED, "success"),
    ("presentation-selective.json", "vm-p384", "presentation_sdjwt", '["holder","verifiableCredential[0]"]', "success"),
    ("credential-minimal.json", "vm-did-ed25519", "credential_cose", "[]", "success"),
    ("presentation-single.json", "vm-p384", "presentation_cose", "[]", "success"),
    # with the key that the suite takes
    ("presentation-multiple.json", "vm-p521", "presentation_jose", "[]", "indeterminate"),
    ("credential-nested-selective.json", "vm-p521", "credential_sdjwt", NESTED, "indeterminate"),
    ("credential-unknown-extensions.json", "vm-p521", "credential_jose", "[]", "indeterminate"),
]  # fmt: skip
VERIFIED = [
    ("credential-jose-minimal.txt", "vm-p256", "credential_jose", "success"),
    ("presentation-jose-multiple.txt", "vm-p384", "presentation_jose", "success"),
    ("credential-issuer-match-signed.txt", "vm-ed25519", "credential_jose", "success"),
    ("credential-jose-bad-signature.txt", "vm-ed25519", "credential_jose", "failure"),
    ("credential-jose-bad-media-type.txt", "vm-ed25519", "credential_jose", "failure"),
    ("presentation-jose-bad-media-type.txt", "vm-ed25519", "presentation_jose", "failure"),
    ("credential-jose-vc-vp-claims.txt", "vm-ed25519", "credential_jose", "failure"),
    ("presentation-jose-bad-credential.txt", "vm-ed25519", "presentation_jose", "failure"),
    ("credential-sdjwt-selective.txt", "vm-p384", "credential_sdjwt", "success"),
    ("credential-sdjwt-bad-signature.txt", "vm-p384", "credential_sdjwt", "failure"),
    ("credential-sdjwt-bad-media-type.txt", "vm-p384", "credential_sdjwt", "failure"),
    ("presentation-sdjwt-selective.txt", "vm-p384", "presentation_sdjwt", "success"),
    ("presentation-sdjwt-bad-media-type.txt", "vm-ed25519", "presentation_sdjwt", "failure"),
    ("credential-cose-minimal.txt", "vm-p256", "credential_cose", "success"),
    ("credential-cose-minimal-not-base64.txt", "vm-p256", "credential_cose", "failure"),
    ("credential-cose-bad-signature.txt", "vm-ed25519", "credential_cose", "failure"),
    ("credential-cose-bad-media-type.txt", "vm-p384", "credential_cose", "failure"),
    ("presentation-cose-single.txt", "vm-p384", "presentation_cose", "success"),
    ("presentation-cose-bad-media-type.txt", "vm-p256", "presentation_cose", "failure"),
    ("presentation-cose-bad-credential.txt", "vm-p256", "presentation_cose", "failure"),
    # P-521
    ("credential-sdjwt-nested.txt", "vm-p521", "credential_sdjwt", "indeterminate"),
    ("credential-jose-unknown-extensions.txt", "vm-p521", "credential_jose", "indeterminate"),
    ("presentation-sdjwt-bad-credential.txt", "vm-p521", "presentation_sdjwt", "indeterminate"),
]  # fmt: skip
EXITS = {"success": 0, "failure": 1, "indeterminate": 2}


@pytest.fixture
def suite(shared_dir: Path) -> Path:
    return shared_dir / "vectors" / "w3c-vc-jose-cose-suite"


def call(command: str, source: Path, key: Path, feature: str, output: Path, *more: str) -> Any:
    arguments = ["vc-jose", command, "--input", str(source), "--key", str(key), "--feature", feature]
    done = RUNNER.invoke(app, [*arguments, "--output", str(output), *more])
    written = json.loads(output.read_bytes())
    assert done.exit_code == EXITS[written["result"]], done.output
    assert set(written) == {"result", "data"}
    return written


@pytest.mark.parametrize(("name", "key", "feature", "paths", "expected"), ISSUED)
def test_issue(
    suite: Path, tmp_path: Path, name: str, key: str, feature: str, paths: str, expected: str
) -> None:
    key_file = suite / f"{key}.json"
    written = call("issue", suite / name, key_file, feature, tmp_path / "out.json", "--sd", paths)
    assert written["result"] == expected, written["data"]
    if expected != "success":
        return
    secured = tmp_path / "secured.txt"
    secured.write_text(written["data"])
    again = call("verify", secured, key_file, feature, tmp_path / "again.json")
    if key == "vm-did-ed25519":
        assert again["data"].startswith("issuer_key_mismatch"), "the suite signs for another than the issuer"
        return
    assert again["result"] == "success", again["data"]
    issued = json.loads((suite / name).read_bytes())
    for item in issued.get("verifiableCredential", []):
        item["id"] = item["id"].strip()
    assert again["data"] == issued


@pytest.mark.parametrize(("name", "key", "feature", "expected"), VERIFIED)
def test_verify(suite: Path, tmp_path: Path, name: str, key: str, feature: str, expected: str) -> None:
    written = call(
        "verify", suite / name, suite / f"{key}.json", feature, tmp_path / "out.json", "--at", THEN
    )
    assert written["result"] == expected, written["data"]


def test_every_secured_input_is_tried(suite: Path) -> None:
    assert {path.name for path in suite.glob("*.txt")} == {name for name, *_ in VERIFIED}
    assert {name for name, *_ in ISSUED} == {
        path.name for path in suite.glob("*.json") if not path.name.startswith("vm-")
    }


def test_now_the_presentation_has_expired(suite: Path, tmp_path: Path) -> None:
    written = call(
        "verify",
        suite / "presentation-jose-multiple.txt",
        suite / "vm-p384.json",
        "presentation_jose",
        tmp_path / "out.json",
    )
    assert written["data"].startswith("proof_expired")


def test_another_key_verifies_nothing(suite: Path, tmp_path: Path) -> None:
    for name, key, feature, expected in VERIFIED:
        if expected == "success":
            other = "vm-p384" if key == "vm-p256" else "vm-p256"
            written = call(
                "verify", suite / name, suite / f"{other}.json", feature, tmp_path / "out.json", "--at", THEN
            )
            assert written["result"] == "failure", name


def test_the_cose_message_is_what_the_suite_describes(suite: Path, tmp_path: Path) -> None:
    written = call(
        "issue",
        suite / "credential-minimal.json",
        suite / "vm-p256.json",
        "credential_cose",
        tmp_path / "out.json",
    )
    message: Any = decode_cbor(base64.b64decode(written["data"]), tags=(18,))
    header: Any = decode_cbor(message.value[0])
    assert (message.tag, header[1], header[3], header[16]) == (
        18,
        -7,
        "application/vc",
        "application/vc+cose",
    )
    assert header[4] == b"https://example.issuer/vc-jose-cose#key-1"


@pytest.mark.parametrize(
    ("text", "pointers"),
    [
        ("[]", []),
        ('["a"]', ["/a"]),
        ('["a.b[0][12].c"]', ["/a/b/0/12/c"]),
        ('["a/b.c~d"]', ["/a~1b/c~0d"]),
    ],
)
def test_disclosure_paths(text: str, pointers: list[str]) -> None:
    assert parse_disclosure_paths(text) == pointers


@pytest.mark.parametrize(
    "text", ['{"a":1}', '"a"', "[1]", '[""]', '["a."]', '["a..b"]', '["[0]"]', '["a[x]"]']
)
def test_what_is_no_disclosure_path(text: str) -> None:
    with pytest.raises(DisclosurePathError):
        parse_disclosure_paths(text)
