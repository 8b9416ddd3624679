"""All that the W3C vc-json-schema test suite asks, through `skillcred vc-json-schema`, as the suite calls it.

The pairs of credential and schema and what is expected of them are those of the suite's mapping (commit b91f591), each
once. The suite groups them under the sentences of the specification and asks some of them several times.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from skillcred.cli.app import app

RUNNER = CliRunner()
DRAFTS = ("Draft-7", "2019-09", "2020-12")
JSON_SCHEMA = {
    (1, 1): "success",
    (1, 2): "failure",
    (2, 1): "failure",
    (1, 3): "failure",
    (1, 4): "failure",
    (1, 5): "failure",
    (1, 6): "failure",
    (1, 7): "indeterminate",
}
CREDENTIAL = {
    (1, 1): "success",
    (1, 2): "failure",
    (2, 1): "failure",
    **{(1, number): "failure" for number in range(3, 11)},
    (1, 11): "indeterminate",
}
FORMATS = {"JsonSchema": JSON_SCHEMA, "JsonSchemaCredential": CREDENTIAL}
EXITS = {"success": 0, "failure": 1, "indeterminate": 2}


def validate(schema_format: str, schema: Path, credential: Path, output: Path) -> Any:
    done = RUNNER.invoke(
        app,
        [
            *("vc-json-schema", "validate", "--format", schema_format, "--schema", str(schema)),
            *("--credential", str(credential), "--output", str(output)),
        ],
    )
    written = json.loads(output.read_bytes())
    assert done.exit_code == EXITS[written["result"]], done.output
    return written


@pytest.mark.parametrize("draft", DRAFTS)
@pytest.mark.parametrize("schema_format", FORMATS)
def test_the_suite(shared_dir: Path, tmp_path: Path, schema_format: str, draft: str) -> None:
    folder = shared_dir / "vectors" / "w3c-vc-json-schema-suite" / schema_format.lower() / draft
    found = {
        (credential, schema): validate(
            schema_format,
            folder / f"{schema}-schema.json",
            folder / f"{credential}-credential.json",
            tmp_path / "out.json",
        )["result"]
        for credential, schema in FORMATS[schema_format]
    }
    assert found == FORMATS[schema_format]


def test_what_cannot_be_read_or_is_not_declared(shared_dir: Path, tmp_path: Path) -> None:
    folder = shared_dir / "vectors" / "w3c-vc-json-schema-suite" / "jsonschema" / "2020-12"
    schema, credential = folder / "1-schema.json", folder / "1-credential.json"
    output = tmp_path / "out.json"
    assert validate("JsonSchema", tmp_path / "none", credential, output)["result"] == "failure"
    assert validate("JsonSchema", schema, tmp_path / "none", output)["result"] == "failure"
    plain = tmp_path / "plain.json"
    plain.write_text('{"credentialSubject": {}}')
    assert validate("JsonSchema", schema, plain, output)["result"] == "failure"
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    assert validate("JsonSchema", broken, credential, output)["result"] == "indeterminate"
