"""The members of a proof that is about to be made (Data Integrity 1.0, section 2.1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.model.datetimes import format_instant
from skillcred.securing.data_integrity.cryptosuite import Cryptosuite
from skillcred.securing.mechanism import SecuringError

FURTHER_MEMBERS: Final = ("id", "expires", "domain", "challenge", "nonce")
"""Members that whoever asks for a proof may choose, in the order in which they are written."""


def build_options(
    suite: Cryptosuite,
    verification_method: str,
    created: datetime,
    purpose: str,
    wanted: Mapping[str, JsonValue],
) -> tuple[JsonObject, dict[str, JsonValue]]:
    """The members of the proof without `proofValue`, and the parameters that are for the suite itself.

    Raises `SecuringError` (`unsupported_option`) for anything in `wanted` that is neither.
    """
    unknown = [name for name in wanted if name not in FURTHER_MEMBERS and name not in suite.parameters]
    if unknown:
        raise SecuringError(
            f"This cryptosuite has no option {unknown[0]}.",
            code="unsupported_option",
            pointer=f"/{unknown[0]}",
        )
    options: JsonObject = {
        "type": suite.proof_type,
        "cryptosuite": suite.name,
        "created": format_instant(created.replace(microsecond=0)),
        "verificationMethod": verification_method,
        "proofPurpose": purpose,
    }
    for name in FURTHER_MEMBERS:
        value = wanted.get(name)
        if value is None:
            continue
        if not isinstance(value, str) or not value:
            raise SecuringError(
                f"The option {name} must be text.", code="unsupported_option", pointer=f"/{name}"
            )
        options[name] = value
    return options, {name: wanted[name] for name in suite.parameters if name in wanted}
