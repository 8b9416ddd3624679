"""The step `schema`: does a credential keep to the schemas that its issuer declared in `credentialSchema`?

Verifiable Credentials JSON Schema Specification (`JsonSchema`, `JsonSchemaCredential`), VCDM 2.0 section "Data
Schemas". Schemas are shipped with us or come as evidence; this module fetches nothing. What the issuer declared
and we could not check is indeterminate, never passed (docs/verdicts.md).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import InputError
from skillcred.model.conformance_resources import DigestState, check_digests
from skillcred.model.findings import items_of, types_of
from skillcred.model.outcomes import (
    EvidenceKind,
    EvidenceReference,
    Outcome,
    Problem,
    Step,
    StepResult,
)
from skillcred.profiles.schemas import SchemaChecks
from skillcred.verification.evidence import EvidenceItem
from skillcred.verification.foreign_schemas import (
    MAX_SCHEMA_BYTES,
    SchemaMalformedError,
    SchemaNotUsableError,
    check_against_schema,
)
from skillcred.verification.shipped_schemas import SHIPPED_SCHEMAS, ShippedSchema

JSON_SCHEMA: Final = "JsonSchema"
JSON_SCHEMA_CREDENTIAL: Final = "JsonSchemaCredential"
ONE_EDTECH_VALIDATOR: Final = "1EdTechJsonSchemaValidator2019"
"""The type that Open Badges 3.0 and CLR 2.0 give to JSON Schemas of draft 2019-09."""
SCHEMA_OF_SCHEMA_CREDENTIALS: Final = (
    "https://www.w3.org/2022/credentials/v2/json-schema-credential-schema.json"
)
"""What the `credentialSchema` of every `JsonSchemaCredential` names (section "JsonSchemaCredential")."""

MAX_DECLARED_SCHEMAS: Final = 8
"""Most schemas of one credential that are checked."""

EvidenceLookup = Callable[[EvidenceReference], EvidenceItem | None]
"""Gives the evidence of that reference; `None` if nobody has tried to get it."""


class SchemaCredential(NamedTuple):
    """A `JsonSchemaCredential` as evidence, after its own verification: what its signature covers, or the
    reason code why it is not relied on and the evidence that was lacking."""

    claims: JsonObject | None
    reason: str = ""
    needs: tuple[EvidenceReference, ...] = ()


SchemaCredentialCheck = Callable[[bytes], SchemaCredential]
"""Verifies a `JsonSchemaCredential` as it came."""


_NOT_DECLARED: Final = StepResult(Step.SCHEMA, Outcome.NOT_APPLICABLE, "no_schema_declared")
_SATISFIED: Final = StepResult(Step.SCHEMA, Outcome.PASSED, "schema_satisfied")


def check_credential_schema(
    document: JsonObject,
    lookup: EvidenceLookup,
    check_schema_credential: SchemaCredentialCheck,
    checks: SchemaChecks | None = None,
) -> StepResult:
    """Check `document`, the verified claims of a credential, against every schema that it declares. `checks` are those
    of this very document, where its schemas are looked at elsewhere, too.

    Passed if it keeps to all, failed if it breaks one, else indeterminate if one could not be checked. Codes:
    `no_schema_declared`, `schema_satisfied`, `schema_violated`, `schema_malformed`, `schema_digest_mismatch`,
    `schema_not_available`, `schema_not_usable`, `schema_not_verified`, `schema_type_unknown`. Never raises for
    whatever document and schemas hold.
    """
    if "credentialSchema" not in document:
        return _NOT_DECLARED
    declared = items_of(document["credentialSchema"], "/credentialSchema")
    checks = checks or SchemaChecks(document)
    findings = [
        _check_one(document, schema, pointer, lookup, check_schema_credential, checks)
        for schema, pointer in declared[:MAX_DECLARED_SCHEMAS]
    ]
    if len(declared) > MAX_DECLARED_SCHEMAS:
        findings.append(
            _not_usable("too_many_schemas", "Not all schemas were looked at.", "/credentialSchema")
        )
    return _combine(findings)


def _combine(findings: list[StepResult]) -> StepResult:
    """Failed before indeterminate before passed; an empty list of schemas declares none that could be checked."""
    if len(findings) == 1:
        return findings[0]
    for outcome in (Outcome.FAILED, Outcome.INDETERMINATE, Outcome.PASSED):
        deciding = next((finding for finding in findings if finding.outcome is outcome), None)
        if deciding is not None:
            problems = tuple(problem for finding in findings for problem in finding.problems)
            needs = tuple(need for finding in findings for need in finding.needs)
            return StepResult(Step.SCHEMA, outcome, deciding.code, problems, needs)
    return StepResult(Step.SCHEMA, Outcome.INDETERMINATE, "schema_not_usable")


def _check_one(
    document: JsonObject,
    declared: JsonValue,
    pointer: str,
    lookup: EvidenceLookup,
    check_schema_credential: SchemaCredentialCheck,
    checks: SchemaChecks,
) -> StepResult:
    identifier = declared.get("id") if isinstance(declared, dict) else None
    if not isinstance(declared, dict) or not isinstance(
        identifier, str
    ):  # conformance has refused it already
        return _not_usable("credential_schema_malformed", "The schema has no address.", pointer)
    types = types_of(declared)
    shipped = SHIPPED_SCHEMAS.get(identifier)
    if shipped is not None and (JSON_SCHEMA in types or ONE_EDTECH_VALIDATOR in types):
        return _check_shipped(checks, declared, shipped, pointer)
    if not {JSON_SCHEMA, JSON_SCHEMA_CREDENTIAL, ONE_EDTECH_VALIDATOR} & set(types):
        return StepResult(
            Step.SCHEMA,
            Outcome.INDETERMINATE,
            "schema_type_unknown",
            (Problem("schema_type_unknown", "Schemas of this type cannot be checked.", f"{pointer}/type"),),
        )
    reference = EvidenceReference(EvidenceKind.CREDENTIAL_SCHEMA, identifier)
    item = lookup(reference)
    if item is None or item.content is None:
        reason = "not_requested" if item is None else item.unavailable or "no_content"
        return StepResult(
            Step.SCHEMA,
            Outcome.INDETERMINATE,
            "schema_not_available",
            (Problem(reason, "The schema is not at hand.", f"{pointer}/id"),),
            (reference,) if item is None else (),
        )
    if check_digests(declared, item.content) is DigestState.MISMATCH:
        return _digest_mismatch(pointer)
    if JSON_SCHEMA_CREDENTIAL in types:
        return _check_with_credential(document, identifier, item.content, pointer, check_schema_credential)
    return _check_with_bytes(document, identifier, item.content, pointer, identified=JSON_SCHEMA in types)


def _check_shipped(
    checks: SchemaChecks, declared: JsonObject, shipped: ShippedSchema, pointer: str
) -> StepResult:
    """A stand-in is not the file that a digest would be of, so a digest of one cannot be checked."""
    state = check_digests(declared, shipped.content)
    if state is not DigestState.ABSENT and (shipped.stand_in or state is DigestState.MISMATCH):
        return _digest_mismatch(pointer)
    return _judge(checks.problems(shipped.name))


def _check_with_bytes(
    document: JsonObject, identifier: str, content: bytes, pointer: str, *, identified: bool
) -> StepResult:
    try:
        schema = parse_json_object(content, max_bytes=MAX_SCHEMA_BYTES)
    except InputError as error:
        return _not_usable(error.code, "The schema cannot be read.", pointer)
    return _check_with_schema(document, identifier, schema, pointer, identified=identified)


def _check_with_schema(
    document: JsonObject, identifier: str, schema: JsonObject, pointer: str, *, identified: bool
) -> StepResult:
    try:
        return _judge(check_against_schema(document, schema, identifier, identified=identified))
    except SchemaMalformedError as error:
        return _malformed(str(error), pointer)
    except SchemaNotUsableError as error:
        return _not_usable(error.code, error.message, pointer)


def _check_with_credential(
    document: JsonObject,
    identifier: str,
    content: bytes,
    pointer: str,
    check_schema_credential: SchemaCredentialCheck,
) -> StepResult:
    """Section "JsonSchemaCredential": its own proof first, then its shape, then what it holds."""
    if len(content) > MAX_SCHEMA_BYTES:
        return _not_usable("limit_exceeded", "The schema is too large.", pointer)
    found = check_schema_credential(content)
    if found.claims is None:
        problem = Problem(found.reason, "The credential that holds the schema is not verified.", pointer)
        return StepResult(Step.SCHEMA, Outcome.INDETERMINATE, "schema_not_verified", (problem,), found.needs)
    claims = found.claims
    if claims.get("id") != identifier:
        return _malformed("The credential that holds the schema has another id.", pointer)
    if JSON_SCHEMA_CREDENTIAL not in types_of(claims):
        return _malformed("What was declared as a JsonSchemaCredential is none.", pointer)
    own = claims.get("credentialSchema")
    if (
        not isinstance(own, dict)
        or own.get("id") != SCHEMA_OF_SCHEMA_CREDENTIALS
        or JSON_SCHEMA not in types_of(own)
    ):
        return _malformed("The credential that holds the schema lacks the fixed credentialSchema.", pointer)
    subject = claims.get("credentialSubject")
    schema = subject.get("jsonSchema") if isinstance(subject, dict) else None
    if not isinstance(subject, dict) or JSON_SCHEMA not in types_of(subject) or not isinstance(schema, dict):
        return _malformed("The credentialSubject does not hold a JsonSchema.", pointer)
    named = subject.get("id", schema.get("$id"))
    if not isinstance(named, str):
        return _malformed("The schema has no address.", pointer)
    return _check_with_schema(document, named, schema, pointer, identified=True)


def _judge(problems: tuple[Problem, ...]) -> StepResult:
    if problems:
        return StepResult(Step.SCHEMA, Outcome.FAILED, "schema_violated", problems)
    return _SATISFIED


def _malformed(message: str, pointer: str) -> StepResult:
    return StepResult(
        Step.SCHEMA, Outcome.FAILED, "schema_malformed", (Problem("schema_malformed", message, pointer),)
    )


def _digest_mismatch(pointer: str) -> StepResult:
    """Says nothing against the credential: whoever holds the address could otherwise make it invalid."""
    problem = Problem("schema_digest_mismatch", "The schema at hand is not the one that was meant.", pointer)
    return StepResult(Step.SCHEMA, Outcome.INDETERMINATE, "schema_digest_mismatch", (problem,))


def _not_usable(code: str, message: str, pointer: str) -> StepResult:
    return StepResult(
        Step.SCHEMA, Outcome.INDETERMINATE, "schema_not_usable", (Problem(code, message, pointer),)
    )
