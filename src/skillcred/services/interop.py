"""The use cases of the interoperability surface, together. Composed only where it is switched on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from skillcred.services.derive_interop_credential import DeriveInteropCredential
from skillcred.services.interop_issuers import InteropIssuer
from skillcred.services.interop_statuses import InteropStatuses
from skillcred.services.issue_interop_credential import IssueInteropCredential
from skillcred.services.verify_document import VerifyDocument
from skillcred.services.verify_interop_document import VerifyInteropDocument

INTEROP_PATH: Final = "/vc-api"
"""Where the surface is served, below the address of the deployment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interop:
    """What the VC-API calls. `issuers` by the name of their endpoint."""

    issuers: Mapping[str, InteropIssuer]
    issue_credential: IssueInteropCredential
    derive_credential: DeriveInteropCredential
    statuses: InteropStatuses
    verify_document: VerifyDocument

    @property
    def verify_credential(self) -> VerifyInteropDocument:
        """The use case over `verify_document`, which is composed with the policy for interoperability."""
        return VerifyInteropDocument(self.verify_document)
