"""What an issuer publishes (OID4VCI 1.0 section 12.2), as the wallets want it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from skillcred.errors import ConfigurationError
from skillcred.exchange.oid4vci.identifiers import CredentialIssuer, WellKnown
from skillcred.exchange.oid4vci.metadata import (
    CredentialConfiguration,
    CredentialFormat,
    IssuerFeatures,
    build_authorization_server_metadata,
    build_issuer_metadata,
    build_signed_metadata_claims,
    choose_media_type,
)
from skillcred.keys.algorithms import Algorithm
from worlds.wallet_tokens import NOW, SECONDS

NAMES = {"en": "Training", "ar": "تدريب"}
ISSUER = CredentialIssuer("https://issuer.example/o/college")
SD_JWT = CredentialConfiguration(
    "training-sd-jwt", CredentialFormat.SD_JWT_VC, NAMES, vct="https://issuer.example/t"
)
LDP = CredentialConfiguration(
    "training-ldp",
    CredentialFormat.LDP_VC,
    NAMES,
    types=("VerifiableCredential", "Training"),
    contexts=("https://www.w3.org/ns/credentials/v2",),
)
JWT = CredentialConfiguration(
    "training-jwt", CredentialFormat.JWT_VC_JSON, NAMES, types=("VerifiableCredential", "Training")
)
VC_SD_JWT = replace(JWT, id="training-vc-sd-jwt", format=CredentialFormat.VC_SD_JWT)


@pytest.mark.parametrize(
    ("identifier", "metadata_url", "origin"),
    [
        (
            "https://issuer.example/o/college",
            "https://issuer.example/.well-known/openid-credential-issuer/o/college",
            "https://issuer.example",
        ),
        (
            "https://tenant.issuer.example",
            "https://tenant.issuer.example/.well-known/openid-credential-issuer",
            "https://tenant.issuer.example",
        ),
        (
            "http://127.0.0.1:8000/a",
            "http://127.0.0.1:8000/.well-known/openid-credential-issuer/a",
            "http://127.0.0.1:8000",
        ),
        ("http://[::1]:8000", "http://[::1]:8000/.well-known/openid-credential-issuer", "http://[::1]:8000"),
    ],
)
def test_where_metadata_is(identifier: str, metadata_url: str, origin: str) -> None:
    issuer = CredentialIssuer(identifier)
    assert issuer.well_known_url(WellKnown.CREDENTIAL_ISSUER) == metadata_url
    assert issuer.origin == origin
    assert issuer.url("token") == f"{identifier}/token"


@pytest.mark.parametrize(
    "identifier",
    [
        "",
        "issuer.example",
        "http://issuer.example",
        "http://localhost.evil.example",
        "https://",
        "https://issuer.example/",
        "https://issuer.example/o/",
        "https://issuer.example/o//college",
        "https://issuer.example/o/../other",
        "https://Issuer.example",
        "https://issuer.example:443",
        "https://issuer.example?",
        "https://issuer.example?a=b",
        "https://issuer.example#a",
        "https://college@issuer.example",
        "https://issuer.example:port",
        "https://[::1",
        " https://issuer.example",
    ],
)
def test_v14_one_spelling_of_an_identifier(identifier: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        CredentialIssuer(identifier)
    assert refused.value.code == "invalid_credential_issuer"


def test_issuer_metadata_with_the_four_formats() -> None:
    metadata = build_issuer_metadata(
        ISSUER, {"en": "College"}, [SD_JWT, LDP, JWT, VC_SD_JWT], IssuerFeatures()
    )
    common = {
        "cryptographic_binding_methods_supported": ["did:key", "did:jwk"],
        "proof_types_supported": {
            "jwt": {"proof_signing_alg_values_supported": ["EdDSA", "Ed25519", "ES256", "ES384"]}
        },
        "credential_metadata": {
            "display": [{"name": "تدريب", "locale": "ar"}, {"name": "Training", "locale": "en"}]
        },
    }
    types = ["VerifiableCredential", "Training"]
    assert metadata == {
        "credential_issuer": "https://issuer.example/o/college",
        "credential_endpoint": "https://issuer.example/o/college/credential",
        "nonce_endpoint": "https://issuer.example/o/college/nonce",
        "display": [{"name": "College", "locale": "en"}],
        "credential_configurations_supported": {
            "training-sd-jwt": {
                **common,
                "cryptographic_binding_methods_supported": ["jwk"],
                "format": "dc+sd-jwt",
                "scope": "training-sd-jwt",
                "vct": "https://issuer.example/t",
            },
            "training-ldp": {
                **common,
                "format": "ldp_vc",
                "scope": "training-ldp",
                "credential_definition": {
                    "type": types,
                    "@context": ["https://www.w3.org/ns/credentials/v2"],
                },
            },
            "training-jwt": {
                **common,
                "format": "jwt_vc_json",
                "scope": "training-jwt",
                "credential_definition": {"type": types},
            },
            "training-vc-sd-jwt": {
                **common,
                "format": "vc+sd-jwt",
                "scope": "training-vc-sd-jwt",
                "credential_definition": {"type": types},
            },
        },
    }


def test_only_what_is_switched_on_is_announced() -> None:
    features = IssuerFeatures(
        batch_size=10, deferred=True, notification=True, dpop_algorithms=frozenset({Algorithm.P256})
    )
    metadata = build_issuer_metadata(ISSUER, {"en": "College"}, [SD_JWT], features)
    assert metadata["batch_credential_issuance"] == {"batch_size": 10}
    assert metadata["deferred_credential_endpoint"] == ISSUER.url("deferred-credential")
    assert metadata["notification_endpoint"] == ISSUER.url("notification")
    assert build_authorization_server_metadata(ISSUER, features)["dpop_signing_alg_values_supported"] == [
        "ES256"
    ]
    plain = build_authorization_server_metadata(ISSUER, IssuerFeatures())
    assert plain == {
        "issuer": ISSUER.identifier,
        "token_endpoint": ISSUER.url("token"),
        "grant_types_supported": ["urn:ietf:params:oauth:grant-type:pre-authorized_code"],
        "token_endpoint_auth_methods_supported": ["none"],
        "pre-authorized_grant_anonymous_access_supported": True,
    }


def test_configurations_that_lack_what_their_format_needs() -> None:
    for change in (
        {"vct": None},
        {"types": ("A",)},
        {"contexts": ("b",)},
        {"names": {}},
        {"algorithms": frozenset()},
    ):
        with pytest.raises(ConfigurationError):
            replace(SD_JWT, **change)
    for change in ({"contexts": ()}, {"types": ()}, {"vct": "x"}):
        with pytest.raises(ConfigurationError):
            replace(LDP, **change)
    for configurations in ([], [SD_JWT, SD_JWT]):
        with pytest.raises(ConfigurationError):
            build_issuer_metadata(ISSUER, {}, configurations, IssuerFeatures())


def test_signed_metadata_says_whose_it_is_and_when() -> None:
    metadata = build_issuer_metadata(ISSUER, {"en": "College"}, [SD_JWT], IssuerFeatures())
    assert build_signed_metadata_claims(metadata, NOW) == {
        **metadata,
        "sub": ISSUER.identifier,
        "iat": SECONDS,
    }


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, "application/json"),
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/json, application/jwt", "application/json"),
        ("application/jwt, */*;q=0.1", "application/json"),
        ("text/html", "application/json"),
        ("application/jwt", "application/jwt"),
        ("Application/JWT;q=0.9", "application/jwt"),
    ],
)
def test_json_unless_only_a_token_is_asked_for(accept: str | None, chosen: str) -> None:
    assert choose_media_type(accept) == chosen
