"""An issuer and a verifier that do what the specifications say and nothing else, without sockets, for the tests of our
wallet; told to, they cheat. They are written after OID4VCI 1.0, OID4VP 1.0, RFC 6749, 8414, 9126, 9207 and 9449, and
judge what the wallet sends with the checks of the issuer's side."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from skillcred.exchange.dpop import DpopRequest, verify_dpop
from skillcred.exchange.encryption import ContentEncryption, DecryptionKey, encrypt_to
from skillcred.exchange.errors import DpopError
from skillcred.exchange.holder.offers import TxCodeRequest
from skillcred.exchange.nonces import NonceSealer, NonceUse
from skillcred.exchange.oid4vci.errors import CredentialRequestError
from skillcred.exchange.oid4vci.key_proofs import KeyProofExpectation, verify_key_proofs
from skillcred.exchange.oid4vci.offers import PRE_AUTHORIZED_CODE
from skillcred.exchange.pkce import verify_code_verifier
from skillcred.identifiers import build_did_key
from skillcred.keys.algorithms import Algorithm
from skillcred.keys.public_key import PublicKey
from skillcred.securing import attach_proof, prepare_proof
from skillcred.services.wallet_ports import (
    IncomingResponse,
    OfferView,
    OutgoingRequest,
    PresentationView,
)
from skillcred.services.wallet_records import WalletContent
from worlds.pure_world import NOW, PureWorld, SoftSigner, sign
from worlds.sd_jwts import ISSUED, claims, concealed, jwt, sd_jwt

Document = dict[str, Any]
ORIGIN = "https://issuer.example"
IDENTIFIER = f"{ORIGIN}/school"
CODE = "the-code"
TX_CODE = "493536"
VCT = "https://provider.example/types/welder"
LD_SIGNER = SoftSigner(2)


class WalletInMemory:
    """A `WalletStore` that keeps every state it was in."""

    def __init__(self) -> None:
        self.states = [WalletContent()]

    def load(self) -> WalletContent:
        return self.states[-1]

    def save(self, content: WalletContent) -> None:
        self.states.append(content)


@dataclass
class ScriptedPerson:
    """Does what the test says, and remembers what it was shown."""

    agrees: bool = True
    tx_code: str | None = None
    browse: Callable[[str], str] | None = None
    offers: list[OfferView] = field(default_factory=list)
    views: list[PresentationView] = field(default_factory=list)
    asked_for_code: list[tuple[TxCodeRequest, str]] = field(default_factory=list)
    redirect_uri: str = "http://127.0.0.1:49152/cb"

    def accept_offer(self, offer: OfferView) -> bool:
        self.offers.append(offer)
        return self.agrees

    def give_tx_code(self, request: TxCodeRequest, origin: str) -> str | None:
        self.asked_for_code.append((request, origin))
        return self.tx_code

    def authorise(self, url: str) -> str:
        assert self.browse is not None
        return self.browse(url)

    def agree_to_present(self, view: PresentationView) -> bool:
        self.views.append(view)
        return self.agrees


def answer(status: int, body: Any, media_type: str = "application/json", **headers: str) -> IncomingResponse:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    fields = {"content-type": media_type} | {name.replace("_", "-"): value for name, value in headers.items()}
    return IncomingResponse(status, media_type, fields, content)


NO_CONTENT = IncomingResponse(204, "", {}, b"")


@dataclass
class LiteralIssuer:
    """One issuer with its authorization server. `cheat` may change any JSON that it sends, by what it is; `forge` any
    credential."""

    formats: Mapping[str, str] = field(default_factory=lambda: {"welder": "dc+sd-jwt"})
    grants: Sequence[str] = (PRE_AUTHORIZED_CODE,)
    tx_code: str | None = None
    dpop: bool = False
    anonymous: bool = True
    batch_size: int = 1
    deferrals: int = 0
    encrypts: bool = False
    identifiers: Sequence[str] = ()
    server: str = IDENTIFIER
    metadata_signer: SoftSigner | None = None
    metadata_token: Callable[[Document], str] | None = None
    cheat: Callable[[str, Document], Document] = lambda kind, document: document
    forge: Callable[[str], str] = lambda credential: credential
    client_id: str | None = None
    now: Callable[[], datetime] = lambda: NOW
    requests: list[OutgoingRequest] = field(default_factory=list)
    tokens: list[dict[str, str]] = field(default_factory=list)
    notifications: list[Document] = field(default_factory=list)
    used_nonces: set[str] = field(default_factory=set)
    proven: list[PublicKey] = field(default_factory=list)
    refuse_nonces: int = 0
    lose_answers: int = 0

    def __post_init__(self) -> None:
        key = bytes(range(32))
        self._nonces = NonceSealer(key, NonceUse.CREDENTIAL, IDENTIFIER, timedelta(minutes=5))
        self._dpop_nonces = NonceSealer(key, NonceUse.DPOP, self.server, timedelta(minutes=5))
        self._request_key = DecryptionKey.generate("request-key")
        self._counter = 0
        self._pushed: dict[str, str] = {}
        self._attempt: dict[str, str] = {}
        self._jkt: str | None = None
        self._deferred: tuple[str, list[PublicKey]] | None = None

    # --- what it publishes

    def offer(self, **changes: Any) -> Document:
        grants: Document = {}
        if PRE_AUTHORIZED_CODE in self.grants:
            grants[PRE_AUTHORIZED_CODE] = {"pre-authorized_code": CODE}
            if self.tx_code is not None:
                grants[PRE_AUTHORIZED_CODE]["tx_code"] = {"length": 6, "description": "By letter"}
        if "authorization_code" in self.grants:
            grants["authorization_code"] = {"issuer_state": "the-state-of-the-issuer"}
        full = {
            "credential_issuer": IDENTIFIER,
            "credential_configuration_ids": list(self.formats),
            "grants": grants,
        }
        return self.cheat("offer", full | changes)

    def link(self, **changes: Any) -> str:
        return f"openid-credential-offer://?credential_offer={quote(json.dumps(self.offer(**changes)))}"

    def link_by_reference(self) -> str:
        return f"openid-credential-offer://?credential_offer_uri={quote(f'{ORIGIN}/offers/1', safe='')}"

    def metadata(self) -> Document:
        configurations: Document = {}
        for name, kind in self.formats.items():
            sd_jwt_vc = kind == "dc+sd-jwt"
            configurations[name] = {
                "format": kind,
                "scope": f"scope-{name}",
                "cryptographic_binding_methods_supported": ["jwk"] if sd_jwt_vc else ["did:key"],
                "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": ["ES256", "EdDSA"]}},
                "credential_metadata": {"display": [{"name": f"Certificate {name}"}]},
                **(
                    {"vct": VCT}
                    if sd_jwt_vc
                    else {"credential_definition": {"type": ["VerifiableCredential"]}}
                ),
            }
        metadata: Document = {
            "credential_issuer": IDENTIFIER,
            "authorization_servers": [self.server],
            "credential_endpoint": f"{IDENTIFIER}/credential",
            "nonce_endpoint": f"{IDENTIFIER}/nonce",
            "deferred_credential_endpoint": f"{IDENTIFIER}/deferred",
            "notification_endpoint": f"{IDENTIFIER}/notification",
            "display": [{"name": "School of Welding"}],
            "credential_configurations_supported": configurations,
            "something_else": {"ignored": True},
        }
        if self.server == IDENTIFIER:
            del metadata["authorization_servers"]
        if self.batch_size > 1:
            metadata["batch_credential_issuance"] = {"batch_size": self.batch_size}
        if self.encrypts:
            jwk = self._request_key.public_jwk()
            enc = [ContentEncryption.A256GCM.value]
            metadata["credential_request_encryption"] = {
                "jwks": {"keys": [jwk]},
                "enc_values_supported": enc,
                "encryption_required": False,
            }
            metadata["credential_response_encryption"] = {
                "alg_values_supported": ["ECDH-ES"],
                "enc_values_supported": enc,
                "encryption_required": False,
            }
        return self.cheat("metadata", metadata)

    def server_metadata(self) -> Document:
        metadata: Document = {
            "issuer": self.server,
            "token_endpoint": f"{self.server}/token",
            "authorization_endpoint": f"{self.server}/authorize",
            "pushed_authorization_request_endpoint": f"{self.server}/par",
            "grant_types_supported": list(self.grants),
            "pre-authorized_grant_anonymous_access_supported": self.anonymous,
            "authorization_response_iss_parameter_supported": True,
            "require_pushed_authorization_requests": True,
        }
        if self.dpop:
            metadata["dpop_signing_alg_values_supported"] = ["ES256"]
        return self.cheat("server", metadata)

    # --- what it answers

    def send(self, request: OutgoingRequest) -> IncomingResponse:
        self.requests.append(request)
        parts = urlsplit(request.url)
        assert parts.query == ""
        server_path = urlsplit(self.server).path
        routes: dict[str, Callable[[OutgoingRequest], IncomingResponse]] = {
            "/offers/1": lambda _: answer(200, self.offer()),
            "/.well-known/openid-credential-issuer/school": self._metadata,
            f"/.well-known/oauth-authorization-server{server_path}": lambda _: answer(
                200, self.server_metadata()
            ),
            f"{server_path}/par": self._par,
            f"{server_path}/token": self._token,
            "/school/nonce": self._nonce,
            "/school/credential": self._credential,
            "/school/deferred": self._deferred_credential,
            "/school/notification": self._notification,
        }
        route = routes.get(parts.path)
        return answer(404, {"error": "not_found"}) if route is None else route(request)

    def sent_to(self, path: str) -> list[OutgoingRequest]:
        return [request for request in self.requests if urlsplit(request.url).path.endswith(path)]

    def browse(self, url: str) -> str:
        """What the holder's browser does: it opens the address, she logs in, and it is sent back."""
        parts = urlsplit(url)
        asked = dict(parse_qsl(parts.query))
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{self.server}/authorize"
        assert asked == {"client_id": self._pushed["client_id"], "request_uri": "urn:pushed:1"}
        self._attempt = self._pushed
        response = {"code": CODE, "state": self._attempt["state"], "iss": self.server}
        return f"{self._attempt['redirect_uri']}?{urlencode(self.cheat('response', response))}"

    def _metadata(self, request: OutgoingRequest) -> IncomingResponse:
        if request.headers["Accept"] != "application/jwt" or (
            self.metadata_signer is None and self.metadata_token is None
        ):
            return answer(200, self.metadata())
        content = {**self.metadata(), "sub": IDENTIFIER, "iat": int(NOW.timestamp())}
        if self.metadata_token is not None:
            return answer(200, self.metadata_token(content).encode(), "application/jwt")
        assert self.metadata_signer is not None
        token = jwt(content, self.metadata_signer, typ="openidvci-issuer-metadata+jwt")
        return answer(200, token.encode(), "application/jwt")

    def _check_dpop(self, request: OutgoingRequest, token: str | None = None) -> IncomingResponse | None:
        if not self.dpop:
            assert "DPoP" not in request.headers
            return None
        expected = DpopRequest(
            "POST", request.url, self.now(), token, self._jkt if token else None, self._dpop_nonces
        )
        try:
            self._jkt = verify_dpop([request.headers["DPoP"]], expected).thumbprint
        except DpopError as error:
            fresh = {"dpop_nonce": self._dpop_nonces.build(self._entropy(), self.now())}
            if token is None:
                return answer(400, {"error": error.code}, **fresh)
            challenge = f'DPoP error="{error.code}"'
            return answer(401, {"error": error.code}, www_authenticate=challenge, **fresh)
        return None

    def _par(self, request: OutgoingRequest) -> IncomingResponse:
        refused = self._check_dpop(request)
        if refused is not None:
            return refused
        self._pushed = dict(parse_qsl(request.body.decode()))
        assert self._pushed["code_challenge_method"] == "S256"
        assert self._pushed["issuer_state"] == "the-state-of-the-issuer"
        assert self._pushed["scope"] == " ".join(f"scope-{name}" for name in self.formats)
        return answer(201, {"request_uri": "urn:pushed:1", "expires_in": 60})

    def _token(self, request: OutgoingRequest) -> IncomingResponse:
        refused = self._check_dpop(request)
        if refused is not None:
            return refused
        form = dict(parse_qsl(request.body.decode()))
        self.tokens.append(form)
        self.client_id = form.get("client_id")
        if form["grant_type"] == PRE_AUTHORIZED_CODE:
            assert (self.client_id is None) == self.anonymous
            if form["pre-authorized_code"] != CODE or form.get("tx_code") != self.tx_code:
                return answer(400, {"error": "invalid_grant"})
        else:
            assert form["code"] == CODE
            verify_code_verifier(self._attempt["code_challenge"], form["code_verifier"])
            assert form["redirect_uri"] == self._attempt["redirect_uri"]
        response: Document = {
            "access_token": "the-token",
            "token_type": "DPoP" if self.dpop else "Bearer",
            "expires_in": 300,
        }
        if self.identifiers:
            response["authorization_details"] = [
                {
                    "type": "openid_credential",
                    "credential_configuration_id": name,
                    "credential_identifiers": list(self.identifiers),
                }
                for name in self.formats
            ]
        return answer(200, self.cheat("token", response))

    def _nonce(self, request: OutgoingRequest) -> IncomingResponse:
        assert (request.body, "Authorization" in request.headers) == (b"", False)
        return answer(200, {"c_nonce": self._nonces.build(self._entropy(), self.now())})

    def _refused_access(self, request: OutgoingRequest) -> IncomingResponse | None:
        scheme = "DPoP" if self.dpop else "Bearer"
        if request.headers.get("Authorization") != f"{scheme} the-token":
            return answer(401, {"error": "invalid_token"}, www_authenticate=scheme)
        return self._check_dpop(request, "the-token")

    def _body(self, request: OutgoingRequest) -> Document:
        if request.headers["Content-Type"] == "application/jwt":
            body: Document = json.loads(self._request_key.decrypt(request.body.decode()))
            return body
        plain: Document = json.loads(request.body)
        assert (
            "credential_response_encryption" not in plain
        )  # section 8.2: then the request is encrypted, too
        return plain

    def _credential(self, request: OutgoingRequest) -> IncomingResponse:
        refused = self._refused_access(request)
        if refused is not None:
            return refused
        body = self._body(request)
        name = body.get("credential_configuration_id") or next(iter(self.formats))
        assert ("credential_identifier" in body) == bool(self.identifiers)
        expected = KeyProofExpectation(
            IDENTIFIER,
            self._nonces,
            self.now(),
            self.batch_size,
            client_id=self.client_id,
            with_did=self.formats[name] != "dc+sd-jwt",
        )
        try:
            proven = verify_key_proofs(body["proofs"]["jwt"], expected)
        except CredentialRequestError as error:
            return answer(400, {"error": error.code})
        if self.refuse_nonces > 0 or proven.nonce.digest in self.used_nonces:
            self.refuse_nonces -= 1
            return answer(400, {"error": "invalid_nonce"})
        self.used_nonces.add(proven.nonce.digest)
        if self.lose_answers > 0:
            self.lose_answers -= 1
            raise ConnectionAbortedError
        if self.deferrals > 0:
            self._deferred = (name, list(proven.keys))
            return self._reply(body, 202, {"transaction_id": "later", "interval": 5}, "deferral")
        return self._issue(body, name, proven.keys)

    def _deferred_credential(self, request: OutgoingRequest) -> IncomingResponse:
        refused = self._refused_access(request)
        if refused is not None:
            return refused
        body = self._body(request)
        if self._deferred is None or body["transaction_id"] != "later":
            return answer(400, {"error": "invalid_transaction_id"})
        self.deferrals -= 1
        if self.deferrals > 0:
            return self._reply(body, 202, {"transaction_id": "later", "interval": 5}, "deferral")
        name, keys = self._deferred
        self._deferred = None
        return self._issue(body, name, keys)

    def _issue(self, body: Document, name: str, keys: Sequence[PublicKey]) -> IncomingResponse:
        self.proven += keys
        credentials = [self.forge(issue(self.formats[name], key, number)) for number, key in enumerate(keys)]
        members = [{"credential": json.loads(each) if each.startswith("{") else each} for each in credentials]
        return self._reply(body, 200, {"credentials": members, "notification_id": "n-1"}, "credential")

    def _reply(self, body: Document, status: int, content: Document, kind: str) -> IncomingResponse:
        changed = self.cheat(kind, content)
        wanted = body.get("credential_response_encryption")
        if wanted is None or changed.pop("in_the_clear", False):
            return answer(status, changed)
        token = encrypt_to(wanted["jwk"], json.dumps(changed).encode(), ContentEncryption(wanted["enc"]))
        return answer(status, token.encode(), "application/jwt")

    def _notification(self, request: OutgoingRequest) -> IncomingResponse:
        refused = self._refused_access(request)
        if refused is not None:
            return refused
        self.notifications.append(json.loads(request.body))
        return NO_CONTENT

    def _entropy(self) -> bytes:
        self._counter += 1
        return self._counter.to_bytes(16)


def issue(kind: str, key: PublicKey, number: int = 0, did: str | None = None) -> str:
    """A credential in any of the formats, bound to `key`, which `did` names where the format names its holder."""
    did = did or build_did_key(key)
    if kind == "dc+sd-jwt":
        disclosures, digests = zip(
            *(
                concealed(name, value, f"salt-of-{number}-{name}-000000")
                for name, value in (("name", "Amina"), ("birthdate", "1990-01-01"), ("skill", "welding"))
            ),
            strict=True,
        )
        return sd_jwt(claims(cnf={"jwk": key.to_jwk()}, _sd=list(digests), level="3"), *disclosures)
    world = PureWorld()
    document = world.unsigned()
    document["credentialSubject"]["id"] = did
    if kind == "ldp_vc":
        return sign(document, world.provider).decode()
    if kind == "vc+sd-jwt":
        signer = SoftSigner(21, Algorithm.P256)
        document["issuer"]["id"] = signer.did
        prepared = prepare_proof(
            "vc+sd-jwt",
            document,
            verification_method=signer.verification_method,
            algorithm=Algorithm.P256,
            created=NOW - timedelta(days=1),
            options={"holderKey": key.to_jwk(), "disclosablePointers": ["/credentialSubject/name"]},
        )
        return attach_proof(prepared, signer.sign(prepared.to_be_signed)).decode()
    if kind == "vc+jwt":  # the other form that goes by the name of jwt_vc_json
        prepared = prepare_proof(
            "vc+jwt",
            document,
            verification_method=world.provider.verification_method,
            algorithm=Algorithm.ED25519,
            created=NOW - timedelta(days=1),
        )
        return attach_proof(prepared, world.provider.sign(prepared.to_be_signed)).decode()
    assert kind == "jwt_vc_json"
    document = {
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "type": ["VerifiableCredential"],
        "credentialSubject": {"id": did, "alumniOf": "School of Welding"},
    }
    payload = {
        "iss": LD_SIGNER.did,
        "sub": did,
        "nbf": ISSUED,
        "jti": f"urn:example:{number}",
        "vc": document,
    }
    return jwt(payload, LD_SIGNER, typ="JWT")


AUDIENCE = "https://self-issued.me/v2"
VERIFIER = SoftSigner(31, Algorithm.P256)
RESPONSE_URI = "https://verifier.example/answers/1"
REQUEST_URI = "https://verifier.example/requests/1"
NONCE = "a-nonce-of-the-verifier"
WELDER_QUERY: Document = {
    "credentials": [
        {
            "id": "welder",
            "format": "dc+sd-jwt",
            "meta": {"vct_values": [VCT]},
            "claims": [{"path": ["skill"]}],
        }
    ]
}


@dataclass
class LiteralVerifier:
    """One verifier with one request, under any client identifier. `changes` are claims of the request object (`None`:
    left out), `header` members of its header."""

    client_id: str = f"decentralized_identifier:{VERIFIER.did}"
    query: Document = field(default_factory=lambda: WELDER_QUERY)
    encrypted: bool = False
    signer: Any = VERIFIER
    changes: Document = field(default_factory=dict)
    header: Document = field(default_factory=dict)
    status: int = 200
    reply: Document = field(default_factory=dict)
    repeats_nonce: bool = True
    requests: list[OutgoingRequest] = field(default_factory=list)
    answers: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.key = DecryptionKey.generate("of-this-request")

    def parameters(self) -> Document:
        metadata: Document = {"client_name": "Shipyard", "vp_formats_supported": {"dc+sd-jwt": {}}}
        if self.encrypted:
            metadata["jwks"] = {"keys": [self.key.public_jwk()]}
            metadata["encrypted_response_enc_values_supported"] = ["A128GCM", "A256GCM"]
        full: Document = {
            "client_id": self.client_id,
            "response_type": "vp_token",
            "response_mode": "direct_post.jwt" if self.encrypted else "direct_post",
            "response_uri": RESPONSE_URI,
            "nonce": NONCE,
            "state": "a-state",
            "dcql_query": self.query,
            "client_metadata": metadata,
        }
        return {name: value for name, value in (full | self.changes).items() if value is not None}

    def request_object(self, **more: Any) -> bytes:
        header = {"typ": "oauth-authz-req+jwt", "kid": self.signer.verification_method, **self.header}
        content = {"aud": AUDIENCE, "iat": int(NOW.timestamp()), **self.parameters(), **more}
        return jwt(content, self.signer, **header).encode()

    def link(self, *, post: bool = False, **more: str) -> str:
        query = {"client_id": self.client_id, "request_uri": REQUEST_URI, **more}
        if post:
            query["request_uri_method"] = "post"
        return f"openid4vp://?{urlencode(query)}"

    def link_by_value(self, *, signed: bool = False) -> str:
        if signed:
            query = {"client_id": self.client_id, "request": self.request_object().decode()}
            return f"openid4vp://?{urlencode(query)}"
        texts = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in self.parameters().items()
        }
        return f"openid4vp://?{urlencode(texts)}"

    def send(self, request: OutgoingRequest) -> IncomingResponse:
        self.requests.append(request)
        if request.url == REQUEST_URI:
            more: Document = {}
            if request.method == "POST" and self.repeats_nonce:
                more["wallet_nonce"] = dict(parse_qsl(request.body.decode()))["wallet_nonce"]
            return answer(200, self.request_object(**more), "application/oauth-authz-req+jwt")
        assert (request.method, request.url) == ("POST", self.parameters()["response_uri"])
        assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
        self.answers.append(dict(parse_qsl(request.body.decode(), strict_parsing=True)))
        return answer(self.status, self.reply)

    def vp_token(self) -> Document:
        """The last answer, opened."""
        last = self.answers[-1]
        if self.encrypted:
            assert last.keys() == {"response"}
            content: Document = json.loads(self.key.decrypt(last["response"]))
            assert content["state"] == "a-state"
            token: Document = content["vp_token"]
            return token
        assert last.keys() == {"vp_token", "state"}
        found: Document = json.loads(last["vp_token"])
        return found


@dataclass
class BothParties:
    """The way out to an issuer and a verifier."""

    issuer: LiteralIssuer
    verifier: LiteralVerifier | None = None

    def send(self, request: OutgoingRequest) -> IncomingResponse:
        if request.url.startswith(ORIGIN) or self.verifier is None:
            return self.issuer.send(request)
        return self.verifier.send(request)
