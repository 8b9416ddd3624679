"""A holder who presents credentials of the pure world, with any securing mechanism."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from skillcred.linkeddata import V2
from skillcred.securing import attach_proof, prepare_proof, secured_media_type
from worlds.pure_world import NOW, PureWorld, SoftSigner, sign

CHALLENGE = "3f1b-question"
DOMAIN = "https://verifier.example"
PURPOSE = "authentication"


def enveloped(content: bytes, media_type: str, kind: str = "EnvelopedVerifiableCredential") -> dict[str, Any]:
    """The wrapper of VCDM 2.0 section 4.13 around a secured document."""
    if media_type.endswith("cose"):
        data = f"data:{media_type};base64,{base64.b64encode(content).decode()}"
    else:
        data = f"data:{media_type},{content.decode()}"
    return {"@context": V2, "id": data, "type": kind}


@dataclass
class PresentingWorld:
    """A provider that awarded something to a holder with a key of their own."""

    world: PureWorld = field(default_factory=PureWorld)
    holder: SoftSigner = field(default_factory=lambda: SoftSigner(21))

    def unsigned(self, number: int = 1, *, subject: str | None = "holder", **members: Any) -> dict[str, Any]:
        """A credential about the holder, about `subject`, or about nobody who can be told."""
        document = {**self.world.unsigned(), **members}
        document["id"] = f"https://provider.example/credentials/{number}"
        document["credentialSubject"].pop("id", None)
        if subject is not None:
            document["credentialSubject"]["id"] = self.holder.did if subject == "holder" else subject
        return document

    def credential(
        self, number: int = 1, mechanism: str = "eddsa-rdfc-2022", **options: Any
    ) -> dict[str, Any]:
        """A signed credential as a presentation holds it."""
        content = sign(self.unsigned(number, **options), self.world.provider, mechanism)
        media_type = secured_media_type(mechanism)
        if media_type == "application/vc":
            return dict(json.loads(content))
        return enveloped(content, media_type)

    def presentation(self, *credentials: dict[str, Any], **members: Any) -> dict[str, Any]:
        """An unsigned presentation."""
        document: dict[str, Any] = {
            "@context": [V2],
            "type": ["VerifiablePresentation"],
            "holder": self.holder.did,
            **members,
        }
        if credentials:
            document["verifiableCredential"] = list(credentials)
        return {name: value for name, value in document.items() if value is not None}

    def present(
        self,
        document: dict[str, Any],
        mechanism: str = "eddsa-rdfc-2022",
        *,
        signer: SoftSigner | None = None,
        purpose: str = PURPOSE,
        challenge: str | None = CHALLENGE,
        domain: str | None = DOMAIN,
    ) -> bytes:
        """`document` signed by the holder, or by `signer`."""
        by = signer or self.holder
        options = {"challenge": challenge, "domain": domain}
        prepared = prepare_proof(
            mechanism,
            document,
            verification_method=by.verification_method,
            algorithm=by.public_key.algorithm,
            created=NOW - timedelta(minutes=1),
            purpose=purpose,
            options={name: value for name, value in options.items() if value is not None},
        )
        return attach_proof(prepared, by.sign(prepared.to_be_signed))
