"""The mapping between JWT claims and credentials of VCDM 1.1, section 6.3.1 ("JSON Web Token").

Where a member of the document has a registered claim, the claim stands for it. Many issuers write both; then they must
say the same, because there is no rule which of the two a reader would see (SECURITY J-12).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue, as_list
from skillcred.model.conformance import BASE_CONTEXT_2
from skillcred.model.datetimes import DateTimeError, format_instant, parse_instant
from skillcred.securing.jose.claims import Claims, conflict, identifier_of
from skillcred.securing.jose.errors import JoseError

STATUS: Final = "status"
"""The claim of a token that says where its status stands (Token Status List section 6.2). It is read into the document,
where every status is looked for."""
_PERIOD: Final = ("issuanceDate", "expirationDate")
_PERIOD_2: Final = ("validFrom", "validUntil")


def read_legacy_document(
    wrapped: JsonValue, claims: Claims, payload: JsonObject, *, is_credential: bool
) -> JsonObject:
    """The document in the claim `vc` or `vp`, completed from the registered claims and, a credential, from the claim
    `status` in `payload`.

    Raises `JoseError`: `malformed_claims`, `claim_conflict`.
    """
    if not isinstance(wrapped, dict):
        raise JoseError("The credential or presentation in the token is no object.", code="malformed_claims")
    document = dict(wrapped)
    _put_text(document, "id", claims.jti, "jti")
    _put_party(document, "issuer" if is_credential else "holder", claims.iss)
    if not is_credential:
        return document
    if STATUS in payload and document.setdefault(STATUS, payload[STATUS]) != payload[STATUS]:
        raise conflict(STATUS)
    _put_subject(document, claims.sub)
    # Some issuers wrap a document of VCDM 2.0 in the older claim; its members for the period have other names.
    start, end = _PERIOD_2 if _is_version_2(document) else _PERIOD
    _put_instant(document, start, claims.nbf, "nbf")
    _put_instant(document, end, claims.exp, "exp")
    return document


def _is_version_2(document: JsonObject) -> bool:
    return as_list(document.get("@context", []))[:1] == [BASE_CONTEXT_2]


def _put_text(document: JsonObject, name: str, claim: str | None, claim_name: str) -> None:
    if claim is None:
        return
    if document.setdefault(name, claim) != claim:
        raise conflict(claim_name)


def _put_party(document: JsonObject, name: str, claim: str | None) -> None:
    """`iss` stands for the `issuer`, which may be an object that has, or lacks, its `id`."""
    if claim is None:
        return
    stated = document.get(name)
    if isinstance(stated, dict) and "id" not in stated:
        document[name] = {"id": claim, **stated}
    elif name not in document:
        document[name] = claim
    elif identifier_of(stated) != claim:
        raise conflict("iss")


def _put_subject(document: JsonObject, claim: str | None) -> None:
    """`sub` stands for the `id` of the credential subject; with several subjects it could be any of them."""
    if claim is None:
        return
    subject = document.get("credentialSubject", {})
    if isinstance(subject, list) and len(subject) == 1:
        subject = subject[0]
    if not isinstance(subject, dict) or subject.get("id", claim) != claim:
        raise conflict("sub")
    if "id" not in subject:
        completed: JsonObject = {"id": claim, **subject}
        document["credentialSubject"] = completed


def _put_instant(document: JsonObject, name: str, claim: datetime | None, claim_name: str) -> None:
    """A time that stands in both must be the same to the second, which is all that most issuers write as a claim."""
    if claim is None:
        return
    stated = document.get(name)
    if name not in document:
        document[name] = format_instant(claim)
        return
    try:
        same = isinstance(stated, str) and abs((parse_instant(stated) - claim).total_seconds()) < 1
    except DateTimeError:
        same = False
    if not same:
        raise conflict(claim_name)
