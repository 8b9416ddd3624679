"""What an issuer publishes about itself (OID4VCI 1.0 section 12.2.4, RFC 8414), in the form that wallets understand.

Nothing is announced that is not switched on: a wallet uses whatever it finds. Every configuration has
`credential_metadata`, because wallets tell the final version of the protocol from its drafts by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.errors import ConfigurationError
from skillcred.exchange.encryption import KEY_AGREEMENT, ContentEncryption
from skillcred.exchange.oid4vci.identifiers import CredentialIssuer
from skillcred.exchange.oid4vci.key_proofs import HOLDER_ALGORITHMS
from skillcred.exchange.oid4vci.offers import AUTHORIZATION_CODE, PRE_AUTHORIZED_CODE
from skillcred.exchange.pkce import S256
from skillcred.keys.public_key import Algorithm
from skillcred.securing.jose.claims import numeric_date
from skillcred.securing.jose.envelope import SIGNATURE_ALGORITHMS

SIGNED_METADATA_TYPE: Final = "openidvci-issuer-metadata+jwt"
"""`typ` of signed metadata (section 12.2.3)."""
NONCE_PATH: Final = "nonce"
CREDENTIAL_PATH: Final = "credential"
DEFERRED_PATH: Final = "deferred-credential"
NOTIFICATION_PATH: Final = "notification"
AUTHORIZE_PATH: Final = "authorize"
PUSHED_REQUEST_PATH: Final = "par"
CLIENT_ATTESTATION: Final = "attest_jwt_client_auth"
"""How a wallet proves who made it (OAuth 2.0 Attestation-Based Client Authentication)."""
TOKEN_PATH: Final = "token"  # noqa: S105 - a path, not a secret


class CredentialFormat(StrEnum):
    """The formats that are issued (section 13, appendix A; `vc+sd-jwt` as VC-JOSE-COSE registers it)."""

    SD_JWT_VC = "dc+sd-jwt"
    LDP_VC = "ldp_vc"
    JWT_VC_JSON = "jwt_vc_json"
    VC_SD_JWT = "vc+sd-jwt"

    @property
    def names_holder(self) -> bool:
        """Whether the holder is the subject, by DID. The others confirm a key (`cnf`)."""
        return self is not CredentialFormat.SD_JWT_VC


@dataclass(frozen=True, slots=True)
class CredentialConfiguration:
    """One kind of credential in one format. `names` are for people, by language tag. `vct` for SD-JWT VCs; `types`, and
    for `ldp_vc` `contexts`, for the others. Raises `ConfigurationError` (`invalid_credential_configuration`)."""

    id: str
    format: CredentialFormat
    names: Mapping[str, str]
    vct: str | None = None
    types: tuple[str, ...] = ()
    contexts: tuple[str, ...] = ()
    algorithms: frozenset[Algorithm] = field(default=HOLDER_ALGORITHMS)
    attestations: frozenset[Algorithm] = frozenset()
    attestation_required: bool = False

    def __post_init__(self) -> None:
        is_sd_jwt_vc = self.format is CredentialFormat.SD_JWT_VC
        has_contexts = self.format is CredentialFormat.LDP_VC
        complete = (self.vct is not None) == is_sd_jwt_vc and bool(self.types) != is_sd_jwt_vc
        if not complete or bool(self.contexts) != has_contexts or not (self.names and self.algorithms):
            raise ConfigurationError(
                "A credential configuration does not say what its format needs.",
                code="invalid_credential_configuration",
            )

    def build(self) -> JsonObject:
        """The configuration as published. Keys may be attested by signatures of the kinds `attestations`; with
        `attestation_required` they must be."""
        binding: list[JsonValue] = ["did:key", "did:jwk"] if self.format.names_holder else ["jwk"]
        names: list[JsonValue] = [{"name": name, "locale": tag} for tag, name in sorted(self.names.items())]
        published: JsonObject = {
            "format": self.format.value,
            "scope": self.id,
            "cryptographic_binding_methods_supported": binding,
            "proof_types_supported": self._build_proof_types(),
            "credential_metadata": {"display": names},
        }
        if self.vct is not None:
            published["vct"] = self.vct
            return published
        definition: JsonObject = {"type": list(self.types)}
        if self.contexts:
            definition["@context"] = list(self.contexts)
        published["credential_definition"] = definition
        return published

    def _build_proof_types(self) -> JsonObject:
        required: JsonObject = {"key_attestations_required": {}} if self.attestation_required else {}
        types: JsonObject = {
            "jwt": {"proof_signing_alg_values_supported": _algorithm_names(self.algorithms), **required}
        }
        if self.attestations:
            names = _algorithm_names(self.attestations)
            types["attestation"] = {"proof_signing_alg_values_supported": names, **required}
        return types


@dataclass(frozen=True, slots=True)
class IssuerFeatures:
    """What is switched on beside what every issuer has. `encryption_key` is the public JWK that requests may be
    encrypted to; only then are responses encrypted too (section 8.2). `attestation_algorithms` where wallets may, or
    with `attestation_required` must, say who made them."""

    batch_size: int = 1
    deferred: bool = False
    notification: bool = False
    dpop_algorithms: frozenset[Algorithm] = frozenset()
    encryption_key: JsonObject | None = None
    encryption_required: bool = False
    authorization_code: bool = False
    attestation_algorithms: frozenset[Algorithm] = frozenset()
    attestation_required: bool = False


def build_issuer_metadata(
    issuer: CredentialIssuer,
    names: Mapping[str, str],
    configurations: Sequence[CredentialConfiguration],
    features: IssuerFeatures,
) -> JsonObject:
    """Raises `ConfigurationError` (`invalid_credential_configuration`) where two have one id, or there is none."""
    published = {each.id: each.build() for each in configurations}
    if not published or len(published) != len(configurations):
        raise ConfigurationError(
            "An issuer has one or more credential configurations, each with an id of its own.",
            code="invalid_credential_configuration",
        )
    metadata: JsonObject = {
        "credential_issuer": issuer.identifier,
        "credential_endpoint": issuer.url(CREDENTIAL_PATH),
        "nonce_endpoint": issuer.url(NONCE_PATH),
        "display": [{"name": name, "locale": tag} for tag, name in sorted(names.items())],
        "credential_configurations_supported": dict(published),
    }
    if features.deferred:
        metadata["deferred_credential_endpoint"] = issuer.url(DEFERRED_PATH)
    if features.notification:
        metadata["notification_endpoint"] = issuer.url(NOTIFICATION_PATH)
    if features.encryption_key is not None:
        ways: list[JsonValue] = [way.value for way in ContentEncryption]
        required = {"encryption_required": features.encryption_required}
        metadata["credential_request_encryption"] = {
            "jwks": {"keys": [features.encryption_key]},
            "enc_values_supported": ways,
            **required,
        }
        metadata["credential_response_encryption"] = {
            "alg_values_supported": [KEY_AGREEMENT],
            "enc_values_supported": ways,
            **required,
        }
    if features.batch_size > 1:
        metadata["batch_credential_issuance"] = {"batch_size": features.batch_size}
    return metadata


def build_signed_metadata_claims(metadata: JsonObject, at: datetime) -> JsonObject:
    """The payload of signed metadata (section 12.2.3): the same parameters, whose they are, and when they were said."""
    return {**metadata, "sub": metadata["credential_issuer"], "iat": numeric_date(at)}


def build_authorization_server_metadata(issuer: CredentialIssuer, features: IssuerFeatures) -> JsonObject:
    """With the pre-authorised code grant alone `response_types_supported` is left out (section 12.2.4)."""
    methods: list[JsonValue] = [] if features.attestation_required else ["none"]
    if features.attestation_algorithms:
        methods.append(CLIENT_ATTESTATION)
    metadata: JsonObject = {
        "issuer": issuer.identifier,
        "token_endpoint": issuer.url(TOKEN_PATH),
        "grant_types_supported": [PRE_AUTHORIZED_CODE],
        "token_endpoint_auth_methods_supported": methods,
        "pre-authorized_grant_anonymous_access_supported": not features.attestation_required,
    }
    if features.attestation_algorithms:
        for name in ("client_attestation", "client_attestation_pop"):
            metadata[f"{name}_signing_alg_values_supported"] = _algorithm_names(
                features.attestation_algorithms
            )
    if features.authorization_code:
        metadata |= {
            "grant_types_supported": [AUTHORIZATION_CODE, PRE_AUTHORIZED_CODE],
            "authorization_endpoint": issuer.url(AUTHORIZE_PATH),
            "pushed_authorization_request_endpoint": issuer.url(PUSHED_REQUEST_PATH),
            "require_pushed_authorization_requests": True,
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "code_challenge_methods_supported": [S256],
            "authorization_response_iss_parameter_supported": True,
        }
    if features.dpop_algorithms:
        metadata["dpop_signing_alg_values_supported"] = _algorithm_names(features.dpop_algorithms)
    return metadata


def choose_media_type(accept: str | None) -> str:
    """JSON unless only `application/jwt` is asked for by name: wallets that say nothing want JSON (section 12.2.2)."""
    wanted = {part.split(";")[0].strip().lower() for part in (accept or "").split(",")}
    json_types = {"application/json", "application/*", "*/*"}
    return (
        "application/jwt" if "application/jwt" in wanted and not wanted & json_types else "application/json"
    )


def _algorithm_names(algorithms: frozenset[Algorithm]) -> list[JsonValue]:
    order = MappingProxyType({algorithm: place for place, algorithm in enumerate(SIGNATURE_ALGORITHMS)})
    chosen = sorted(algorithms, key=lambda algorithm: order[algorithm])
    return [name for algorithm in chosen for name in SIGNATURE_ALGORITHMS[algorithm]]
