"""A national body that keeps its keys on a machine of its own: an enrolled one with a ceremony and two people here, and
what it signs there."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from skillcred.adapters.registry.branch_signing import BodyHolder
from skillcred.bootstrap import Application
from skillcred.keys.signer import Signer
from skillcred.model.datetimes import format_instant
from skillcred.services.branch_packages import parse_package
from skillcred.services.ceremony import fingerprint_of, read_ceremony
from skillcred.services.governance_records import Proposal
from skillcred.services.ports import KeyManager
from skillcred.services.prepare_branch import PreparedBranch
from skillcred.services.records import Actor
from skillcred.trust import AccreditationScope, build_accreditation
from worlds.application import DemoRegistry
from worlds.in_memory_keys import InMemoryKeyManager
from worlds.pure_world import SoftSigner, sign

DID = "did:web:ministry.example"
NAME = "Ministry of Skills"
METHOD = f"{DID}#key-1"


class SoftKeys(InMemoryKeyManager):
    """A keystore with the keys of soft signers, under their names."""

    def __init__(self, *signers: SoftSigner) -> None:
        super().__init__()
        self._soft = {signer.verification_method: signer for signer in signers}

    def get_signer(self, key_id: str, public_key_multibase: str) -> Signer:
        found = self._soft.get(key_id)
        return super().get_signer(key_id, public_key_multibase) if found is None else found


@dataclass
class OutsideBody:
    """The body: `signer` is its key, `ana` and `juma` are its two people."""

    application: Application
    signer: SoftSigner
    keys: KeyManager
    ana: Actor
    juma: Actor
    signed: bytes | None = None
    """The branch that it signed last."""

    def accreditation(
        self, provider_did: str, at: datetime, *, signer: SoftSigner | None = None, **changes: Any
    ) -> dict[str, Any]:
        """What it would sign."""
        parts: dict[str, Any] = {
            "credential_id": f"urn:example:{provider_did}",
            "body_did": DID,
            "body_name": NAME,
            "provider_did": provider_did,
            "provider_name": f"School at {provider_did.rpartition(':')[2]}",
            "scopes": (AccreditationScope(("training",), countries=("PH",)),),
            "valid_from": at,
            "valid_until": None,
            **changes,
        }
        return build_accreditation(**parts)

    def hand_in(self, unsigned: dict[str, Any], at: datetime, signer: SoftSigner | None = None) -> Proposal:
        """An accreditation, signed and proposed."""
        credential = sign(unsigned, signer or self.signer, created=at).decode()
        return self.application.propose_change(self.ana, "hand_in_accreditation", {"credential": credential})

    def approve(self, proposal: Proposal) -> Proposal:
        """By the other of the two."""
        return self.application.decide_proposal.approve(self.juma, proposal.id, sha256=proposal.sha256)

    def accredit(self, provider_did: str, at: datetime, **changes: Any) -> str:
        """Signed, handed in and approved: the id."""
        outcome = self.approve(self.hand_in(self.accreditation(provider_did, at, **changes), at)).outcome
        assert outcome is not None
        return outcome

    def prepare(self) -> PreparedBranch:
        return self.application.prepare_branch(self.ana, DID)

    def sign_branch(self, prepared: PreparedBranch, at: datetime, **changes: Any) -> bytes:
        """On the body's own machine."""
        order = {
            "body_did": DID,
            "sha256": prepared.header.sha256,
            "before": self.signed,
            "at": at,
            **changes,
        }
        return BodyHolder(self.keys).sign_branch(parse_package(prepared.package), **order)

    def propose_branch(self, signed: bytes) -> Proposal:
        change = {"did": DID, "metadata": signed.decode()}
        return self.application.propose_change(self.ana, "hand_in_branch", change)

    def hand_in_branch(self, at: datetime) -> bytes:
        """Prepared, signed, handed in and approved."""
        signed = self.sign_branch(self.prepare(), at)
        self.approve(self.propose_branch(signed))
        self.signed = signed
        return signed


def ceremony(signer: SoftSigner, activated_at: datetime, **changes: Any) -> dict[str, Any]:
    """The record of the ceremony in which the key was verified."""
    multikey = signer.public_key.to_multikey()
    return {
        "did": DID,
        "name": NAME,
        "country": "PH",
        "scopes": [{"action": "accredit", "profiles": ["training"], "countries": ["PH"]}],
        "keys": [
            {
                "verification_method": signer.verification_method,
                "public_key_multibase": multikey,
                "activated_at": format_instant(activated_at),
                "fingerprint": fingerprint_of(multikey),
                "verified_by": "in_person",
                "verified_on": "2026-05-20",
            }
        ],
        "witnesses": [{"name": "Ana", "organisation": NAME}, {"name": "Juma", "organisation": "Office"}],
        "held_on": "2026-05-20",
        **changes,
    }


def enrol_outside_body(registry: DemoRegistry, activated_at: datetime) -> OutsideBody:
    """Enrol it by its ceremony, and admit it with its two people."""
    application = registry.application
    signer = SoftSigner(1, did=DID)
    record = json.loads(json.dumps(ceremony(signer, activated_at)))
    read_ceremony(record)
    proposal = application.propose_change(registry.operator, "enrol_body", record)
    colleague = replace(registry.operator, api_key_id="colleague")
    application.decide_proposal.approve(colleague, proposal.id, sha256=proposal.sha256)
    organisation = application.create_organisation(
        kind="national_body", slug="ministry", name=NAME, country="PH", did=DID, actor=registry.operator
    )
    actor = application.local_actor("body_admin", organisation.id)
    return OutsideBody(
        application,
        signer,
        SoftKeys(signer),
        replace(actor, api_key_id="ana"),
        replace(actor, api_key_id="juma"),
    )
