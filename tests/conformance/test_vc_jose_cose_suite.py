"""The 35 tests of the W3C vc-jose-cose test suite through `skillcred vc-jose`, as the suite calls it.

`SUITE` has them under the suite's own numbers, with its inputs, keys, features and expected results (commit ff6be51).
Number 7 is a presentation that expired in December 2024 and is to be good: the suite has to be run with the clock of
its own time (docs/divergences.md), which is what `--at` is for. Number 34 names a key file that does not exist.
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

ISSUE, VERIFY = "issue", "verify"
SUITE = {
    1: (ISSUE, "credential-minimal.json", "vm-p256", "credential_jose", "success"),
    2: (ISSUE, "credential-full.json", "vm-p384", "credential_jose", "success"),
    3: (ISSUE, "presentation-single.json", "vm-p256", "presentation_jose", "success"),
    4: (ISSUE, "presentation-multiple.json", "vm-p521", "presentation_jose", "success"),
    5: (ISSUE, "credential-unknown-extensions.json", "vm-p521", "credential_jose", "failure"),
    6: (VERIFY, "credential-jose-minimal.txt", "vm-p256", "credential_jose", "success"),
    7: (VERIFY, "presentation-jose-multiple.txt", "vm-p384", "presentation_jose", "success"),
    8: (VERIFY, "credential-issuer-match-signed.txt", "vm-ed25519", "credential_jose", "success"),
    9: (VERIFY, "credential-jose-unknown-extensions.txt", "vm-ed25519", "credential_jose", "failure"),
    10: (VERIFY, "credential-minimal.json", "vm-ed25519", "credential_jose", "failure"),
    11: (VERIFY, "presentation-single.json", "vm-ed25519", "presentation_jose", "failure"),
    12: (VERIFY, "credential-jose-bad-signature.txt", "vm-ed25519", "credential_jose", "failure"),
    13: (VERIFY, "credential-jose-bad-media-type.txt", "vm-ed25519", "credential_jose", "failure"),
    14: (VERIFY, "presentation-jose-bad-media-type.txt", "vm-ed25519", "presentation_jose", "failure"),
    15: (VERIFY, "credential-jose-vc-vp-claims.txt", "vm-ed25519", "credential_jose", "failure"),
    16: (VERIFY, "presentation-jose-bad-credential.txt", "vm-ed25519", "presentation_jose", "failure"),
    17: (ISSUE, "credential-selective.json", "vm-p384", "credential_sdjwt", "success"),
    18: (ISSUE, "credential-nested-selective.json", "vm-p521", "credential_sdjwt", "success"),
    19: (ISSUE, "presentation-selective.json", "vm-p384", "presentation_sdjwt", "success"),
    20: (VERIFY, "credential-sdjwt-selective.txt", "vm-p384", "credential_sdjwt", "success"),
    21: (VERIFY, "credential-sdjwt-nested.txt", "vm-p521", "credential_sdjwt", "success"),
    22: (VERIFY, "presentation-sdjwt-selective.txt", "vm-p384", "presentation_sdjwt", "success"),
    23: (VERIFY, "credential-sdjwt-bad-signature.txt", "vm-p384", "credential_sdjwt", "failure"),
    24: (VERIFY, "credential-sdjwt-bad-media-type.txt", "vm-ed25519", "credential_sdjwt", "failure"),
    25: (VERIFY, "presentation-sdjwt-bad-media-type.txt", "vm-ed25519", "presentation_sdjwt", "failure"),
    26: (VERIFY, "presentation-sdjwt-bad-credential.txt", "vm-p521", "presentation_sdjwt", "failure"),
    27: (ISSUE, "credential-minimal.json", "vm-did-ed25519", "credential_cose", "success"),
    28: (ISSUE, "presentation-single.json", "vm-p384", "presentation_cose", "success"),
    29: (VERIFY, "credential-cose-minimal.txt", "vm-p256", "credential_cose", "success"),
    30: (VERIFY, "credential-cose-minimal-not-base64.txt", "vm-p256", "credential_cose", "failure"),
    31: (VERIFY, "presentation-cose-single.txt", "vm-p384", "presentation_cose", "success"),
    32: (VERIFY, "credential-cose-bad-signature.txt", "vm-ed25519", "credential_cose", "failure"),
    33: (VERIFY, "credential-cose-bad-media-type.txt", "vm-p384", "credential_cose", "failure"),
    34: (VERIFY, "presentation-cose-bad-media-type.txt", "undefined", "presentation_cose", "failure"),
    35: (VERIFY, "presentation-cose-bad-credential.txt", "vm-p256", "presentation_cose", "failure"),
}
DISCLOSED = {17: SELECTIVE, 18: NESTED, 19: '["holder","verifiableCredential[0]"]'}
OWN_KEYS = {
    9: "vm-p521",
    13: "vm-p256",
    14: "vm-p256",
    16: "vm-p256",
    24: "vm-p384",
    25: "vm-p384",
    32: "vm-p256",
    34: "vm-p256",
}
"""Where the suite takes a key that is not even of the right type: one that is."""
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


@pytest.mark.parametrize("number", SUITE)
def test_number(suite: Path, tmp_path: Path, number: int) -> None:
    command, name, key, feature, expected = SUITE[number]
    more = ("--at", THEN) if command == VERIFY else ("--sd", DISCLOSED.get(number, "[]"))
    written = call(command, suite / name, suite / f"{key}.json", feature, tmp_path / "out.json", *more)
    assert written["result"] == expected, written["data"]
    if (command, expected) == (ISSUE, "success"):
        check_issued(suite / name, suite / f"{key}.json", feature, written["data"], tmp_path)


def check_issued(source: Path, key: Path, feature: str, data: str, folder: Path) -> None:
    """The suite does not look at what was issued; we verify it again."""
    secured = folder / "secured.txt"
    secured.write_text(data)
    again = call("verify", secured, key, feature, folder / "again.json")
    if key.stem == "vm-did-ed25519":
        assert again["data"].startswith("issuer_key_mismatch"), "the suite signs for another than the issuer"
        return
    assert again["result"] == "success", again["data"]
    issued = json.loads(source.read_bytes())
    for item in issued.get("verifiableCredential", []):
        item["id"] = item["id"].strip()
    assert again["data"] == issued


def test_there_are_35_and_every_input_is_among_them(suite: Path) -> None:
    assert list(SUITE) == list(range(1, 36))
    inputs = {path.name for path in suite.iterdir()} - {"README.md"}
    keys = {f"{key}.json" for _, _, key, _, _ in SUITE.values()}
    assert inputs == {name for _, name, *_ in SUITE.values()} | (keys - {"undefined.json"})


@pytest.mark.parametrize("number", OWN_KEYS)
def test_bad_inputs_are_bad_under_keys_of_their_type(suite: Path, tmp_path: Path, number: int) -> None:
    """Number 9 has no member that is unknown; under its own key it is good."""
    command, name, _, feature, expected = SUITE[number]
    key = suite / f"{OWN_KEYS[number]}.json"
    written = call(command, suite / name, key, feature, tmp_path / "out.json", "--at", THEN)
    assert written["result"] == ("success" if number == 9 else expected), written["data"]


@pytest.mark.parametrize("missing", ["source", "key"])
@pytest.mark.parametrize("command", [ISSUE, VERIFY])
def test_a_file_that_is_not_there_is_a_result(
    suite: Path, tmp_path: Path, command: str, missing: str
) -> None:
    nowhere = tmp_path / "nowhere.json"
    source = nowhere if missing == "source" else suite / "credential-minimal.json"
    key = nowhere if missing == "key" else suite / "vm-p256.json"
    written = call(command, source, key, "credential_jose", tmp_path / "out.json")
    assert written["result"] == "failure"
    assert written["data"].startswith("file_not_readable")


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
    for command, name, key, feature, expected in SUITE.values():
        if (command, expected) == (VERIFY, "success"):
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
