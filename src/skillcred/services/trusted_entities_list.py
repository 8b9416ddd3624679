"""Lists of trusted entities in the JSON binding of ETSI TS 119 602 (LoTE), as compact JWS.

What is read here becomes *listed* entries: whoever signed the list, it gives no trust. Types and states of services are
each scheme's own URIs and name no kind of credential, field, level or place, so that nothing of an accreditation can be
read from a list without guessing; that an enrolled body signed it is told beside its entries. The key of the scheme
operator, or the anchors that its certificates lead to, are given by whoever imports the list, who got them by another
way.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.encoding.strict_json import parse_json_object
from skillcred.keys.certificates import TrustAnchors, parse_certificate_chain, verify_certificate_chain
from skillcred.keys.public_key import PublicKey
from skillcred.keys.signer import Signer
from skillcred.model.datetimes import format_instant, parse_instant
from skillcred.securing.jose.envelope import (
    BASIC_HEADER,
    build_header,
    build_signing_input,
    encode_compact_jws,
    parse_compact_jws,
    verify_compact_jws,
)
from skillcred.securing.jose.errors import JoseError
from skillcred.services.authority import may_accredit
from skillcred.services.listed_records import ListedBody, ListedRole
from skillcred.services.listed_rows import (
    MAX_LIST_BYTES,
    ListedRowError,
    ListFileError,
    ReadList,
    build_listed,
    build_source,
    read_rows,
)
from skillcred.services.ports import UnitOfWork
from skillcred.services.recorded_keys import list_active_keys
from skillcred.services.records import NationalBody, Organisation

VALID_FOR: Final = timedelta(days=30)
"""How long a list that we write may be used."""
LOTE_TYPE: Final = "https://skillcred.org/ns/lote/national-bodies"
SERVICE_TYPE: Final = "https://skillcred.org/ns/lote/service/accreditation"
IN_FORCE: Final = "https://skillcred.org/ns/lote/status/enrolled"
APPROACH: Final = "https://skillcred.org/ns/lote/determination/key-ceremony"
"""Our own URIs: the specification leaves types and statuses to each scheme."""
_HEADER: Final = BASIC_HEADER | {"iat", "x5c", "x5t#S256"}


def read_trusted_list(
    content: bytes, label: str, at: datetime, signed_by: PublicKey | TrustAnchors
) -> ReadList:
    """The entities of a list that is still to be used at `at`, signed by a key that the caller knows, or by one whose
    certificates (`x5c` in the header, RFC 7515 section 4.1.6) lead to anchors that the caller trusts.

    Raises `JoseError` where the signature does not hold or the token is of a form that is not read, `CertificateError`,
    `ListFileError` (`list_format`, `list_expired`, `list_key_missing` where there is no `x5c`).
    """
    jws = parse_compact_jws(content.strip(), header_members=_HEADER, max_bytes=MAX_LIST_BYTES)
    key = _signing_key(jws.header, signed_by, at)
    verify_compact_jws(jws, key)
    document = parse_json_object(jws.payload, max_bytes=MAX_LIST_BYTES)
    lote = _object(document.get("LoTE"))
    scheme, entities = _object(lote.get("ListAndSchemeInformation")), lote.get("TrustedEntitiesList")
    title, issued = _text_of(scheme.get("SchemeName")), scheme.get("ListIssueDateTime")
    until = scheme.get("NextUpdate")
    if not isinstance(entities, list) or title is None or not isinstance(issued, str):
        raise ListFileError("This is not a list of trusted entities.")
    if not isinstance(until, str) or parse_instant(until) < at:
        raise ListFileError("The list should have been replaced by now.", code="list_expired")
    as_of = format_instant(parse_instant(issued))[:10]

    def read(entity: JsonValue) -> ListedBody:
        return _read_entity(_object(entity), scheme, title, as_of, label, at)

    found = read_rows(entities, read)
    notes = (f"Signed by the key with the thumbprint {key.thumbprint()}.", f"Issued on {as_of}: {title}.")
    return ReadList(found.bodies, found.problems, notes)


def find_lister(unit: UnitOfWork, content: bytes, at: datetime) -> tuple[str, PublicKey] | None:
    """The enrolled body, in force at `at`, one of whose active recorded keys signed the list under the name in its
    header (`kid`), and the key. Raises `JoseError` for what is no compact JWS."""
    jws = parse_compact_jws(content.strip(), header_members=_HEADER, max_bytes=MAX_LIST_BYTES)
    method = jws.key_id or ""
    did = method.partition("#")[0]
    if not did or unit.registry.find_body(did) is None or not may_accredit(unit, did, at):
        return None
    for known in list_active_keys(unit, did, at):
        if known.verification_method == method:
            key = PublicKey.from_multikey(known.public_key_multibase)
            try:
                verify_compact_jws(jws, key)
            except JoseError:
                return None  # somebody wrote that name there
            return did, key
    return None


def _signing_key(
    header: Mapping[str, JsonValue], signed_by: PublicKey | TrustAnchors, at: datetime
) -> PublicKey:
    """A key that the caller knows counts whatever certificates are there."""
    if isinstance(signed_by, PublicKey):
        return signed_by
    if "x5c" not in header:
        raise ListFileError("The list names no certificates; give the key.", code="list_key_missing")
    return verify_certificate_chain(parse_certificate_chain(header["x5c"]), signed_by, at).public_key


def write_trusted_list(
    operator: Organisation, bodies: Iterable[NationalBody], base_url: str, signer: Signer, at: datetime
) -> bytes:
    """The enrolled `bodies` as a list that the operator signs. Raises what signing raises."""
    second = at.replace(microsecond=0)
    scheme: JsonObject = {
        "LoTEVersionIdentifier": 1,
        "LoTESequenceNumber": int(second.timestamp()),
        "LoTEType": LOTE_TYPE,
        "SchemeOperatorName": [_words(operator.name)],
        "SchemeName": [_words(f"Enrolled national bodies: {operator.name}")],
        "SchemeInformationURI": [_address(base_url)],
        "StatusDeterminationApproach": APPROACH,
        "SchemeTerritory": operator.country,
        "ListIssueDateTime": format_instant(second),
        "NextUpdate": format_instant(second + VALID_FOR),
    }
    entities: list[JsonValue] = [_write_entity(body) for body in bodies]
    payload: JsonObject = {"LoTE": {"ListAndSchemeInformation": scheme, "TrustedEntitiesList": entities}}
    header = build_header(signer.public_key.algorithm, typ="JOSE", kid=signer.verification_method)
    header["iat"] = int(second.timestamp())
    to_sign = build_signing_input(header, json.dumps(payload, ensure_ascii=False).encode("utf-8"))
    token = encode_compact_jws(to_sign, signer.sign(to_sign))
    verify_compact_jws(
        parse_compact_jws(token, header_members=_HEADER, max_bytes=MAX_LIST_BYTES), signer.public_key
    )
    return token


def _write_entity(body: NationalBody) -> JsonObject:
    information: JsonObject = {
        "TEName": [_words(body.name)],
        "TEAddress": {
            "TEPostalAddress": [{"lang": "en", "Country": body.country}],
            "TEElectronicAddress": [_address(body.website or body.did)],
        },
        "TEInformationURI": [_address(body.website or body.did)],
    }
    service: JsonObject = {
        "ServiceTypeIdentifier": SERVICE_TYPE,
        "ServiceName": [_words("Accreditation of providers")],
        "ServiceDigitalIdentity": {"OtherIds": [body.did]},
        "ServiceStatus": IN_FORCE,
        "StatusStartingTime": format_instant(body.enrolled_at),
    }
    return {
        "TrustedEntityInformation": information,
        "TrustedEntityServices": [{"ServiceInformation": service}],
    }


def _read_entity(
    entity: JsonObject, scheme: JsonObject, title: str, as_of: str, label: str, at: datetime
) -> ListedBody:
    information = _object(entity.get("TrustedEntityInformation"))
    name = _text_of(information.get("TEName"))
    if name is None:
        raise ListedRowError("The entity has no name.", code="cell_missing")
    postal = _object(information.get("TEAddress")).get("TEPostalAddress")
    addresses = [_object(address) for address in (postal if isinstance(postal, list) else [])]
    countries = [address.get("Country") for address in addresses]
    country = next((one for one in countries if isinstance(one, str)), scheme.get("SchemeTerritory"))
    website = _uri_of(information.get("TEInformationURI"))
    digest = hashlib.sha256(json.dumps([name, country]).encode()).hexdigest()[:16]
    facts = {
        "id": f"{label}.{digest}",
        "country": country if isinstance(country, str) else "",
        "name": name,
        "role": ListedRole.OTHER.value,
        "source_kind": "trusted-list",
        "as_of": as_of,
        "identifier": _did_of(entity) or "",
        "website": website if website is not None and website.startswith("http") else "",
    }
    source = build_source(title, _uri_of(scheme.get("SchemeInformationURI")))
    return build_listed(facts, [source], label, at)


def _did_of(entity: JsonObject) -> str | None:
    services = entity.get("TrustedEntityServices")
    for service in services if isinstance(services, list) else []:
        identity = _object(_object(_object(service).get("ServiceInformation")).get("ServiceDigitalIdentity"))
        others = identity.get("OtherIds")
        for other in others if isinstance(others, list) else []:
            if isinstance(other, str) and other.startswith("did:"):
                return other
    return None


def _words(text: str) -> JsonObject:
    return {"lang": "en", "value": text}


def _address(uri: str) -> JsonObject:
    return {"lang": "en", "uriValue": uri}


def _text_of(value: JsonValue) -> str | None:
    return _first(value, "value")


def _uri_of(value: JsonValue) -> str | None:
    return _first(value, "uriValue")


def _first(value: JsonValue, member: str) -> str | None:
    """The English text of a multilingual one, or else its first."""
    items = [_object(item) for item in (value if isinstance(value, list) else [])]
    items.sort(key=lambda item: item.get("lang") != "en")
    return next((text for item in items if isinstance(text := item.get(member), str)), None)


def _object(value: JsonValue) -> JsonObject:
    return value if isinstance(value, dict) else {}
