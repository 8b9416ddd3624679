"""Controlled identifier documents (Controlled Identifiers 1.0; DID documents are such documents).

Read as plain JSON (`application/did`): `@context` is not evaluated, so that no context can change what a
member means. What makes the document ambiguous refuses the whole document (SECURITY K-10). A method that is
merely beyond us, because of its type or its key, is kept by name with the reason: using it gives a clear
answer, while the other methods stay usable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue, as_list
from skillcred.encoding.strict_json import StrictJsonError, StrictJsonLimitError, parse_json_object
from skillcred.identifiers.did import DidError, split_did, split_did_url
from skillcred.identifiers.verification_method import (
    DidDocumentError,
    VerificationMethod,
    parse_verification_method,
)
from skillcred.keys.public_key import InvalidKeyError

MAX_DOCUMENT_BYTES: Final = 64 * 1024
"""Largest document read, in bytes; the egress door lets no more through either (SECURITY K-08)."""
DOCUMENT_CACHE_SIZE: Final = 256
"""Read documents kept in memory by their exact bytes: 16 MiB of them at most."""
MAX_VERIFICATION_METHODS: Final = 64
"""Most verification methods in one document, embedded ones included (SECURITY K-10)."""
RELATIONSHIPS: Final = (
    "authentication",
    "assertionMethod",
    "keyAgreement",
    "capabilityInvocation",
    "capabilityDelegation",
)
"""Verification relationships of Controlled Identifiers 1.0 section 2.3."""
DOCUMENT_CONTEXTS: Final = ("https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1")


@dataclass(frozen=True, slots=True)
class ControlledIdentifierDocument:
    """What a document says about keys, by absolute DID URL.

    `unusable` has, for methods that exist but cannot be used, the reason as a stable code. `relationships`
    has all five names; an id in it need not be in `verification_methods`.
    """

    id: str
    verification_methods: Mapping[str, VerificationMethod]
    relationships: Mapping[str, frozenset[str]]
    unusable: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def get_verification_method(self, did_url: str, *, relationship: str) -> VerificationMethod:
        """The method `did_url`, provided it is listed under `relationship`.

        Raises `DidDocumentError`: `verification_method_not_found`, `relationship_missing`, or the reason why
        the method cannot be used.
        """
        if did_url in self.unusable:
            raise DidDocumentError("The key of this name cannot be used.", code=self.unusable[did_url])
        method = self.verification_methods.get(did_url)
        if method is None:
            raise DidDocumentError(
                "The document has no key of this name.", code="verification_method_not_found"
            )
        if did_url not in self.relationships.get(relationship, frozenset()):
            raise DidDocumentError("The key is not meant for this purpose.", code="relationship_missing")
        return method


@lru_cache(maxsize=DOCUMENT_CACHE_SIZE)
def parse_controlled_identifier_document(content: bytes, *, expected_id: str) -> ControlledIdentifierDocument:
    """The document in `content`, which must be about `expected_id`.

    Raises `DidDocumentError`: `did_document_mismatch` (its `id` is another), `duplicate_verification_method`,
    `key_encodings_disagree`, `too_many_verification_methods`, `invalid_did_document`, or the code of the
    strict JSON parser.
    """
    try:
        document = parse_json_object(content, max_bytes=MAX_DOCUMENT_BYTES)
    except (StrictJsonError, StrictJsonLimitError) as error:
        raise DidDocumentError(error.message, code=error.code, pointer=error.pointer) from error
    if document.get("id") != expected_id:
        raise DidDocumentError(
            "The document is about another identifier.", code="did_document_mismatch", pointer="/id"
        )
    reader = _Reader(expected_id)
    reader.read_methods(document)
    relationships = {name: reader.read_relationship(document, name) for name in RELATIONSHIPS}
    return ControlledIdentifierDocument(
        expected_id,
        MappingProxyType(reader.methods),
        MappingProxyType(relationships),
        MappingProxyType(reader.unusable),
    )


class _Reader:
    """Collects the methods of one document."""

    def __init__(self, did: str) -> None:
        self.did = did
        self.methods: dict[str, VerificationMethod] = {}
        self.unusable: dict[str, str] = {}
        self._sources: dict[str, JsonObject] = {}
        self._count = 0

    def read_methods(self, document: JsonObject) -> None:
        for index, item in enumerate(_list(document, "verificationMethod")):
            self._add(item, f"/verificationMethod/{index}")

    def read_relationship(self, document: JsonObject, name: str) -> frozenset[str]:
        ids: set[str] = set()
        for index, item in enumerate(_list(document, name)):
            pointer = f"/{name}/{index}"
            ids.add(self._absolute(item, pointer) if isinstance(item, str) else self._add(item, pointer))
        return frozenset(ids)

    def _add(self, item: JsonValue, pointer: str) -> str:
        self._count += 1
        if self._count > MAX_VERIFICATION_METHODS:
            raise DidDocumentError(
                f"The document has more than {MAX_VERIFICATION_METHODS} keys.",
                code="too_many_verification_methods",
                pointer=pointer,
            )
        if not isinstance(item, dict):
            raise DidDocumentError("A verification method is an object.", pointer=pointer)
        method_id = self._absolute(item.get("id"), f"{pointer}/id")
        if method_id.partition("#")[0] != self.did:
            raise DidDocumentError(
                "A verification method belongs to another identifier.",
                code="did_document_mismatch",
                pointer=f"{pointer}/id",
            )
        earlier = self._sources.setdefault(method_id, item)
        if earlier is not item:
            if earlier != item:
                raise DidDocumentError(
                    "Two verification methods have one name.",
                    code="duplicate_verification_method",
                    pointer=f"{pointer}/id",
                )
            return method_id
        try:
            self.methods[method_id] = parse_verification_method(item, method_id=method_id, pointer=pointer)
        except InvalidKeyError as error:
            self.unusable[method_id] = error.code
        return method_id

    def _absolute(self, value: JsonValue, pointer: str) -> str:
        """`value` as an absolute DID URL with a fragment; `#name` belongs to this document."""
        if not isinstance(value, str):
            raise DidDocumentError("A verification method is named by a DID URL.", pointer=pointer)
        text = self.did + value if value.startswith("#") else value
        try:
            _, fragment = split_did_url(text)
        except DidError as error:
            raise DidDocumentError("A verification method is named by a DID URL.", pointer=pointer) from error
        if fragment is None:
            raise DidDocumentError("The name of a verification method has no fragment.", pointer=pointer)
        return text


def _list(document: JsonObject, name: str) -> list[JsonValue]:
    value = document.get(name, [])
    if value is None:
        raise DidDocumentError("A member of the document is null.", pointer=f"/{name}")
    return as_list(value)


def build_did_document(
    did: str,
    methods: Sequence[tuple[str, str]],
    *,
    also_known_as: Sequence[str] = (),
    authentication: Sequence[str] = (),
) -> JsonObject:
    """The DID document of `did` with Multikey `methods`, given as (verification method id, multikey) pairs.

    All keys are for `assertionMethod`, which is what signing credentials needs; those named in `authentication` also
    for saying who asks. Raises `DidError`.
    """
    split_did(did)
    for method_id, _ in methods:
        if split_did_url(method_id)[0] != did:
            raise DidError("A verification method belongs to another identifier.")
    document: JsonObject = {"@context": list(DOCUMENT_CONTEXTS), "id": did}
    if also_known_as:
        document["alsoKnownAs"] = list(also_known_as)
    document["verificationMethod"] = [
        {"id": method_id, "type": "Multikey", "controller": did, "publicKeyMultibase": multikey}
        for method_id, multikey in methods
    ]
    document["assertionMethod"] = [method_id for method_id, _ in methods]
    if authentication:
        document["authentication"] = list(authentication)
    return document
