"""DID resolution and DID URL dereferencing without I/O (DID Resolution 1.0 sections 4 and 5; did:key 0.9 section 3.1).

`ask` reads the identifier and answers at once where the document follows from it; `answer_with` goes on with a
document that somebody fetched. How an answer is written down for HTTP is the web's affair.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from skillcred.encoding.json_types import JsonObject, as_list
from skillcred.encoding.multibase import BASE58_ALPHABET, decode_multibase
from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import InputError
from skillcred.identifiers.did import MAX_DID_URL_CHARACTERS, DidError, split_did
from skillcred.identifiers.did_key import DID_KEY_ALGORITHMS
from skillcred.identifiers.documents import (
    MAX_DOCUMENT_BYTES,
    RELATIONSHIPS,
    ControlledIdentifierDocument,
    parse_controlled_identifier_document,
)
from skillcred.identifiers.key_formats import (
    DEFAULT_FORMATS,
    EXPERIMENTAL_FORMATS,
    KEY_FORMATS,
    write_verification_method,
)
from skillcred.identifiers.methods import derive_document
from skillcred.keys.multikey import encode_multikey

DID_CONTEXT: Final = "https://www.w3.org/ns/did/v1"
_DID_URL = re.compile(r"([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.ASCII | re.DOTALL)
_PATH = re.compile(r"(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})*)*", re.ASCII)
_QUERY = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*", re.ASCII)
_MULTIKEY = re.compile(f"z[{BASE58_ALPHABET}]+", re.ASCII)
_KEY_PREFIXES: Final = {
    decode_multibase(encode_multikey(algorithm, b""), headers="z"): algorithm
    for algorithm in DID_KEY_ALGORITHMS
}
"""Multicodec prefix → the algorithm whose keys it announces."""


class ResolutionFault(Enum):
    """Why there is no answer: the name in DID Resolution 1.0 section 10, and the older keyword.

    The last four are of did:key 0.9; the newer specification knows them not and has `legacy` keywords only.
    """

    INVALID_DID = "invalidDid"
    INVALID_DID_URL = "invalidDidUrl"
    INVALID_OPTIONS = "invalidOptions"
    NOT_FOUND = "notFound"
    REPRESENTATION_NOT_SUPPORTED = "representationNotSupported"
    INVALID_DID_DOCUMENT = "invalidDidDocument"
    METHOD_NOT_SUPPORTED = "methodNotSupported"
    FEATURE_NOT_SUPPORTED = "featureNotSupported"
    INTERNAL_ERROR = "internalError"
    INVALID_PUBLIC_KEY = "invalidPublicKey"
    INVALID_PUBLIC_KEY_LENGTH = "invalidPublicKeyLength"
    INVALID_PUBLIC_KEY_TYPE = "invalidPublicKeyType"
    UNSUPPORTED_PUBLIC_KEY_TYPE = "unsupportedPublicKeyType"

    @property
    def legacy(self) -> str:
        """The keyword of DID Core 1.0 section 7.1.2 and of did:key."""
        return self.value


@dataclass(frozen=True, slots=True)
class ResolutionOptions:
    """What the client asks for beside the identifier: how keys are written (did:key 0.9, `publicKeyFormat` and
    `enableExperimentalPublicKeyTypes`)."""

    public_key_format: str | None = None
    experimental_key_types: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """An identifier taken apart. `is_url`: it was a DID URL and not only a DID."""

    did: str
    fragment: str | None
    is_url: bool


@dataclass(frozen=True, slots=True)
class ResolutionAnswer:
    """Either `resource`, a DID document or the part of one that a DID URL names, or a `fault`."""

    asked: Asked
    resource: JsonObject | None = None
    fault: ResolutionFault | None = None


def ask(identifier: str, options: ResolutionOptions) -> ResolutionAnswer | Asked:
    """The answer for a DID or DID URL, or what has to be fetched: the document of `Asked.did`.

    Raises nothing for whatever `identifier` is.
    """
    asked, fault = _take_apart(identifier)
    if fault is None:
        fault = _check_format(options)
    if fault is not None:
        return ResolutionAnswer(asked, fault=fault)
    try:
        document = derive_document(asked.did)
    except DidError as error:
        return ResolutionAnswer(asked, fault=_fault_of(asked.did, error))
    if document is None:
        return asked
    try:
        return _select(asked, _write_derived(document, options))
    except InputError:
        return ResolutionAnswer(asked, fault=ResolutionFault.INVALID_PUBLIC_KEY_TYPE)


def answer_with(asked: Asked, content: bytes) -> ResolutionAnswer:
    """The answer from the document that was fetched for `asked`. It is handed on as its owner wrote it."""
    try:
        parse_controlled_identifier_document(content, expected_id=asked.did)
        document = parse_json_object(content, max_bytes=MAX_DOCUMENT_BYTES)
    except InputError:
        return ResolutionAnswer(asked, fault=ResolutionFault.INVALID_DID_DOCUMENT)
    return _select(asked, document)


def _take_apart(identifier: str) -> tuple[Asked, ResolutionFault | None]:
    match = _DID_URL.fullmatch(identifier)
    did, path, query, fragment = match.groups() if match else (identifier, "", None, None)
    is_url = did != identifier
    asked = Asked(did, fragment, is_url)
    invalid = ResolutionFault.INVALID_DID_URL if is_url else ResolutionFault.INVALID_DID
    try:
        split_did(did)
    except DidError:
        return asked, invalid
    well_formed = _PATH.fullmatch(path) and _QUERY.fullmatch(query or "") and _QUERY.fullmatch(fragment or "")
    if not well_formed or fragment == "" or len(identifier) > MAX_DID_URL_CHARACTERS:
        return asked, invalid
    if path or query is not None:  # no method that we know gives a path or a query a meaning
        return asked, ResolutionFault.FEATURE_NOT_SUPPORTED
    return asked, None


def _check_format(options: ResolutionOptions) -> ResolutionFault | None:
    wanted = options.public_key_format
    if wanted is None or wanted in KEY_FORMATS:
        return None
    if wanted in EXPERIMENTAL_FORMATS and not options.experimental_key_types:
        return ResolutionFault.INVALID_PUBLIC_KEY_TYPE
    return ResolutionFault.UNSUPPORTED_PUBLIC_KEY_TYPE


def _fault_of(did: str, error: DidError) -> ResolutionFault:
    method, identifier = split_did(did)
    if error.code == "unsupported_did_method":
        return ResolutionFault.METHOD_NOT_SUPPORTED
    if error.code == "unsupported_key_type":
        return ResolutionFault.UNSUPPORTED_PUBLIC_KEY_TYPE
    if method == "key":
        return _fault_of_multikey(identifier)
    return ResolutionFault.INVALID_DID if error.code == "invalid_did" else ResolutionFault.INVALID_PUBLIC_KEY


def _fault_of_multikey(text: str) -> ResolutionFault:
    """What did:key 0.9 calls the fault of a Multikey that was refused."""
    if not _MULTIKEY.fullmatch(text):
        return ResolutionFault.INVALID_DID
    try:
        data = decode_multibase(text, headers="z")
    except InputError:  # longer than any key that we know
        return ResolutionFault.UNSUPPORTED_PUBLIC_KEY_TYPE
    for prefix, algorithm in _KEY_PREFIXES.items():
        if data.startswith(prefix):
            right = len(data) - len(prefix) == algorithm.public_key_length
            return ResolutionFault.INVALID_PUBLIC_KEY if right else ResolutionFault.INVALID_PUBLIC_KEY_LENGTH
    return ResolutionFault.UNSUPPORTED_PUBLIC_KEY_TYPE


def _write_derived(document: ControlledIdentifierDocument, options: ResolutionOptions) -> JsonObject:
    method_name, _ = split_did(document.id)
    wanted = KEY_FORMATS[options.public_key_format or DEFAULT_FORMATS[method_name]]
    written: JsonObject = {
        "@context": [DID_CONTEXT, wanted.context],
        "id": document.id,
        "verificationMethod": [
            write_verification_method(method, wanted) for method in document.verification_methods.values()
        ],
    }
    for name in RELATIONSHIPS:
        if document.relationships[name]:
            written[name] = [*sorted(document.relationships[name])]
    return written


def _select(asked: Asked, document: JsonObject) -> ResolutionAnswer:
    """The document, or for a DID URL the verification method that its fragment names (section 5.4.2)."""
    if asked.fragment is None:
        return ResolutionAnswer(asked, document)
    names = (f"{asked.did}#{asked.fragment}", f"#{asked.fragment}")
    for member in ("verificationMethod", *RELATIONSHIPS, "service"):
        for item in as_list(document.get(member, [])):
            if isinstance(item, dict) and item.get("id") in names:
                context: JsonObject = {"@context": document["@context"]} if "@context" in document else {}
                return ResolutionAnswer(asked, {**context, **item, "id": names[0]})
    return ResolutionAnswer(asked, fault=ResolutionFault.NOT_FOUND)
