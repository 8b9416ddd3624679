"""A wallet that does what OID4VP 1.0 says, word for word, or breaks exactly one thing of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from skillcred.encoding.base64url import decode_base64url
from skillcred.encoding.json_types import JsonObject
from skillcred.exchange.oid4vp.matching import Candidate, choose_queries, match_credentials
from skillcred.exchange.oid4vp.requests import AuthorizationRequest, parse_request_parameters
from skillcred.exchange.oid4vp.responses import build_direct_post
from skillcred.keys.algorithms import Algorithm
from skillcred.linkeddata import V2
from skillcred.linkeddata.type_names import expand_types
from skillcred.securing import attach_proof, prepare_proof, secured_media_type
from skillcred.securing.sd_jwt.presenting import present, read_issued
from skillcred.services.issue_credential import IssuanceRequest
from worlds.application import DemoRegistry, example_claims
from worlds.presentations import enveloped
from worlds.pure_world import SoftSigner

MECHANISMS = {
    "dc+sd-jwt": "dc+sd-jwt",
    "vc+sd-jwt": "vc+sd-jwt",
    "ldp_vc": "eddsa-rdfc-2022",
    "jwt_vc_json": "vc+jwt",
}
"""Format → the mechanism by which our service issues it."""
SD_JWTS = ("dc+sd-jwt", "vc+sd-jwt")
CANARY = "Canary Person 4711"
"""The name of the person in every credential here, which nobody asks for unless a test says so."""


def holder_of(format_: str) -> SoftSigner:
    """The holder, with a key of the kind that the format is bound to."""
    return SoftSigner(31, Algorithm.P256) if format_ in SD_JWTS else SoftSigner(32)


def issue(
    registry: DemoRegistry, format_: str = "dc+sd-jwt", profile: str = "qualification", **options: Any
) -> bytes:
    """A credential of the accredited provider about the holder, with the claims of the shipped example."""
    holder = options.pop("holder", holder_of(format_))
    claims = example_claims(profile)
    claims["credentialSubject"] |= {"id": holder.did, "name": CANARY}
    claims["credentialSubject"].pop("nameTranslations", None)
    changes = options.pop("subject", {})
    claims["credentialSubject"] |= changes
    request = IssuanceRequest(
        profile,
        claims,
        MECHANISMS[format_],
        holder_key=holder.public_key.to_jwk() if format_ in SD_JWTS else None,
        revocable=options.pop("revocable", True),
    )
    actor = options.pop("actor", registry.provider)
    wanted = "".join(json.dumps(changes).split())
    key = f"{format_}-{profile}-{wanted}-{holder.did[-8:]}-{request.revocable}"
    return registry.application.issue_credential(actor, request, key).content


def read_request(link: str, fetched: bytes | None = None) -> AuthorizationRequest:
    """The request in a link, or in the request object that it leads to; the signature is somebody else's test."""
    parameters: Mapping[str, Any] = dict(parse_qsl(urlsplit(link).query))
    if fetched is not None:
        claims = json.loads(decode_base64url(fetched.decode().split(".")[1]))
        assert claims["client_id"] == parameters["client_id"]
        parameters = claims
    return parse_request_parameters(parameters)


@dataclass
class LiteralWallet:
    """Holds credentials by format. `at` is its clock."""

    at: datetime
    held: dict[str, bytes] = field(default_factory=dict)

    def candidate(self, format_: str) -> Candidate:
        content = self.held[format_]
        if format_ in SD_JWTS:
            claims = dict(read_issued(content).claims)
        elif format_ == "jwt_vc_json":
            claims = json.loads(decode_base64url(content.decode().split(".")[1]))
        else:
            claims = json.loads(content)
        if format_ == "dc+sd-jwt":
            return Candidate(format_, claims, vct=str(claims["vct"]))
        names = frozenset(claims["type"])
        return Candidate(format_, claims, types=expand_types(claims) | names)

    def answer(self, request: AuthorizationRequest, **breaking: Any) -> bytes:
        """The form to post. `breaking` may change `nonce`, `audience`, `holder`, `at`, `extra`, `bound`, `query_id`."""
        return build_direct_post(request, self.vp_token(request, **breaking), apu="AAAA")

    def vp_token(self, request: AuthorizationRequest, **breaking: Any) -> dict[str, Any]:
        formats = list(self.held)
        matches = match_credentials(request.query, [self.candidate(format_) for format_ in formats])
        wanted = choose_queries(request.query, [name for name, found in matches.items() if found])
        assert wanted is not None, "nothing held meets the query"
        token: dict[str, Any] = {}
        for name in wanted:
            position, match = next(iter(matches[name].items()))
            places = [claim.place for claim in match.claims]
            presentation = self.presentation(request, formats[position], places, **breaking)
            token[breaking.get("query_id", name)] = [presentation]
        return token

    def presentation(
        self,
        request: AuthorizationRequest,
        format_: str,
        places: list[tuple[str | int, ...]],
        *,
        nonce: str | None = None,
        audience: str | None = None,
        holder: SoftSigner | None = None,
        at: datetime | None = None,
        extra: bool = False,
        bound: bool = True,
        **_: Any,
    ) -> str | JsonObject:
        by = holder or holder_of(format_)
        question = {"nonce": nonce or request.nonce, "audience": audience or request.client_id.text}
        content = self.held[format_]
        if format_ in SD_JWTS:
            concealed = read_issued(content).disclosed
            wanted = ["/" + "/".join(map(str, place)) for place in places]
            shown = [
                pointer
                for pointer in concealed
                if extra
                or any((w + "/").startswith(pointer + "/") or pointer.startswith(w + "/") for w in wanted)
            ]
            binding: dict[str, Any] = {"holder": by, "issued_at": at or self.at, **question} if bound else {}
            return present(content, shown, **binding).decode()
        document = {
            "@context": [V2],
            "type": ["VerifiablePresentation"],
            "holder": by.did,
            "verifiableCredential": [
                json.loads(content)
                if format_ == "ldp_vc"
                else enveloped(content, secured_media_type(MECHANISMS[format_]))
            ],
        }
        if not bound and format_ == "ldp_vc":
            return document
        prepared = prepare_proof(
            MECHANISMS[format_],
            document,
            verification_method=by.verification_method,
            algorithm=by.public_key.algorithm,
            created=at or self.at,
            purpose="authentication",
            options={"challenge": question["nonce"], "domain": question["audience"]},
        )
        signed = attach_proof(prepared, by.sign(prepared.to_be_signed))
        return json.loads(signed) if format_ == "ldp_vc" else signed.decode()
