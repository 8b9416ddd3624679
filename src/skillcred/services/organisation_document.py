"""The DID document of an organisation of ours, and its parts that other services need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from skillcred.encoding.json_types import JsonObject
from skillcred.identifiers import build_did_document, build_did_web
from skillcred.services.records import KeyState, Organisation, OrganisationKind, SigningKey

DID_WEB: Final = "did:web:"
ASKING_ORGANISATIONS: Final = frozenset({OrganisationKind.OPERATOR, OrganisationKind.VERIFIER})
ISSUERS_SEGMENT: Final = "issuers"


def own_did_web(base_url: str, kind: OrganisationKind, slug: str) -> str:
    """The did:web of an organisation; the operator's is that of the deployment itself."""
    if kind is OrganisationKind.OPERATOR:
        return build_did_web(base_url)
    return build_did_web(base_url, ISSUERS_SEGMENT, slug)


def build_organisation_document(organisation: Organisation, keys: Sequence[SigningKey]) -> JsonObject:
    """The DID document: active and retired keys, for what a retired key signed must go on verifying; never
    compromised ones. Active keys of organisations that ask for presentations are for `authentication` as well: some
    wallets want to find the key of a request there (OpenID4VP 1.0 section 5.9.3 leaves it open)."""
    methods = [(key.id, key.public_key_multibase) for key in keys if key.state is not KeyState.COMPROMISED]
    asking = [
        key.id for key in keys if key.state is KeyState.ACTIVE and organisation.kind in ASKING_ORGANISATIONS
    ]
    return build_did_document(organisation.did, methods, authentication=asking)
