"""What providers of this deployment issue into wallets: each profile in each format, the same for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from skillcred.exchange.oid4vci.key_proofs import HOLDER_ALGORITHMS
from skillcred.exchange.oid4vci.metadata import CredentialConfiguration, CredentialFormat
from skillcred.profiles import PROFILES, Profile
from skillcred.services.wallet_policy import WalletPolicy

MECHANISMS: Final[Mapping[CredentialFormat, str]] = MappingProxyType(
    {
        CredentialFormat.SD_JWT_VC: "dc+sd-jwt",
        CredentialFormat.LDP_VC: "eddsa-rdfc-2022",
        CredentialFormat.JWT_VC_JSON: "jwt_vc",
        CredentialFormat.VC_SD_JWT: "vc+sd-jwt",
    }
)
"""The securing mechanism of each format."""


@dataclass(frozen=True, slots=True)
class OfferedConfiguration:
    """One profile in one format."""

    profile: Profile
    format: CredentialFormat

    @property
    def id(self) -> str:
        """The `credential_configuration_id`, also the scope; letters, digits and hyphens."""
        suffix = self.format.value.replace("+", "-").replace("_", "-")
        return f"{self.profile.type_name}-{suffix}"

    @property
    def mechanism(self) -> str:
        """What it is secured with."""
        return MECHANISMS[self.format]

    def build(self, policy: WalletPolicy) -> CredentialConfiguration:
        """What metadata says of it."""
        is_sd_jwt_vc = self.format is CredentialFormat.SD_JWT_VC
        return CredentialConfiguration(
            self.id,
            self.format,
            {"en": self.profile.title},
            vct=self.profile.vct if is_sd_jwt_vc else None,
            types=() if is_sd_jwt_vc else self.profile.types,
            contexts=self.profile.contexts if self.format is CredentialFormat.LDP_VC else (),
            attestations=frozenset() if policy.providers is None else HOLDER_ALGORITHMS,
            attestation_required=policy.attestation_required,
        )


@cache
def all_configurations() -> Mapping[str, OfferedConfiguration]:
    """By their ids."""
    offered = [OfferedConfiguration(profile, kind) for profile in PROFILES.values() for kind in MECHANISMS]
    return MappingProxyType({each.id: each for each in offered})
