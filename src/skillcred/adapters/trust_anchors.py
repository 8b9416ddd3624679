"""The certificates that the operator trusts to name issuers, as evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from skillcred.errors import ConfigurationError
from skillcred.keys.certificates import MAX_ANCHOR_BYTES, CertificateError, parse_trust_anchors
from skillcred.model.outcomes import EvidenceReference
from skillcred.securing import ISSUER_ANCHORS
from skillcred.verification import EvidenceItem

SOURCE: Final = "own_settings"


@dataclass(frozen=True, slots=True)
class ConfiguredTrustAnchors:
    """The `EvidenceSource` for trust anchors. What is in the file counts from the start of the process on, so that it
    cannot change under a running one; `content` is `None` where the operator trusts nobody."""

    content: bytes | None

    @classmethod
    def read(cls, path: Path | None) -> ConfiguredTrustAnchors:
        """The anchors in the file `path`. Raises `ConfigurationError` (`trust_anchors_unreadable`,
        `invalid_trust_anchors`)."""
        if path is None:
            return cls(None)
        try:
            with path.open("rb") as file:
                content = file.read(MAX_ANCHOR_BYTES + 1)
            parse_trust_anchors(content)
        except OSError as error:
            raise ConfigurationError(
                f"The trust anchors in {path} cannot be read.", code="trust_anchors_unreadable"
            ) from error
        except CertificateError as error:
            raise ConfigurationError(f"{path}: {error.message}", code=error.code) from error
        return cls(content)

    def fetch_evidence(self, reference: EvidenceReference, *, at: datetime) -> EvidenceItem:
        """The anchors for issuers of SD-JWT VCs; there are no others."""
        if reference != ISSUER_ANCHORS:
            return EvidenceItem(reference, at, "none", unavailable="evidence_kind_not_supported")
        if self.content is None:
            return EvidenceItem(reference, at, SOURCE, unavailable="no_trust_anchors")
        return EvidenceItem(reference, at, SOURCE, content=self.content)
