"""The kinds of SD-JWT that carry credentials and presentations.

- `dc+sd-jwt`: SD-JWT VC, draft-ietf-oauth-sd-jwt-vc-19 (editor's copy of 21 August 2026, to which the examples in
  our tests belong). Claims are plain JSON, the type is in `vct`.
- `vc+sd-jwt`, `vp+sd-jwt`: VCDM 2.0 credentials and presentations (VC-JOSE-COSE 1.0, section 3.2). The payload is
  the document itself, with `@context`.

SD-JWT VC used the type `vc+sd-jwt` as well until November 2024, and drafts up to 18 recommend that verifiers take
both for a while. The payload tells them apart: `vct` and no `@context` is an SD-JWT VC, `@context` and no `vct` is
VCDM 2.0, both or neither is refused. Only `dc+sd-jwt` is issued.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from skillcred.encoding.json_types import JsonObject, as_list
from skillcred.model.conformance import BASE_CONTEXT_2
from skillcred.securing.sd_jwt.errors import SdJwtError
from skillcred.securing.verified_document import DocumentKind

_DC_ALWAYS_DISCLOSED: Final = frozenset(
    {"iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "aka_vcts", "status", "aud"}
)
"""SD-JWT VC section 2.2.2.3 names all but `aud`, which limits who may rely on the credential (RFC 9901, 9.7)."""
_ENVELOPE_CLAIMS: Final = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "nonce", "cnf"})
"""JWT claims beside a VCDM document: about the signature, not part of the document (VC-JOSE-COSE 3.1.3)."""
_VCDM_ALWAYS_DISCLOSED: Final = _ENVELOPE_CLAIMS | {"@context", "status", "vct", "vc", "vp"}
_CREDENTIAL_ALWAYS_DISCLOSED: Final = _VCDM_ALWAYS_DISCLOSED | {
    "issuer",
    "validFrom",
    "validUntil",
    "issuanceDate",
    "expirationDate",
    "credentialStatus",
    "credentialSchema",
    "termsOfUse",
    "relatedResource",
}
"""What verification and validation need (VC-JOSE-COSE 3.2.1, RFC 9901 section 9.7). `type` is missing on purpose:
without it a credential does not conform, so nothing is gained by withholding it, and others conceal it."""


@dataclass(frozen=True, slots=True)
class SdJwtProfile:
    """One kind of SD-JWT. `name` is the mechanism's name and `typ`; `media_type` has `application/` before it.

    The top-level claims `always_disclosed` may not be concealed, not even in part. `envelope_claims` are not part of
    the document that is secured.
    """

    name: str
    kind: DocumentKind
    purpose: str
    content_type: str | None
    always_disclosed: frozenset[str]
    envelope_claims: frozenset[str]

    @property
    def media_type(self) -> str:
        """The full media type."""
        return f"application/{self.name}"


DC_SD_JWT: Final = SdJwtProfile(
    "dc+sd-jwt", DocumentKind.SD_JWT_VC, "assertionMethod", None, _DC_ALWAYS_DISCLOSED, frozenset()
)
VC_SD_JWT: Final = SdJwtProfile(
    "vc+sd-jwt",
    DocumentKind.VCDM,
    "assertionMethod",
    "vc",
    _CREDENTIAL_ALWAYS_DISCLOSED,
    _ENVELOPE_CLAIMS,
)
VP_SD_JWT: Final = SdJwtProfile(
    "vp+sd-jwt", DocumentKind.VCDM, "authentication", "vp", _VCDM_ALWAYS_DISCLOSED, _ENVELOPE_CLAIMS
)
PROFILES: Final[Mapping[str, SdJwtProfile]] = MappingProxyType(
    {profile.media_type: profile for profile in (DC_SD_JWT, VC_SD_JWT, VP_SD_JWT)}
)
"""Full media type of `typ` → profile."""


def find_profile(media_type: str | None, payload: JsonObject) -> SdJwtProfile:
    """The profile that `typ` names and `payload` fits. Raises `SdJwtError`: `type_not_allowed`,
    `ambiguous_claims`, `vct_malformed`."""
    profile = PROFILES.get(media_type or "")
    if profile is None:
        raise SdJwtError(
            "The SD-JWT does not say that it is a credential or presentation.",
            code="type_not_allowed",
            pointer="/typ",
        )
    has_context, has_type = "@context" in payload, "vct" in payload
    if profile is VC_SD_JWT and has_type and not has_context:
        profile = DC_SD_JWT
    if profile is DC_SD_JWT:
        if not isinstance(payload.get("vct"), str) or not payload["vct"]:
            raise SdJwtError("`vct` must name the type.", code="vct_malformed", pointer="/vct")
    elif has_type or not has_context:
        raise SdJwtError("The claims are of another kind than `typ` says.", code="ambiguous_claims")
    elif as_list(payload["@context"])[:1] != [BASE_CONTEXT_2]:
        # VC-JOSE-COSE is for VCDM 2.0; a 1.1 credential under this type has no rules of its own (SECURITY J-13)
        raise SdJwtError("The document is not one of VCDM 2.0.", code="ambiguous_claims", pointer="/@context")
    return profile
