"""Credential requests of a wallet, from proven keys to stored credentials (OID4VCI 1.0 sections 7 to 11).

The keys and all that is needed to ask again are stored before the request goes out: an answer that is lost on the
way, or a computer that stops, loses no credential and leaves none without its key.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from skillcred.encoding.json_types import JsonObject
from skillcred.errors import UnavailableError
from skillcred.exchange.encryption import ContentEncryption, DecryptionKey, encrypt_to
from skillcred.exchange.holder.authorization import AccessToken
from skillcred.exchange.holder.credential_messages import (
    DeferredCredentials,
    IssuedCredentials,
    build_credential_request,
    build_deferred_request,
    build_notification,
    encode_request,
    parse_credential_response,
    parse_nonce,
)
from skillcred.exchange.holder.errors import WalletMessageError, WalletRefusedError
from skillcred.exchange.holder.issuer_metadata import IssuerMetadata, OfferedConfiguration
from skillcred.exchange.holder.proofs import build_key_proof, choose_algorithm, key_url
from skillcred.exchange.oid4vci.requests import NotificationEvent
from skillcred.exchange.oid4vp.dcql import PresentationFormat
from skillcred.keys.private_key import PrivateKey, PrivateKeySigner
from skillcred.keys.public_key import Algorithm
from skillcred.services.judge_received import JudgeReceived, unchecked
from skillcred.services.ports import Clock
from skillcred.services.wallet_conversation import IssuerConversation
from skillcred.services.wallet_ports import Attester, WalletStore
from skillcred.services.wallet_records import (
    CredentialCopy,
    HeldCredential,
    PendingIssuance,
    WalletKey,
)

PREFERRED_KEYS: Final = (Algorithm.P256, Algorithm.ED25519, Algorithm.P384)
PREFERRED_KEYS_FOR_LINKED_DATA: Final = (Algorithm.ED25519, Algorithm.P256, Algorithm.P384)
BINDING_METHODS: Final = ("jwk", "did:key", "did:jwk")
"""How holders are named, the one that tells least about them first."""
INVALID_NONCE: Final = "invalid_nonce"


@dataclass(frozen=True, slots=True)
class Received:
    """A credential that is stored now, and the checks that could not be made. `notified`: whether the issuer knows."""

    credential: HeldCredential
    unchecked: Sequence[str]
    notified: bool


@dataclass(frozen=True, slots=True)
class _Asking:
    """One exchange with an issuer about what is pending."""

    conversation: IssuerConversation
    issuer: IssuerMetadata
    configuration: OfferedConfiguration
    pending: PendingIssuance
    token: AccessToken
    encryption: tuple[DecryptionKey, ContentEncryption] | None

    def post(self, url: str, body: JsonObject) -> IssuedCredentials | DeferredCredentials:
        """What the issuer says to a request, encrypted both ways where that is wished."""
        content, media_type = _encode(self.issuer, body, self.encryption)
        answer = self.conversation.post_resource(url, self.token, content, media_type=media_type)
        return parse_credential_response(
            answer.status,
            answer.media_type,
            answer.content,
            expected=len(self.pending.key_ids),
            encryption=self.encryption,
            transaction_id=self.pending.transaction_id,
        )

    def notify(self, notification_id: str | None, event: NotificationEvent) -> bool:
        """Whether the issuer was told. It cannot count on it (section 11), and the credential is stored or not
        whatever becomes of this."""
        url = self.issuer.notification_endpoint
        if notification_id is None or url is None:
            return False
        try:
            answer = self.conversation.post_resource(
                url, self.token, build_notification(notification_id, event)
            )
        except UnavailableError:
            return False
        return 200 <= answer.status < 300


@dataclass(frozen=True, slots=True)
class RequestCredentials:
    """Asks for credentials and stores them."""

    store: WalletStore
    clock: Clock
    judge: JudgeReceived
    attester: Attester | None = None

    def check(
        self, issuer: IssuerMetadata, configurations: Iterable[OfferedConfiguration], *, encrypted: bool
    ) -> None:
        """That all of it can be asked for as it is wished, before a code is used up that is good once. Raises
        `WalletMessageError` (`unsupported_configuration`)."""
        _encryption(issuer, wanted=encrypted)
        for configuration in configurations:
            if _binding_method(configuration) is not None:
                _algorithm(configuration)
            if _needs_attestation(configuration) and self.attester is None:
                raise _unsupported("The issuer wants a key attestation, which this wallet has from nobody.")

    def begin(
        self,
        issuer: IssuerMetadata,
        configuration: OfferedConfiguration,
        identifier: str | None,
        token: AccessToken,
        dpop_key: WalletKey | None,
        client_id: str | None,
        copies: int,
    ) -> PendingIssuance:
        """Make the keys and remember what will be asked for. Raises `WalletMessageError`
        (`unsupported_configuration`)."""
        keys = tuple(
            new_key(_algorithm(configuration)) for _ in range(copies if _binds(configuration) else 0)
        )
        pending = PendingIssuance(
            id=secrets.token_hex(8),
            credential_issuer=issuer.identifier,
            configuration_id=configuration.id,
            credential_identifier=identifier,
            binding_method=_binding_method(configuration),
            key_ids=tuple(key.id for key in keys),
            access_token=token.value,
            dpop_key_id=None if dpop_key is None else dpop_key.id,
            client_id=client_id,
            requested_at=self.clock.now(),
        )
        kept = (*keys, *(() if dpop_key is None else (dpop_key,)))
        content = self.store.load()
        known = {key.id for key in content.keys}
        fresh = [key for key in kept if key.id not in known]
        self.store.save(content.with_keys(fresh).with_pending(pending))
        return pending

    def send(
        self,
        conversation: IssuerConversation,
        issuer: IssuerMetadata,
        pending: PendingIssuance,
        *,
        encrypted: bool,
    ) -> Received | PendingIssuance:
        """Ask, or ask again, for what is pending. What was put off comes back as it is stored then.

        Raises `WalletRefusedError`, `WalletMessageError`, `UnavailableError`; what is pending stays so, unless the
        issuer has said that nothing will come of it.
        """
        asking = _Asking(
            conversation,
            issuer,
            issuer.configuration(pending.configuration_id),
            pending,
            AccessToken(pending.access_token, pending.dpop_key_id is not None, None, {}),
            _encryption(issuer, wanted=encrypted),
        )
        try:
            answer = self._exchange(asking)
        except WalletRefusedError as refusal:
            if refusal.error in ("credential_request_denied", "invalid_transaction_id"):
                self.store.save(self.store.load().without_pending(pending.id))
            raise
        if isinstance(answer, DeferredCredentials):
            later = replace(
                pending,
                transaction_id=answer.transaction_id,
                not_before=self.clock.now() + timedelta(seconds=answer.interval),
            )
            self.store.save(self.store.load().with_pending(later))
            return later
        return self._keep(asking, answer)

    def _exchange(self, asking: _Asking) -> IssuedCredentials | DeferredCredentials:
        pending = asking.pending
        if pending.transaction_id is not None:
            if asking.issuer.deferred_endpoint is None:
                raise WalletMessageError(
                    "The issuer has no endpoint for what it put off.", code="issuer_metadata_invalid"
                )
            body = build_deferred_request(pending.transaction_id, asking.encryption)
            return asking.post(asking.issuer.deferred_endpoint, body)
        try:
            return self._ask(asking)
        except WalletRefusedError as refusal:
            if refusal.error != INVALID_NONCE:
                raise
        return self._ask(asking)

    def _ask(self, asking: _Asking) -> IssuedCredentials | DeferredCredentials:
        """One credential request, with proofs that have a fresh nonce."""
        proof_type, proofs = self._proofs(asking)
        body = build_credential_request(
            configuration_id=asking.pending.configuration_id,
            identifier=asking.pending.credential_identifier,
            proofs=proofs,
            encryption=asking.encryption,
            proof_type=proof_type,
        )
        return asking.post(asking.issuer.credential_endpoint, body)

    def _proofs(self, asking: _Asking) -> tuple[str, list[str]]:
        """Proofs of all keys with one fresh nonce (section 7)."""
        issuer, pending = asking.issuer, asking.pending
        if not pending.key_ids:
            return "jwt", []
        nonce = None
        if issuer.nonce_endpoint is not None:
            answer = asking.conversation.post_empty(issuer.nonce_endpoint)
            nonce = parse_nonce(answer.status, answer.content)
        content = self.store.load()
        keys = [content.key(key_id).private_key for key_id in pending.key_ids]
        attestation = None
        if _needs_attestation(asking.configuration):
            if self.attester is None:
                raise _unsupported("The issuer wants a key attestation, which this wallet has from nobody.")
            attestation = self.attester.attest_keys([key.public_key.to_jwk() for key in keys], nonce)
            if "jwt" not in asking.configuration.proof_algorithms:
                return "attestation", [attestation]
            keys = keys[:1]
        method = pending.binding_method or "jwk"
        return "jwt", [
            build_key_proof(
                PrivateKeySigner(key_url(key.public_key, method) or "", key),
                issuer.identifier,
                self.clock.now(),
                binding_method=method,
                nonce=nonce,
                client_id=pending.client_id,
                key_attestation=attestation,
            )
            for key in keys
        ]

    def _keep(self, asking: _Asking, answer: IssuedCredentials) -> Received:
        """Judge every copy, store all or none of them, and tell the issuer which it was (section 11)."""
        configuration, pending = asking.configuration, asking.pending
        content = self.store.load()
        now = self.clock.now()
        copies: list[CredentialCopy] = []
        doubts: dict[str, None] = {}
        methods: set[str | None] = set()
        try:
            for position, credential in enumerate(answer.credentials):
                key_id = pending.key_ids[position] if pending.key_ids else None
                key = None if key_id is None else content.key(key_id).private_key.public_key
                judged = self.judge(configuration.format, credential, key)
                doubts |= dict.fromkeys(unchecked(judged.report))
                methods.add(judged.binding_method)
                copies.append(CredentialCopy(credential, key_id))
            if len(methods) > 1:
                raise WalletMessageError(
                    "The copies name their holder in different ways.", code="credential_not_acceptable"
                )
        except WalletMessageError:
            asking.notify(answer.notification_id, NotificationEvent.FAILURE)
            self.store.save(content.without_pending(pending.id))
            raise
        held = _held(asking.issuer, configuration, methods.pop(), tuple(copies), now)
        self.store.save(content.with_credential(held, pending.id))
        notified = asking.notify(answer.notification_id, NotificationEvent.ACCEPTED)
        return Received(held, tuple(doubts), notified)


def _held(
    issuer: IssuerMetadata,
    configuration: OfferedConfiguration,
    binding_method: str | None,
    copies: tuple[CredentialCopy, ...],
    at: datetime,
) -> HeldCredential:
    return HeldCredential(
        id=secrets.token_hex(8),
        format=configuration.format,
        configuration_id=configuration.id,
        credential_issuer=issuer.identifier,
        issuer_name=issuer.name,
        name=configuration.name,
        binding_method=binding_method,
        received_at=at,
        copies=copies,
    )


def new_key(algorithm: Algorithm) -> WalletKey:
    """A new key of the holder."""
    private_key = PrivateKey.generate(algorithm)
    return WalletKey(private_key.public_key.thumbprint(), private_key)


def _binds(configuration: OfferedConfiguration) -> bool:
    return bool(configuration.binding_methods)


def _needs_attestation(configuration: OfferedConfiguration) -> bool:
    """Whether there is no way without: proofs by JWT need one, or are not taken at all (appendix F)."""
    types = configuration.proof_algorithms
    return bool(types) and ("jwt" not in types or "jwt" in configuration.attested)


def _binding_method(configuration: OfferedConfiguration) -> str | None:
    if not _binds(configuration):
        return None
    found = next((each for each in BINDING_METHODS if each in configuration.binding_methods), None)
    if found is None:
        raise _unsupported("The issuer binds credentials to keys in a way that is not known here.")
    return found


def _algorithm(configuration: OfferedConfiguration) -> Algorithm:
    names = {
        name
        for proof_type in ("jwt", "attestation")
        for name in configuration.proof_algorithms.get(proof_type, ())
    }
    linked = configuration.format == PresentationFormat.LDP_VC
    preferred = PREFERRED_KEYS_FOR_LINKED_DATA if linked else PREFERRED_KEYS
    found = choose_algorithm(tuple(names), preferred)
    if found is None:
        raise _unsupported("The issuer accepts no kind of key that this wallet has.")
    return found


def _encryption(issuer: IssuerMetadata, *, wanted: bool) -> tuple[DecryptionKey, ContentEncryption] | None:
    """A fresh key for one response, where it is to be encrypted: the request must then be, too (section 8.2)."""
    offered = issuer.response_encryption
    if offered is None or not (wanted or offered.required):
        if wanted:
            raise _unsupported("The issuer does not encrypt its answers.")
        return None
    if not offered.possible or issuer.request_encryption is None:
        raise _unsupported("The issuer wants answers encrypted in a way that is not known here.")
    return DecryptionKey.generate(secrets.token_urlsafe(8)), offered.possible[0]


def _encode(issuer: IssuerMetadata, request: JsonObject, encryption: object | None) -> tuple[bytes, str]:
    """The body and its media type."""
    content = encode_request(request)
    offered = issuer.request_encryption
    if offered is not None and (offered.required or encryption is not None):
        return encrypt_to(offered.jwk, content, offered.encryption).encode("ascii"), "application/jwt"
    return content, "application/json"


def _unsupported(message: str) -> WalletMessageError:
    return WalletMessageError(message, code="unsupported_configuration")
