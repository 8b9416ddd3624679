"""A credential of a profile in the shape of VCDM 1.1, for wallets that ask for `jwt_vc_json`, and back.

The version has other names for the period and a base context of its own; all else that profiles say is the same in
both. So one profile, one set of rules and one reading of the facts serve both, as with SD-JWT VCs.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from skillcred.encoding.json_types import JsonObject
from skillcred.model.conformance import BASE_CONTEXT_1, BASE_CONTEXT_2
from skillcred.profiles.table import find_profile

_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {"validFrom": "issuanceDate", "validUntil": "expirationDate"}
)
"""Member of VCDM 2.0 → that of VCDM 1.1 (sections 4.6 and 4.5 there) for the same."""
_NAMES_BACK: Final[Mapping[str, str]] = MappingProxyType({old: new for new, old in _NAMES.items()})
_STATUS_CLAIM: Final = "status"
"""Where the token that holds the credential says its status: no member of the credential."""
_ONLY_2: Final = frozenset({*_NAMES, "credentialSchema"})
"""Members that the shape does not have: the schemas of profiles describe the other one."""


def build_vcdm_1_1(credential: JsonObject) -> JsonObject:
    """`credential`, an unsigned credential of a profile as `build_credential` gives it, in the older shape."""
    older: JsonObject = {
        _NAMES.get(name, name): value
        for name, value in copy.deepcopy(credential).items()
        if name not in ("@context", "credentialSchema")
    }
    contexts = credential.get("@context")
    others = contexts[1:] if isinstance(contexts, list) else []
    return {"@context": [BASE_CONTEXT_1, *others], **older}


def read_vcdm_1_1(document: JsonObject) -> JsonObject | None:
    """The credential of VCDM 2.0 that `document`, one of VCDM 1.1 of a profile of ours, stands for; `None` for every
    other document.

    `None` also where members of VCDM 2.0 are there: they could say something else. Raises nothing; what is missing or
    malformed is missing in the credential, for the check of the profile to find.
    """
    contexts = document.get("@context")
    if not isinstance(contexts, list) or not contexts or contexts[0] != BASE_CONTEXT_1:
        return None
    profile = find_profile(document)
    if profile is None or not _ONLY_2.isdisjoint(document):
        return None
    newer: JsonObject = {
        _NAMES_BACK.get(name, name): value
        for name, value in document.items()
        if name not in ("@context", _STATUS_CLAIM)
    }
    return {
        "@context": [BASE_CONTEXT_2, *contexts[1:]],
        **newer,
        "credentialSchema": {"id": profile.schema_id, "type": "JsonSchema"},
    }
