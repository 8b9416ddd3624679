"""What an issuer says about itself, as a wallet reads it (OID4VCI 1.0 section 12.2), plain or signed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.encoding.strict_json import StrictJsonError, StrictJsonLimitError, parse_json_object
from skillcred.exchange.encryption import KEY_AGREEMENT, ContentEncryption
from skillcred.exchange.holder.addresses import check_address
from skillcred.exchange.holder.errors import WalletMessageError
from skillcred.exchange.holder.offers import check_issuer_identifier
from skillcred.exchange.oid4vci.metadata import SIGNED_METADATA_TYPE
from skillcred.keys.public_key import PublicKey
from skillcred.securing.jose.claims import read_numeric_date
from skillcred.securing.jose.envelope import (
    BASIC_HEADER,
    CompactJws,
    check_type,
    parse_compact_jws,
    parse_payload,
    verify_compact_jws,
)
from skillcred.securing.jose.errors import JoseError

MAX_METADATA_BYTES: Final = 512 * 1024
"""Longest metadata, in bytes: names and logos of some hundred credentials in several languages."""
MAX_CONFIGURATIONS: Final = 512
MAX_AUTHORIZATION_SERVERS: Final = 16
SIGNED_METADATA_SKEW: Final = timedelta(seconds=60)

KeyOfSigner = Callable[[CompactJws], PublicKey]
"""Finds the key of whoever signed metadata, and raises `WalletMessageError` unless there is a reason to trust it."""


@dataclass(frozen=True, slots=True)
class OfferedConfiguration:
    """One kind of credential. `proof_algorithms` by type of key proof; empty where no key is bound. `attested`: types
    of proof for which a key attestation is required."""

    id: str
    format: str
    scope: str | None
    name: str | None
    binding_methods: tuple[str, ...]
    proof_algorithms: Mapping[str, tuple[str, ...]]
    attested: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ResponseEncryption:
    """How responses can be encrypted on top of TLS: only by ECDH-ES are we able to."""

    possible: tuple[ContentEncryption, ...]
    required: bool


@dataclass(frozen=True, slots=True)
class RequestEncryption:
    """The issuer's key that requests can be encrypted to, and how."""

    jwk: JsonObject
    encryption: ContentEncryption
    required: bool


@dataclass(frozen=True, slots=True)
class IssuerMetadata:
    """Metadata of the issuer `identifier`, which says of itself that it is that. All addresses are checked."""

    identifier: str
    name: str | None
    authorization_servers: tuple[str, ...]
    credential_endpoint: str
    nonce_endpoint: str | None
    deferred_endpoint: str | None
    notification_endpoint: str | None
    batch_size: int
    configurations: Mapping[str, OfferedConfiguration]
    response_encryption: ResponseEncryption | None
    request_encryption: RequestEncryption | None
    signed: bool = False

    def configuration(self, configuration_id: str) -> OfferedConfiguration:
        """Raises `WalletMessageError` (`unsupported_configuration`) for one that is not there."""
        found = self.configurations.get(configuration_id)
        if found is None:
            raise WalletMessageError(
                "The offer names a credential that the issuer does not describe.",
                code="unsupported_configuration",
            )
        return found


def parse_issuer_metadata(content: bytes, identifier: str, *, local: bool) -> IssuerMetadata:
    """The metadata in JSON that was fetched for `identifier`.

    Raises `WalletMessageError`: `issuer_metadata_invalid`, `issuer_mismatch`, `address_not_secure`.
    """
    try:
        metadata = parse_json_object(content, max_bytes=MAX_METADATA_BYTES)
    except (StrictJsonError, StrictJsonLimitError) as error:
        raise _invalid("The issuer's metadata are no JSON object.") from error
    return _read(metadata, identifier, local=local, signed=False)


def parse_signed_metadata(
    content: bytes, identifier: str, key_of_signer: KeyOfSigner, at: datetime, *, local: bool
) -> IssuerMetadata:
    """The metadata in a signed JWT (section 12.2.3). Raises as `parse_issuer_metadata`, and
    `signed_metadata_not_trusted`."""
    try:
        jws = parse_compact_jws(
            content.strip(), header_members=BASIC_HEADER | {"x5c"}, max_bytes=MAX_METADATA_BYTES
        )
        check_type(jws, f"application/{SIGNED_METADATA_TYPE}")
        verify_compact_jws(jws, key_of_signer(jws))
        claims = parse_payload(jws)
        issued_at, expires = read_numeric_date(claims, "iat"), read_numeric_date(claims, "exp")
    except JoseError as error:
        raise _not_trusted("The issuer's signed metadata are not signed as they should be.") from error
    if claims.get("sub") != identifier:
        raise WalletMessageError("The signed metadata are another issuer's.", code="issuer_mismatch")
    if issued_at is None or issued_at > at + SIGNED_METADATA_SKEW or (expires is not None and expires <= at):
        raise _not_trusted("The signed metadata are not of this time.")
    return _read(claims, identifier, local=local, signed=True)


def _read(metadata: JsonObject, identifier: str, *, local: bool, signed: bool) -> IssuerMetadata:
    if metadata.get("credential_issuer") != identifier:
        raise WalletMessageError(
            "The metadata are of another issuer than the one that was asked for.", code="issuer_mismatch"
        )

    def endpoint(name: str) -> str | None:
        if name not in metadata:
            return None
        value = metadata[name]
        if not isinstance(value, str):
            raise _invalid("An endpoint of the issuer is not text.")
        return check_address(value, local=local, what=f"{name} of the issuer")

    credential_endpoint = endpoint("credential_endpoint")
    if credential_endpoint is None:
        raise _invalid("The issuer has no credential endpoint.")
    return IssuerMetadata(
        identifier=identifier,
        name=_display_name(metadata.get("display")),
        authorization_servers=_servers(metadata, identifier, local=local),
        credential_endpoint=credential_endpoint,
        nonce_endpoint=endpoint("nonce_endpoint"),
        deferred_endpoint=endpoint("deferred_credential_endpoint"),
        notification_endpoint=endpoint("notification_endpoint"),
        batch_size=_batch_size(metadata),
        configurations=_configurations(metadata.get("credential_configurations_supported")),
        response_encryption=_response_encryption(metadata),
        request_encryption=_request_encryption(metadata),
        signed=signed,
    )


def _servers(metadata: JsonObject, identifier: str, *, local: bool) -> tuple[str, ...]:
    if "authorization_servers" not in metadata:
        return (identifier,)
    servers = _texts(metadata["authorization_servers"])
    if len(servers) > MAX_AUTHORIZATION_SERVERS:
        raise _invalid("The issuer names more authorization servers than are looked at.")
    return tuple(check_issuer_identifier(server, local=local) for server in servers)


def _batch_size(metadata: JsonObject) -> int:
    if "batch_credential_issuance" not in metadata:
        return 1
    size = _object(metadata["batch_credential_issuance"]).get("batch_size")
    if isinstance(size, bool) or not isinstance(size, int) or size < 2:
        raise _invalid("The batch size is not 2 or more.")
    return size


def _configurations(value: JsonValue) -> Mapping[str, OfferedConfiguration]:
    members = _object(value)
    if not 0 < len(members) <= MAX_CONFIGURATIONS:
        raise _invalid("The issuer describes no credentials, or too many.")
    return MappingProxyType({name: _configuration(name, _object(item)) for name, item in members.items()})


def _configuration(name: str, value: JsonObject) -> OfferedConfiguration:
    kind, scope = value.get("format"), value.get("scope")
    if not isinstance(kind, str) or not kind or (scope is not None and not isinstance(scope, str)):
        raise _invalid("A credential configuration has no format.")
    methods = (
        _texts(value["cryptographic_binding_methods_supported"])
        if "cryptographic_binding_methods_supported" in value
        else ()
    )
    proofs: dict[str, tuple[str, ...]] = {}
    attested: set[str] = set()
    if "proof_types_supported" in value:
        for proof_type, item in _object(value["proof_types_supported"]).items():
            described = _object(item)
            algorithms = described.get("proof_signing_alg_values_supported")
            if not isinstance(algorithms, list) or not algorithms:
                raise _invalid("A type of key proof has no algorithms.")
            proofs[proof_type] = tuple(item for item in algorithms if isinstance(item, str))
            if "key_attestations_required" in described:
                attested.add(proof_type)
    if bool(methods) != bool(proofs):
        raise _invalid("A configuration says how keys are bound and not how they are proven, or the reverse.")
    shown = value.get("credential_metadata")
    display = shown.get("display") if isinstance(shown, dict) else None
    return OfferedConfiguration(
        name, kind, scope, _display_name(display), methods, MappingProxyType(proofs), frozenset(attested)
    )


def _response_encryption(metadata: JsonObject) -> ResponseEncryption | None:
    if "credential_response_encryption" not in metadata:
        return None
    member = _object(metadata["credential_response_encryption"])
    usable = KEY_AGREEMENT in _texts(member.get("alg_values_supported"))
    return ResponseEncryption(_encryptions(member) if usable else (), _required(member))


def _request_encryption(metadata: JsonObject) -> RequestEncryption | None:
    if "credential_request_encryption" not in metadata:
        return None
    member = _object(metadata["credential_request_encryption"])
    keys = _object(member.get("jwks")).get("keys")
    if not isinstance(keys, list):
        raise _invalid("The issuer's keys for encryption are no list.")
    usable = [
        key for key in keys if isinstance(key, dict) and key.get("alg") == KEY_AGREEMENT and "kid" in key
    ]
    encryptions = _encryptions(member)
    required = _required(member)
    if not usable or not encryptions:
        if required:
            raise _invalid("The issuer wants requests encrypted in a way that is not known here.")
        return None
    return RequestEncryption(usable[0], encryptions[0], required)


def _encryptions(member: JsonObject) -> tuple[ContentEncryption, ...]:
    offered = _texts(member.get("enc_values_supported"))
    return tuple(each for each in ContentEncryption if each.value in offered)


def _required(member: JsonObject) -> bool:
    required = member.get("encryption_required")
    if not isinstance(required, bool):
        raise _invalid("The issuer does not say whether encryption is required.")
    return required


def _display_name(value: JsonValue) -> str | None:
    """The first name in a list of displays. For people only: nothing depends on it."""
    entries = value if isinstance(value, list) else []
    names = [entry.get("name") for entry in entries if isinstance(entry, dict)]
    return next((name for name in names if isinstance(name, str) and name), None)


def _texts(value: JsonValue) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise _invalid("A list in the issuer's metadata is missing or empty.")
    texts = tuple(item for item in value if isinstance(item, str) and item)
    if len(texts) != len(value):
        raise _invalid("A list in the issuer's metadata holds something else than text.")
    return texts


def _object(value: JsonValue) -> JsonObject:
    if not isinstance(value, dict):
        raise _invalid("A part of the issuer's metadata is no object.")
    return value


def _invalid(message: str) -> WalletMessageError:
    return WalletMessageError(message, code="issuer_metadata_invalid")


def _not_trusted(message: str) -> WalletMessageError:
    return WalletMessageError(message, code="signed_metadata_not_trusted")
