"""One secured credential for every securing mechanism and kind of key, for the contract suite and the oracle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from skillcred.keys.algorithms import Algorithm
from skillcred.model.documents import Form, parse_secured_document
from skillcred.model.outcomes import Verdict
from skillcred.securing import MECHANISM_NAMES, key_algorithms, secured_media_type
from skillcred.trust import AccreditationScope
from skillcred.verification import Evidence, verify
from worlds.pure_world import NOW, PureWorld, SoftSigner

SIGNED_AS_TEXT: Final = ("jcs", "jwt", "cose")
"""Parts of the names of mechanisms whose signature covers the text, so that the order of arrays counts."""


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
        return parse_secured_document(self.make()[0], self.media_type).form

    def unsigned(self) -> dict[str, Any]:
        """The document that is signed."""
        return self.world().unsigned()

    def world(self) -> PureWorld:
        """A world whose provider has such a key."""
        return PureWorld(
            provider=SoftSigner(2, self.algorithm), scope=AccreditationScope(("qualification",)), events=()
        )

    def make(self) -> tuple[bytes, Evidence]:
        """A credential that verifies, and the evidence it needs."""
        world = self.world()
        return world.credential(self.mechanism), world.evidence()

    def claims_if_accepted(self, content: bytes, evidence: Evidence) -> Any:
        """The claims, if the verdict is `valid`, else `None`."""
        report = verify(content, evidence=evidence, at=NOW, media_type=self.media_type)
        return report.claims if report.verdict is Verdict.VALID else None


FORMS: Final = tuple(
    SecuredForm(name, algorithm) for name in MECHANISM_NAMES for algorithm in key_algorithms(name)
)
