"""What this wallet says about itself where a verifier lets it (OID4VP 1.0 sections 5.10 and 10.1). It is the same for
everybody who uses the program, so that it tells nobody apart."""

from __future__ import annotations

import json
from typing import Final

from skillcred.exchange.encryption import KEY_AGREEMENT, ContentEncryption
from skillcred.exchange.oid4vp.client_ids import ClientIdPrefix
from skillcred.exchange.oid4vp.client_metadata import build_client_metadata
from skillcred.exchange.oid4vp.dcql import PresentationFormat

WALLET_METADATA: Final = json.dumps(
    {
        "vp_formats_supported": build_client_metadata("", tuple(PresentationFormat), None)[
            "vp_formats_supported"
        ],
        "client_id_prefixes_supported": [prefix.value for prefix in ClientIdPrefix],
        "request_object_signing_alg_values_supported": ["ES256", "EdDSA", "Ed25519", "ES384"],
        "authorization_encryption_alg_values_supported": [KEY_AGREEMENT],
        "authorization_encryption_enc_values_supported": [each.value for each in ContentEncryption],
    },
    separators=(",", ":"),
)
