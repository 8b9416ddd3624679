"""Reading accreditations as they were recorded: signed bytes of either shape, in either envelope.

Their signatures were verified when they were recorded, and are again whenever a credential is judged by them; here they
are not.
"""

from __future__ import annotations

from skillcred.encoding.json_types import JsonObject, as_list
from skillcred.encoding.strict_json import parse_json_object
from skillcred.securing.jose.token import parse_credential_token
from skillcred.trust.accreditation import AccreditationStatement, parse_recognized_entity
from skillcred.trust.ebsi import is_ebsi, parse_ebsi_accreditation


def parse_accreditation(document: JsonObject) -> AccreditationStatement:
    """What a *verified and conforming* accreditation of either shape says. Raises `AccreditationError` for anything
    that is not understood whole."""
    return parse_ebsi_accreditation(document) if is_ebsi(document) else parse_recognized_entity(document)


def read_recorded_document(content: bytes) -> JsonObject:
    """The credential: JSON, or what a JWT holds. Raises a strict JSON error or `JoseError`."""
    if content.startswith(b"{"):
        return parse_json_object(content)
    return parse_credential_token(content).document


def read_recorded_statement(content: bytes) -> AccreditationStatement:
    """What it says. Raises as `read_recorded_document` does, and `AccreditationError`."""
    return parse_accreditation(read_recorded_document(content))


def read_signing_methods(content: bytes) -> frozenset[str | None]:
    """The names of the keys that its proofs say they were made with; `None` where one does not say it. Raises as
    `read_recorded_document` does."""
    if not content.startswith(b"{"):
        return frozenset({parse_credential_token(content).proof.key_id})
    proofs = as_list(parse_json_object(content).get("proof", []))
    methods = [proof.get("verificationMethod") if isinstance(proof, dict) else None for proof in proofs]
    return frozenset(method if isinstance(method, str) else None for method in methods)
