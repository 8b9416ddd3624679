"""A holder answers a verifier: find out who asks, choose the least that is enough, show her exactly that, and send
it."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from skillcred.encoding.base64url import encode_base64url
from skillcred.encoding.json_types import JsonObject
from skillcred.encoding.strict_json import StrictJsonError, StrictJsonLimitError, parse_json_object
from skillcred.exchange.holder.addresses import origin_of
from skillcred.exchange.holder.authorization import read_refusal
from skillcred.exchange.holder.errors import WalletMessageError, WalletRefusedError
from skillcred.exchange.holder.held_credentials import (
    HeldClaims,
    build_candidate,
    disclosed_pointers,
    list_shown,
    pointer_of,
    read_held,
)
from skillcred.exchange.holder.presentation_request import (
    REQUEST_MEDIA_TYPE,
    RequestReference,
    UnverifiedRequest,
    read_request_link,
    read_request_object,
    verify_request_object,
)
from skillcred.exchange.holder.presenting import Question, build_presentation
from skillcred.exchange.holder.proofs import key_url
from skillcred.exchange.oid4vp.client_ids import ClientIdPrefix
from skillcred.exchange.oid4vp.errors import AuthorizationRequestError
from skillcred.exchange.oid4vp.matching import CredentialMatch, choose_queries, match_credentials
from skillcred.exchange.oid4vp.requests import AuthorizationRequest
from skillcred.exchange.oid4vp.responses import build_direct_post, build_error_post
from skillcred.keys.private_key import PrivateKeySigner
from skillcred.services.ports import Clock
from skillcred.services.wallet_identities import WalletIdentities
from skillcred.services.wallet_metadata import WALLET_METADATA
from skillcred.services.wallet_ports import (
    HolderDoor,
    IncomingResponse,
    OutgoingRequest,
    Person,
    PresentationView,
    ShownCredential,
    WalletStore,
)
from skillcred.services.wallet_records import HeldCredential, WalletContent

FORM: Final = "application/x-www-form-urlencoded"
ACCESS_DENIED: Final = "access_denied"
MAX_REDIRECT_CHARACTERS: Final = 2048
_UNABLE: Final = "The request cannot be met or was not agreed to."
"""One text for both: whether there is such a credential is nobody's business (SECURITY PR-13)."""


@dataclass(frozen=True, slots=True)
class Presented:
    """The verifier took it. `redirect_uri` is where the holder's browser is wanted next."""

    client_id: str
    credential_ids: tuple[str, ...]
    redirect_uri: str | None


@dataclass(frozen=True, slots=True)
class _Choice:
    """One credential for one query: the copy to show, and what is disclosed of it."""

    query_id: str
    credential: HeldCredential
    position: int
    held: HeldClaims
    pointers: tuple[str, ...]
    asked: tuple[str, ...]
    proven: bool


@dataclass(frozen=True, slots=True)
class PresentCredentials:
    """The use case."""

    store: WalletStore
    clock: Clock
    door: HolderDoor
    identities: WalletIdentities
    person: Person

    def __call__(self, text: str, *, decline: bool = False, credential_ids: Sequence[str] = ()) -> Presented:
        """Answer the request in `text`; with `decline` only say no. `credential_ids`: choose among these only.

        Raises `WalletMessageError` where the request is not believed (and nothing is sent), `WalletRefusedError`
        (`presentation_declined`, `request_not_met`: the verifier was told `access_denied`; `verifier_refused`).
        """
        request = self._request(text)
        if request.transaction_data:
            self._send(request, build_error_post(request, "invalid_transaction_data"))
            raise WalletMessageError(
                "The request wants something else confirmed beside; that is not known here.",
                code="request_not_supported",
            )
        if decline:
            self._deny(request)
            raise _declined()
        content = self.store.load()
        choices = _choose(content, request, credential_ids)
        if choices is None:
            self._deny(request)
            raise WalletRefusedError(
                "The wallet has not all that is asked for. The verifier was told no.",
                error=ACCESS_DENIED,
                code="request_not_met",
            )
        if not self.person.agree_to_present(_view(request, choices)):
            self._deny(request)
            raise _declined()
        return self._present(content, request, choices)

    def _request(self, text: str) -> AuthorizationRequest:
        """The request, once it is known who sent it."""
        local = self.identities.trust.local
        found = read_request_link(text, local=local)
        wallet_nonce = None
        if isinstance(found, RequestReference):
            wallet_nonce = secrets.token_urlsafe(24) if found.post else None
            found = self._fetch(found, wallet_nonce)
        if isinstance(found, AuthorizationRequest):
            return found
        return verify_request_object(
            found,
            document=None if found.did is None else self.identities.resolve(found.did),
            anchors=self.identities.trust.anchors,
            wallet_nonce=wallet_nonce,
            at=self.clock.now(),
            local=local,
        )

    def _fetch(self, reference: RequestReference, wallet_nonce: str | None) -> UnverifiedRequest:
        """Section 5.10: any error of the verifier's ends it."""
        fields = {"Accept": REQUEST_MEDIA_TYPE}
        if reference.post:
            form = {"wallet_metadata": WALLET_METADATA, "wallet_nonce": wallet_nonce or ""}
            request = OutgoingRequest(
                "POST",
                reference.address,
                fields | {"Content-Type": FORM},
                urlencode(form).encode("ascii"),
                max_bytes=256 * 1024,
            )
        else:
            request = OutgoingRequest("GET", reference.address, fields, max_bytes=256 * 1024)
        response = self.door.send(request)
        if response.status != 200:
            raise read_refusal(response.content, "verifier_refused")
        if response.media_type != REQUEST_MEDIA_TYPE:
            raise WalletMessageError("What the address gave is no request.", code="request_malformed")
        return read_request_object(response.content, reference.client_id)

    def _present(
        self, content: WalletContent, request: AuthorizationRequest, choices: Sequence[_Choice]
    ) -> Presented:
        """Copies that are used once count as used before anything is sent: a verifier may have them whatever becomes
        of the connection."""
        now = self.clock.now()
        question = Question(request.client_id.text, request.nonce, now)
        token: dict[str, list[str | JsonObject]] = {}
        for choice in choices:
            copy = choice.credential.copies[choice.position]
            signer = None
            if choice.proven and copy.key_id is not None:
                key = content.key(copy.key_id).private_key
                name = key_url(key.public_key, choice.credential.binding_method or "jwk")
                signer = PrivateKeySigner(name or "", key)
            token[choice.query_id] = [
                build_presentation(
                    choice.held.format,
                    copy.content,
                    choice.pointers,
                    question,
                    signer=signer,
                    identifier=f"urn:uuid:{uuid.uuid4()}",
                )
            ]
        try:
            body = build_direct_post(request, token, apu=encode_base64url(secrets.token_bytes(16)))
        except AuthorizationRequestError as error:
            raise WalletMessageError(error.message, code="request_not_supported") from error
        used = [(choice.credential.id, choice.position) for choice in choices]
        self.store.save(content.with_used_copies(used, now))
        response = self._send(request, body)
        if response.status != 200:
            raise read_refusal(response.content, "verifier_refused")
        return Presented(
            request.client_id.text,
            tuple(choice.credential.id for choice in choices),
            _redirect(response),
        )

    def _deny(self, request: AuthorizationRequest) -> None:
        self._send(request, build_error_post(request, ACCESS_DENIED, _UNABLE))

    def _send(self, request: AuthorizationRequest, body: bytes) -> IncomingResponse:
        fields = {"Accept": "application/json", "Content-Type": FORM}
        return self.door.send(OutgoingRequest("POST", request.response_uri, fields, body))


def _choose(
    content: WalletContent, request: AuthorizationRequest, credential_ids: Sequence[str]
) -> tuple[_Choice, ...] | None:
    """For each query that has to be answered one credential, the newest that fits (section 6.4); `None` where the
    request cannot be met."""
    allowed = {content.credential(name).id for name in credential_ids}
    usable = [
        each
        for each in reversed(content.credentials)
        if each.usable and (not credential_ids or each.id in allowed)
    ]
    read = [read_held(each.format, each.copies[each.usable[0]].content) for each in usable]
    candidates = [
        build_candidate(held, bound=each.copies[each.usable[0]].key_id is not None)
        for each, held in zip(usable, read, strict=True)
    ]
    matches = match_credentials(request.query, candidates)
    wanted = choose_queries(request.query, [name for name, found in matches.items() if found])
    if wanted is None:
        return None
    choices: list[_Choice] = []
    taken: set[tuple[str, int]] = set()
    for query_id in wanted:
        query = request.query.find(query_id)
        choice = _first_free(query_id, matches[query_id], usable, read, taken)
        if choice is None or query is None:
            return None
        taken.add((choice.credential.id, choice.position))
        proven = query.require_cryptographic_holder_binding
        choices.append(replace(choice, proven=proven))
    return tuple(choices)


def _first_free(
    query_id: str,
    matches: Mapping[int, CredentialMatch],
    usable: Sequence[HeldCredential],
    read: Sequence[HeldClaims],
    taken: set[tuple[str, int]],
) -> _Choice | None:
    """The first match with a copy that no other query of this request takes."""
    for number, match in matches.items():
        credential = usable[number]
        for position in credential.usable:
            if credential.one_time and (credential.id, position) in taken:
                continue
            held = read_held(credential.format, credential.copies[position].content)
            return _Choice(
                query_id,
                credential,
                position,
                held,
                disclosed_pointers(read[number], match),
                tuple(pointer_of(claim.place) for claim in match.claims),
                True,
            )
    return None


def _view(request: AuthorizationRequest, choices: Sequence[_Choice]) -> PresentationView:
    name, purpose = (request.client_metadata.get(member) for member in ("client_name", "purpose"))
    return PresentationView(
        client_id=request.client_id.text,
        proven_by=_PROOFS[request.client_id.prefix],
        origin=origin_of(request.response_uri),
        verifier_name=name if isinstance(name, str) else None,
        purpose=purpose if isinstance(purpose, str) else None,
        encrypted=request.response_mode.is_encrypted,
        credentials=tuple(_shown(choice) for choice in choices),
    )


_PROOFS: Final = {
    ClientIdPrefix.DECENTRALIZED_IDENTIFIER: "a key of its DID",
    ClientIdPrefix.X509_SAN_DNS: "a certificate for its host name",
    ClientIdPrefix.X509_HASH: "a certificate",
    ClientIdPrefix.REDIRECT_URI: None,
}


def _shown(choice: _Choice) -> ShownCredential:
    credential = choice.credential
    hidden = choice.held.concealed - set(choice.pointers)
    return ShownCredential(
        query_id=choice.query_id,
        credential_id=credential.id,
        name=credential.name,
        credential_issuer=credential.credential_issuer,
        claims=list_shown(choice.held.claims, hidden),
        asked=choice.asked,
        proven=choice.proven,
        times_left=len(credential.usable) - 1 if credential.one_time else None,
    )


def _redirect(response: IncomingResponse) -> str | None:
    """Section 8.2: an https address, or nothing that this wallet would open."""
    try:
        answer = parse_json_object(response.content)
    except (StrictJsonError, StrictJsonLimitError):
        return None
    uri = answer.get("redirect_uri")
    return uri if isinstance(uri, str) and 0 < len(uri) <= MAX_REDIRECT_CHARACTERS else None


def _declined() -> WalletRefusedError:
    return WalletRefusedError(
        "Nothing was shown. The verifier was told no.", error=ACCESS_DENIED, code="presentation_declined"
    )
