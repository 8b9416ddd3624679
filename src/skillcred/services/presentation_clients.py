"""As whom requests for presentations are made, and who signs them (OID4VP 1.0 section 5.9)."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from skillcred.errors import ConflictError, InputError
from skillcred.exchange.oid4vp.client_ids import ClientId, ClientIdPrefix, hash_certificate
from skillcred.keys.public_key import Algorithm
from skillcred.keys.signer import Signer
from skillcred.services.ports import SignerSource, UnitOfWork, UnitOfWorkFactory
from skillcred.services.presentation_ports import VerifierCertificate, VerifierCertificates
from skillcred.services.records import Organisation, OrganisationKind, SigningKey

KEYS: Final = (Algorithm.P256, Algorithm.ED25519, Algorithm.P384)
"""Kinds of keys that sign requests, the one first that all wallets know."""


@dataclass(frozen=True, slots=True)
class RequestSigner:
    """Who signs a request object, and how the wallet finds the key: by a DID URL or by certificates."""

    signer: Signer
    key_id: str | None = None
    certificates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VerifierClients:
    """Under the prefixes of X.509 the deployment asks, with its certificate; under `decentralized_identifier` the
    organisation that asks, for requests from the page the operator."""

    base_url: str
    units: UnitOfWorkFactory
    signers: SignerSource
    certificates: VerifierCertificates

    def choose(
        self, prefix: ClientIdPrefix | None, organisation: Organisation | None, response_uri: str
    ) -> ClientId:
        """The identifier to ask under; without a `prefix` the best that there is, the hash of a certificate, else a
        DID.

        Raises `InputError` (`client_id_not_possible`).
        """
        if prefix is ClientIdPrefix.REDIRECT_URI:
            return ClientId(prefix, response_uri)
        certificate = None
        if prefix is None or prefix.has_certificate:
            certificate = self.certificates.find_certificate()
        if certificate is not None and prefix in {None, ClientIdPrefix.X509_HASH}:
            return ClientId(ClientIdPrefix.X509_HASH, hash_certificate(certificate.chain[0]))
        if prefix is ClientIdPrefix.X509_SAN_DNS and certificate is not None:
            host = urlsplit(self.base_url).hostname or ""
            if host in certificate.dns_names:
                return ClientId(prefix, host)
        if prefix in {None, ClientIdPrefix.DECENTRALIZED_IDENTIFIER}:
            with self.units(writes=False) as unit:
                asking = organisation or _operator(unit)
                if asking is not None and _find_key(unit, asking.id) is not None:
                    return ClientId(ClientIdPrefix.DECENTRALIZED_IDENTIFIER, asking.did)
        raise InputError(
            "This deployment has no certificate or key to ask under that kind of client identifier.",
            code="client_id_not_possible",
            pointer="/client_id_prefix",
        )

    def get_signer(self, client_id: ClientId) -> RequestSigner:
        """Who signs for `client_id`. Raises `ConflictError` (`client_id_gone`) where the certificate or key has changed
        since the request was made."""
        if client_id.prefix.has_certificate:
            certificate = self.certificates.find_certificate()
            if certificate is not None and _is_named(certificate, client_id):
                texts = tuple(base64.b64encode(der).decode("ascii") for der in certificate.chain)
                return RequestSigner(certificate.signer, certificates=texts)
        if client_id.prefix is ClientIdPrefix.DECENTRALIZED_IDENTIFIER:
            with self.units(writes=False) as unit:
                organisation = unit.organisations.find_by_did(client_id.original)
                key = None if organisation is None else _find_key(unit, organisation.id)
            if key is not None:
                return RequestSigner(self.signers.get_signer(key.id, key.public_key_multibase), key.id)
        raise ConflictError(
            "What the request was to be signed with is not there any more.", code="client_id_gone"
        )


def _is_named(certificate: VerifierCertificate, client_id: ClientId) -> bool:
    if client_id.prefix is ClientIdPrefix.X509_HASH:
        return hash_certificate(certificate.chain[0]) == client_id.original
    return client_id.original in certificate.dns_names


def _operator(unit: UnitOfWork) -> Organisation | None:
    return next(iter(unit.organisations.list_all(OrganisationKind.OPERATOR)), None)


def _find_key(unit: UnitOfWork, organisation_id: str) -> SigningKey | None:
    found = (unit.signing_keys.find_active(organisation_id, algorithm.value) for algorithm in KEYS)
    return next((key for key in found if key is not None), None)
