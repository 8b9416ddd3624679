"""What wallets read about a provider: what it issues and where, in JSON or signed."""

from __future__ import annotations

import json
from dataclasses import dataclass

from skillcred.encoding.json_types import JsonObject
from skillcred.errors import UnavailableError
from skillcred.exchange.oid4vci.key_proofs import HOLDER_ALGORITHMS
from skillcred.exchange.oid4vci.metadata import (
    SIGNED_METADATA_TYPE,
    IssuerFeatures,
    build_authorization_server_metadata,
    build_issuer_metadata,
    build_signed_metadata_claims,
)
from skillcred.issuance import sign_bytes
from skillcred.securing.jose.envelope import (
    SIGNATURE_ALGORITHMS,
    build_header,
    build_signing_input,
    encode_compact_jws,
)
from skillcred.services.credential_configurations import all_configurations
from skillcred.services.credential_issuers import CredentialIssuers
from skillcred.services.issue_to_wallet import BATCH_SIZE
from skillcred.services.offer_forms import SecretSource
from skillcred.services.ports import Clock, SignerSource, UnitOfWorkFactory
from skillcred.services.wallet_messages import build_request_key
from skillcred.services.wallet_policy import WalletPolicy


@dataclass(frozen=True, slots=True)
class PublishIssuerMetadata:
    """The use case."""

    issuers: CredentialIssuers
    units: UnitOfWorkFactory
    key_manager: SignerSource
    clock: Clock
    secret: SecretSource
    policy: WalletPolicy

    @property
    def features(self) -> IssuerFeatures:
        """What is switched on."""
        return IssuerFeatures(
            batch_size=BATCH_SIZE,
            deferred=True,
            notification=True,
            dpop_algorithms=HOLDER_ALGORITHMS,
            encryption_key=build_request_key(self.secret()).public_jwk(),
            encryption_required=self.policy.encryption_required,
            authorization_code=True,
            attestation_algorithms=frozenset() if self.policy.providers is None else HOLDER_ALGORITHMS,
            attestation_required=self.policy.attestation_required,
        )

    def __call__(self, slug: str) -> JsonObject:
        """The credential issuer metadata (OID4VCI 1.0 section 12.2.4). Raises `NotFoundError`."""
        provider = self.issuers.get(slug)
        configurations = [each.build(self.policy) for each in all_configurations().values()]
        names = {"en": provider.organisation.name}
        return build_issuer_metadata(provider.issuer, names, configurations, self.features)

    def authorization_server(self, slug: str) -> JsonObject:
        """The authorization server metadata (RFC 8414). Raises `NotFoundError`."""
        return build_authorization_server_metadata(self.issuers.get(slug).issuer, self.features)

    def signed(self, slug: str) -> bytes:
        """The credential issuer metadata as a JWT by a key of the provider (section 12.2.3). Raises `NotFoundError`,
        `UnavailableError` (`no_active_key`) where it has none that signs tokens."""
        provider = self.issuers.get(slug)
        claims = build_signed_metadata_claims(self(slug), self.clock.now())
        with self.units(writes=False) as unit:
            for algorithm in SIGNATURE_ALGORITHMS:
                key = unit.signing_keys.find_active(provider.organisation.id, algorithm.value)
                if key is not None:
                    break
            else:
                raise UnavailableError("The provider cannot sign now.", code="no_active_key")
        header = build_header(algorithm, typ=SIGNED_METADATA_TYPE, kid=key.id)
        payload = json.dumps(claims, ensure_ascii=False).encode("utf-8")
        signing_input = build_signing_input(header, payload)
        signer = self.key_manager.get_signer(key.id, key.public_key_multibase)
        return encode_compact_jws(signing_input, sign_bytes(signing_input, key.id, signer))
