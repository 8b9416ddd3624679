"""Puts a holder's wallet together: a program of one person, which knows no deployment, database or registry."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from skillcred.adapters.clock import SystemClock
from skillcred.adapters.fetch import DidWebSource, OutboundDoor, StatusListSource
from skillcred.adapters.trust_anchors import ConfiguredTrustAnchors
from skillcred.bootstrap.build import RememberInMemory
from skillcred.identifiers import did_web_url, local_did_web_url
from skillcred.keys.certificates import parse_trust_anchors
from skillcred.model.outcomes import EvidenceKind
from skillcred.services.accept_offer import AcceptOffer
from skillcred.services.collect_credentials import CollectCredentials
from skillcred.services.discover_issuer import DiscoverIssuer
from skillcred.services.judge_received import JudgeReceived
from skillcred.services.obtain_access import ObtainAccess
from skillcred.services.ports import Clock
from skillcred.services.present_credentials import PresentCredentials
from skillcred.services.request_credentials import RequestCredentials
from skillcred.services.verify_document import VerifyDocument
from skillcred.services.wallet_identities import WalletIdentities
from skillcred.services.wallet_ports import Attester, HolderDoor, Person, WalletStore, WalletTrust


@dataclass(frozen=True, slots=True)
class Wallet:
    """What a holder can do with an open wallet."""

    store: WalletStore
    clock: Clock
    verify_document: VerifyDocument
    accept_offer: AcceptOffer
    collect_credentials: CollectCredentials
    present_credentials: PresentCredentials


def build_wallet(
    store: WalletStore,
    person: Person,
    trust: WalletTrust,
    *,
    door: HolderDoor | None = None,
    verify_document: VerifyDocument | None = None,
    clock: Clock | None = None,
    attester: Attester | None = None,
) -> Wallet:
    """The use cases over `store`. Tests give another way out, verifier or clock; people do not."""
    clock = clock or SystemClock()
    outbound = OutboundDoor.to_the_internet(local=trust.local)
    did_documents = DidWebSource(outbound, address_of=local_did_web_url if trust.local else did_web_url)
    anchors = ConfiguredTrustAnchors.read(trust.authorities)
    verify_document = verify_document or VerifyDocument(
        clock,
        {
            EvidenceKind.DID_DOCUMENT: did_documents,
            EvidenceKind.STATUS_LIST: StatusListSource(outbound, RememberInMemory()),
            EvidenceKind.TRUST_ANCHORS: anchors,
        },
        {},
    )
    door = door or outbound
    identities = WalletIdentities(clock, verify_document.sources[EvidenceKind.DID_DOCUMENT], trust)
    discover = DiscoverIssuer(clock, trust, identities)
    request = RequestCredentials(store, clock, JudgeReceived(verify_document), attester)
    return Wallet(
        store,
        clock,
        verify_document,
        AcceptOffer(clock, door, discover, ObtainAccess(person, attester), request, person),
        CollectCredentials(store, clock, door, discover, request),
        PresentCredentials(store, clock, door, identities, person),
    )


def read_trust(authorities: Path | None, *, local: bool) -> WalletTrust:
    """Whom to trust: the authorities in a PEM file, for issuers and verifiers alike; without one no certificate proves
    anything. Raises `ConfigurationError` (`trust_anchors_unreadable`, `invalid_trust_anchors`)."""
    content = ConfiguredTrustAnchors.read(authorities).content
    return WalletTrust(None if content is None else parse_trust_anchors(content), local, authorities)
