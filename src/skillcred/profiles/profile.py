"""What a credential profile is: a short frozen declaration."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Final

from skillcred.shipped import shipped_path

VC_CONTEXT: Final = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES_CONTEXT: Final = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
SKILL_CONTEXT: Final = "https://skillcred.org/ns/skill/v1"

PROFILE_CONTEXTS: Final = (VC_CONTEXT, OPEN_BADGES_CONTEXT, SKILL_CONTEXT)
"""The `@context` of every skill credential, in this order."""

OPEN_BADGE_TYPE: Final = "OpenBadgeCredential"
"""The Open Badges 3.0 type that every skill credential has beside its own."""

SCHEMA_BASE: Final = "https://skillcred.org/schemas/"
"""Base of the `$id` of our JSON Schemas. They are shipped, never fetched."""

TYPE_BASE: Final = "https://skillcred.org/types/"
"""Base of the `vct` of our SD-JWT VCs. Their metadata is shipped and served by every deployment, never fetched."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of skill credential. `title` is English, for people."""

    id: str
    version: int
    title: str
    credential_type: str

    @property
    def name(self) -> str:
        """File name of the schema within its folder."""
        return f"profiles/{self.id}-v{self.version}.json"

    @property
    def schema_path(self) -> str:
        """Where the schema lies, for `shipped_path`."""
        return f"schemas/{self.name}"

    @property
    def schema_id(self) -> str:
        """`$id` of the schema, which credentials name in `credentialSchema`."""
        return SCHEMA_BASE + self.name

    @property
    def schema_url_path(self) -> str:
        """Path under which the service serves the schema."""
        return f"/v1/schemas/{self.name}"

    @property
    def type_name(self) -> str:
        """Name of the type of SD-JWT VC, under which its metadata is served."""
        return f"{self.id}-v{self.version}"

    @property
    def vct(self) -> str:
        """The type of an SD-JWT VC of this profile."""
        return TYPE_BASE + self.type_name

    @property
    def type_path(self) -> str:
        """Where the metadata of that type lies, for `shipped_path`."""
        return f"schemas/types/{self.type_name}.json"

    @property
    def type_integrity(self) -> str:
        """`vct#integrity`: SHA-256 of the shipped metadata as W3C Subresource Integrity writes it."""
        digest = hashlib.sha256(shipped_path(self.type_path).read_bytes()).digest()
        return f"sha256-{base64.b64encode(digest).decode('ascii')}"

    @property
    def example_path(self) -> str:
        """Where an example of claims lies, for `shipped_path`."""
        return f"schemas/examples/{self.id}.json"

    @property
    def contexts(self) -> tuple[str, ...]:
        """The exact `@context` of a credential of this profile."""
        return PROFILE_CONTEXTS

    @property
    def types(self) -> tuple[str, ...]:
        """The types of a credential of this profile."""
        return ("VerifiableCredential", OPEN_BADGE_TYPE, self.credential_type)

    @property
    def sha256(self) -> str:
        """SHA-256 of the shipped schema, lower-case hex."""
        return hashlib.sha256(shipped_path(self.schema_path).read_bytes()).hexdigest()
