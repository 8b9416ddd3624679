"""Keys that the registry knows, where the signer's own identity document does not have them (SECURITY K-11, K-12).

Rotation is not revocation: what a retired key signed in its time stays good although its owner's document lists another
by now, and although the owner's host, or the owner, is gone. The registry's word replaces nothing that the document
says: of a document that is there, only keys that the registry has as retired or compromised are added. Whether a key
was in use when it signed, and who vouches for that, is judged in the trust step (`skillcred.trust.keys`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from skillcred.errors import InputError
from skillcred.identifiers import ControlledIdentifierDocument, VerificationMethod, derive_document
from skillcred.keys.public_key import PublicKey
from skillcred.model.documents import SecuredDocument
from skillcred.model.outcomes import EvidenceKind, EvidenceReference, Outcome, Problem
from skillcred.securing import (
    ASSERTION,
    Availability,
    ControllerDocuments,
    DocumentNotAvailable,
    ProofFindings,
    ProofRequest,
    verify_secured_document,
)
from skillcred.trust import KeyHistory, RegisteredKey, parse_registry_extract
from skillcred.verification.evidence import EvidenceReader

HistoriesOf = Callable[[str], "tuple[KeyHistory, ...] | None"]
"""What the registry knows of the keys of a DID; `None` where nobody has asked it yet."""
LACKING: Final = frozenset({"key_not_in_document", "key_not_available"})
"""Codes of the proof step that the registry's keys may help against."""
MAX_BRANCHES: Final = 8
"""Most branches of the registry whose keys are tried for one document."""

KEY_FROM_REGISTRY: Final = Problem(
    "key_from_registry",
    "The signer's identity document could not be had; the key is the one that the registry knows.",
)
KEY_REPLACED: Final = Problem(
    "key_no_longer_listed",
    "The signer does not list the key any more; the registry knows it as one that was replaced.",
)


@dataclass(frozen=True, slots=True)
class RegistryKeys:
    """The names of keys that were taken from the registry, and the branch that they were taken from."""

    methods: frozenset[str] = frozenset()
    branch: str | None = None


NO_KEYS: Final = RegistryKeys()


def verify_with_registry_keys(
    secured: SecuredDocument, request: ProofRequest, first: ProofFindings, histories_of: HistoriesOf
) -> tuple[ProofFindings, RegistryKeys]:
    """The findings once more where `first` lacked a key and the registry has one, of one branch after the other; else
    `first`, with the registry among its needs if it was not asked yet."""
    if first.verified is not None or first.result.code not in LACKING or request.purpose != ASSERTION:
        return first, NO_KEYS
    histories: list[KeyHistory] = []
    needs: list[EvidenceReference] = []
    for did, document in request.controllers.items():
        if not _may_be_helped(did, document):
            continue
        known = histories_of(did)
        if known is None:
            needs.append(EvidenceReference(EvidenceKind.REGISTRY_EXTRACT, did))
        else:
            histories.extend(known)
    if needs:
        result = first.result
        return ProofFindings(result._replace(needs=(*result.needs, *needs)), None), NO_KEYS
    for branch in list(dict.fromkeys(history.branch for history in histories))[:MAX_BRANCHES]:
        added = _add_keys(request.controllers, [one for one in histories if one.branch in (None, branch)])
        if not added.methods:
            continue
        again = verify_secured_document(secured, request._replace(controllers=added.controllers))
        if again.verified is None and again.result.code in LACKING:
            continue
        if again.verified is None and again.result.outcome is Outcome.FAILED and branch is not None:
            continue  # what one branch says of a key must not spoil what another says
        used = _used(again, added.methods)
        return _with_warning(again, request.controllers, used), RegistryKeys(used, branch)
    return first, NO_KEYS


def read_key_histories(reader: EvidenceReader, did: str) -> tuple[KeyHistory, ...] | None:
    """What the registry extract about that DID says of its keys; nothing, if there is none to be had."""
    item = reader.read(EvidenceReference(EvidenceKind.REGISTRY_EXTRACT, did))
    if item is None:
        return None
    if item.content is None:
        return ()
    try:
        return parse_registry_extract(item.content, issuer_did=did).keys_of(did)
    except InputError:
        return ()  # the trust step tells what is wrong with it


@dataclass(frozen=True, slots=True)
class _Added:
    controllers: ControllerDocuments
    methods: frozenset[str]


def _may_be_helped(did: str, document: ControlledIdentifierDocument | DocumentNotAvailable) -> bool:
    """Documents that follow from the identifier itself are whole; one that was not asked for is asked for first."""
    if isinstance(document, DocumentNotAvailable):
        return document.availability is Availability.UNAVAILABLE
    return derive_document(did) is None


def _add_keys(controllers: ControllerDocuments, histories: Iterable[KeyHistory]) -> _Added:
    found = dict(controllers)
    added: set[str] = set()
    for history in histories:
        document = found.get(history.did)
        if document is None or not _may_be_helped(history.did, document):
            continue
        methods = dict(_methods(history, document))
        if methods:
            found[history.did] = _document(history.did, document, methods)
            added |= methods.keys()
    return _Added(found, frozenset(added))


def _methods(
    history: KeyHistory, document: ControlledIdentifierDocument | DocumentNotAvailable
) -> Iterable[tuple[str, VerificationMethod]]:
    there = isinstance(document, ControlledIdentifierDocument)
    for key in history.keys:
        name = key.verification_method
        if name.partition("#")[0] != history.did or (there and not _is_over(key)):
            continue
        if isinstance(document, ControlledIdentifierDocument) and (
            name in document.verification_methods or name in document.unusable
        ):
            continue
        try:
            public_key = PublicKey.from_multikey(key.public_key_multibase)
        except InputError:
            continue  # of a kind that we do not know: the signature stays unchecked
        yield name, VerificationMethod(name, "Multikey", history.did, public_key)


def _is_over(key: RegisteredKey) -> bool:
    return key.retired_at is not None or key.compromised_at is not None


def _document(
    did: str,
    document: ControlledIdentifierDocument | DocumentNotAvailable,
    methods: Mapping[str, VerificationMethod],
) -> ControlledIdentifierDocument:
    if isinstance(document, DocumentNotAvailable):
        return ControlledIdentifierDocument(
            did, MappingProxyType(dict(methods)), MappingProxyType({ASSERTION: frozenset(methods)})
        )
    allowed = document.relationships.get(ASSERTION, frozenset()) | methods.keys()
    return replace(
        document,
        verification_methods=MappingProxyType({**document.verification_methods, **methods}),
        relationships=MappingProxyType({**document.relationships, ASSERTION: frozenset(allowed)}),
    )


def _used(findings: ProofFindings, added: frozenset[str]) -> frozenset[str]:
    if findings.verified is None:
        return frozenset()
    return frozenset(proof.verification_method for proof in findings.verified.proofs) & added


def _with_warning(
    findings: ProofFindings, controllers: ControllerDocuments, used: frozenset[str]
) -> ProofFindings:
    gone = any(
        isinstance(controllers.get(name.partition("#")[0]), DocumentNotAvailable) for name in sorted(used)
    )
    if not used:
        return findings
    result = findings.result
    warnings = (*result.warnings, KEY_FROM_REGISTRY if gone else KEY_REPLACED)
    return ProofFindings(result._replace(warnings=warnings), findings.verified)
