"""`skillcred vc-json-schema validate`: the program that the W3C vc-json-schema test suite calls.

It judges one credential against one schema, both from files. Signatures are not looked at, neither that of the
credential nor that of a schema credential: this is for the suite, `skillcred verify` is for credentials.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from skillcred.adapters.clock import SystemClock
from skillcred.cli.exits import VERDICT_EXITS
from skillcred.cli.files import read_input, write_output
from skillcred.cli.terminal import encode_output_json
from skillcred.encoding.json_types import JsonObject, as_list
from skillcred.encoding.strict_json import MAX_BYTES, parse_json_object
from skillcred.errors import InputError
from skillcred.model.outcomes import EvidenceReference, Outcome, StepResult, Verdict
from skillcred.verification import EvidenceItem
from skillcred.verification.credential_schema import (
    JSON_SCHEMA,
    JSON_SCHEMA_CREDENTIAL,
    SchemaCredential,
    check_credential_schema,
)

app = typer.Typer(no_args_is_help=True)
RESULTS: Final = {
    Verdict.VALID: "success",
    Verdict.INVALID: "failure",
    Verdict.INDETERMINATE: "indeterminate",
}
_VERDICTS: Final = {Outcome.PASSED: Verdict.VALID, Outcome.FAILED: Verdict.INVALID}


class SchemaFormat(StrEnum):
    """The types of `credentialSchema` that the specification defines."""

    JSON_SCHEMA = JSON_SCHEMA
    JSON_SCHEMA_CREDENTIAL = JSON_SCHEMA_CREDENTIAL


@app.callback()
def group() -> None:
    """Judge credentials against JSON Schemas as the W3C test suite wants it."""


@app.command()
def validate(
    schema_format: Annotated[
        SchemaFormat, typer.Option("--format", help="Type of the schema.", show_default=False)
    ],
    schema: Annotated[str, typer.Option("--schema", help="The schema, or the credential it is in.")],
    credential: Annotated[str, typer.Option("--credential", help="The credential that declares it.")],
    output: Annotated[Path, typer.Option("--output", help="Where the result goes.")],
) -> None:
    """Judge one credential by one schema. Writes {"result", "data"}."""
    verdict, data = _judge(schema_format, schema, credential)
    write_output(output, encode_output_json({"result": RESULTS[verdict], "data": data}))
    raise typer.Exit(VERDICT_EXITS[verdict])


def _judge(schema_format: SchemaFormat, schema: str, credential: str) -> tuple[Verdict, str]:
    try:
        document = parse_json_object(read_input(credential, max_bytes=MAX_BYTES))
        content = read_input(schema, max_bytes=MAX_BYTES)
    except InputError as error:
        return Verdict.INVALID, f"{error.code}: {error.message}"
    if not _declares(document, schema_format):
        return Verdict.INVALID, "schema_type_unknown: The credential declares a schema of another type."
    result = _check(document, content)
    return _VERDICTS.get(result.outcome, Verdict.INDETERMINATE), result.code


def _declares(document: JsonObject, schema_format: SchemaFormat) -> bool:
    """Whether all schemas that the credential declares are of the type that is asked about, and there is one."""
    declared = as_list(document.get("credentialSchema", []))
    return bool(declared) and all(
        isinstance(entry, dict) and entry.get("type") == schema_format.value for entry in declared
    )


def _check(document: JsonObject, content: bytes) -> StepResult:
    at = SystemClock().now()

    def given(reference: EvidenceReference) -> EvidenceItem:
        return EvidenceItem(reference, at, "given", content)

    def taken_at_its_word(schema_credential: bytes) -> SchemaCredential:
        try:
            return SchemaCredential(parse_json_object(schema_credential))
        except InputError as error:
            return SchemaCredential(None, error.code)

    return check_credential_schema(document, given, taken_at_its_word)
