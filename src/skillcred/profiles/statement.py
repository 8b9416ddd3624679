"""Statements on recognition: advice, the decision of an authority, a body's word for rules; never a qualification."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from skillcred.encoding.json_types import JsonObject, as_list
from skillcred.linkeddata import OWN_CONTEXT_RECOGNITION
from skillcred.model.findings import has_type
from skillcred.profiles.profile import SCHEMA_BASE

STATEMENT_TYPE: Final = "RecognitionStatementCredential"
STATEMENT_SCHEMA: Final = "statements/recognition-statement-v1.json"
"""Name of the schema, for `validate`."""
STATEMENT_SCHEMA_ID: Final = SCHEMA_BASE + STATEMENT_SCHEMA
VOUCHING_TYPE: Final = "RecognitionRuleVouchingCredential"
VOUCHING_SCHEMA: Final = "statements/rule-vouching-v1.json"
VOUCHING_SCHEMA_ID: Final = SCHEMA_BASE + VOUCHING_SCHEMA
ADVISORY: Final = "advisory"
DECISION: Final = "decision"
VOUCHING: Final = "vouching"
SCHEMAS: Final[Mapping[str, str]] = MappingProxyType(
    {STATEMENT_TYPE: STATEMENT_SCHEMA, VOUCHING_TYPE: VOUCHING_SCHEMA}
)
"""Schemas by the type of a statement."""
_DESCRIBED: Final = {
    "statementNature": "nature",
    "decisionKind": "kind",
    "decisionStage": "stage",
    "destinationCountry": "destination",
}


def find_statement_schema(document: JsonObject) -> str | None:
    """The schema of the statement that a credential claims to be, by its type under our context; `None` for what is no
    statement."""
    contexts = document.get("@context")
    if contexts != OWN_CONTEXT_RECOGNITION and (
        not isinstance(contexts, list) or OWN_CONTEXT_RECOGNITION not in contexts
    ):
        return None
    types = as_list(document.get("type"))
    return next((schema for kind, schema in SCHEMAS.items() if kind in types), None)


def describe(document: JsonObject) -> dict[str, str]:
    """What a statement says it is: `nature`, and of a decision `kind`, `stage` and `destination`. What is not there, or
    is no text, is left out."""
    if has_type(document, VOUCHING_TYPE):
        return {"nature": VOUCHING}
    subject = document.get("credentialSubject")
    recognition = subject.get("recognition") if isinstance(subject, dict) else None
    if not isinstance(recognition, dict):
        return {}
    found = {name: recognition.get(member) for member, name in _DESCRIBED.items()}
    return {name: value for name, value in found.items() if isinstance(value, str)}
