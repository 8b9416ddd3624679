"""What is signed of a credential of a profile, by mechanism: the credential itself, its form in VCDM 1.1, or the claims
of an SD-JWT VC; and what of it the holder may withhold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.model.conformance import check_conformance
from skillcred.model.conformance_sd_jwt_vc import check_sd_jwt_vc
from skillcred.model.outcomes import Problem
from skillcred.profiles import Profile, build_sd_jwt_claims, build_vcdm_1_1, read_sd_jwt_claims
from skillcred.securing import WALLET_NAMES, default_disclosable_pointers

SD_JWT_VC: Final = "dc+sd-jwt"
SD_JWT_MECHANISMS: Final = frozenset({SD_JWT_VC, "vc+sd-jwt"})


def build_document(profile: Profile, credential: JsonObject, mechanism: str) -> JsonObject:
    """What `mechanism` secures of `credential`, an unsigned credential of `profile`."""
    if mechanism in WALLET_NAMES:
        return build_vcdm_1_1(credential)
    return build_sd_jwt_claims(profile, credential) if mechanism == SD_JWT_VC else credential


def find_problems(document: JsonObject, mechanism: str) -> tuple[Problem, ...]:
    """What keeps `document` from conforming to the data model that `mechanism` secures."""
    return check_sd_jwt_vc(document) if mechanism == SD_JWT_VC else check_conformance(document)


def build_options(
    document: JsonObject,
    mechanism: str,
    holder_key: JsonObject | None = None,
    certificates: Sequence[str] = (),
) -> dict[str, JsonValue]:
    """The options for `prepare_credential`: with SD-JWTs, what is about the person may be withheld, by the same rule as
    with `ecdsa-sd-2023`. `holder_key`, a public JWK, is refused by mechanisms that cannot name one. `certificates`
    of the issuer's key, in base64, go into SD-JWT VCs and nowhere else."""
    options: dict[str, JsonValue] = {}
    if mechanism in SD_JWT_MECHANISMS:
        credential = read_sd_jwt_claims(document) if mechanism == SD_JWT_VC else document
        options["disclosablePointers"] = [*default_disclosable_pointers(credential or document)]
    if certificates and mechanism == SD_JWT_VC:
        options["certificates"] = [*certificates]
    if holder_key is not None:
        options["holderKey"] = holder_key
    return options
