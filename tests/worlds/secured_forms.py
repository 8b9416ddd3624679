"""One secured credential for every securing mechanism and kind of key, for the contract suite and the oracle."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from skillcred.keys.algorithms import Algorithm
from skillcred.model.documents import Form, parse_secured_document
from skillcred.model.outcomes import Outcome, Step, Verdict
from skillcred.securing import (
    EXPERIMENTAL_NAMES,
    MECHANISM_NAMES,
    attach_proof,
    key_algorithms,
    prepare_proof,
    secured_media_type,
    show_everything,
)
from skillcred.trust import AccreditationScope
from skillcred.verification import Evidence, verify
from worlds.pure_world import AWARDED, NOW, PureWorld, SoftSigner, did_document, document_item, sign

SIGNED_AS_TEXT: Final = ("jcs", "jwt", "cose")
"""Parts of the names of mechanisms whose signature covers the text, so that the order of arrays counts."""

COMPANIONS: Final = {"mldsa44-rdfc-2024": "eddsa-rdfc-2022", "mldsa44-jcs-2024": "eddsa-jcs-2022"}
"""Experimental cryptosuite → that of the proof beside it, without which nobody would know who signed."""

PLAIN_CLAIMS: Final = "dc+sd-jwt"
"""The mechanism whose documents are claims and not VCDM."""


@dataclass(frozen=True)
class SecuredForm:
    """A mechanism with a kind of key."""

    mechanism: str
    algorithm: Algorithm

    @property
    def name(self) -> str:
        """For test ids."""
        return f"{self.mechanism}-{self.algorithm.value}"

    @property
    def experimental(self) -> bool:
        """Whether its proof is not enough alone."""
        return self.mechanism in EXPERIMENTAL_NAMES

    @property
    def signed_as_rdf(self) -> bool:
        """Whether the signature covers the RDF form."""
        return not any(part in self.mechanism for part in SIGNED_AS_TEXT)

    @property
    def media_type(self) -> str:
        """Of what the mechanism makes."""
        return secured_media_type(self.mechanism)

    @property
    def form(self) -> Form:
        """JSON with embedded proofs, or which envelope."""
        return parse_secured_document(self.make_alone()[0], self.media_type).form

    def unsigned(self) -> dict[str, Any]:
        """The document that is signed."""
        if self.mechanism != PLAIN_CLAIMS:
            return self.world().unsigned()
        return {
            "jti": "https://provider.example/credentials/1",
            "vct": "https://provider.example/types/welder",
            "iss": self.world().provider.did,
            "iat": int(AWARDED.timestamp()),
            "name": "Añb",
            "levels": [1, 2, {"code": "6G"}],
        }

    def world(self) -> PureWorld:
        """A world whose provider has such a key."""
        return PureWorld(
            provider=SoftSigner(2, self.algorithm), scope=AccreditationScope(("qualification",)), events=()
        )

    def signers(self) -> tuple[SoftSigner, ...]:
        """The signer, and the one of the proof beside it where there has to be one. Both have one identity."""
        signer = self.world().provider
        return (signer, SoftSigner(3, did=signer.did)) if self.experimental else (signer,)

    def make(self) -> tuple[bytes, Evidence]:
        """A credential that verifies, and the evidence it needs."""
        content, evidence = self.make_alone()
        if not self.experimental:
            return content, evidence
        signer, companion = self.signers()
        prepared = prepare_proof(
            self.mechanism,
            json.loads(sign(self.unsigned(), companion, COMPANIONS[self.mechanism])),
            verification_method=signer.verification_method,
            algorithm=self.algorithm,
            created=AWARDED,
            options={"previousProof": None},
        )
        return attach_proof(prepared, signer.sign(prepared.to_be_signed)), evidence

    def make_alone(self) -> tuple[bytes, Evidence]:
        """A credential with a proof by this mechanism and no other, and the evidence it needs."""
        world = self.world()
        evidence = world.evidence()
        if self.experimental:
            document = did_document(*self.signers())
            evidence = evidence.with_items([document_item(world.provider.did, document)])
        return show_everything(
            sign(self.unsigned(), world.provider, self.mechanism), self.mechanism
        ), evidence

    def claims_if_accepted(self, content: bytes, evidence: Evidence) -> Any:
        """The claims, if the verdict is `valid`, else `None`. Plain claims are of no profile that a body accredits, so
        that there the steps up to conformance have to do."""
        report = verify(content, evidence=evidence, at=NOW, media_type=self.media_type)
        if self.mechanism == PLAIN_CLAIMS:
            outcomes = {result.step: result.outcome for result in report.steps}
            accepted = all(
                outcomes[step] is Outcome.PASSED
                for step in (Step.PROOF, Step.ISSUER_BINDING, Step.CONFORMANCE)
            )
        else:
            accepted = report.verdict is Verdict.VALID
        return report.claims if accepted else None


FORMS: Final = tuple(
    SecuredForm(name, algorithm)
    for name in (*MECHANISM_NAMES, *EXPERIMENTAL_NAMES)
    for algorithm in key_algorithms(name)
)
