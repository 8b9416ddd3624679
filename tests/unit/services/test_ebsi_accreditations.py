"""EBSI-style accreditations: whoever is named in one is listed and nothing more, and what was not checked is said."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import jsonschema_rs
import pytest

from skillcred.errors import ConflictError, SkillcredError
from skillcred.keys.certificates import parse_trust_anchors
from skillcred.keys.private_key import PrivateKey
from skillcred.keys.public_key import Algorithm
from skillcred.profiles.codes import COUNTRIES, load_codes
from skillcred.securing.jose.envelope import build_signing_input, encode_compact_jws
from skillcred.services.ebsi_accreditations import ALPHA_3, read_accreditation
from skillcred.services.import_listed_bodies import ListFormat
from worlds.application import fill_demo_registry, open_in_memory_application
from worlds.certificates import ROOT

T0 = datetime(2026, 6, 1, tzinfo=UTC)
TAO, TI, OTHER = "did:ebsi:zRootOfTrust", "did:ebsi:zIssuer", "did:ebsi:zOther"
FIN, FRA = (f"https://publications.europa.eu/resource/authority/atu/{code}" for code in ("FIN", "FRA"))
DIPLOMA = {
    "schemaId": "https://schemas.example/diploma",
    "types": ["VerifiableCredential", "VerifiableAttestation", "Diploma"],
    "limitJurisdiction": FIN,
}
KEY = PrivateKey.generate(Algorithm.P256)


def subject(did: object = TI, *permissions: object, **more: object) -> dict[str, Any]:
    return {"id": did, "accreditedFor": list(permissions or (DIPLOMA,)), **more}


def accreditation(*subjects: object, **changes: object) -> dict[str, Any]:
    document = {
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "id": "https://tir.example/issuers/zIssuer/attributes/1",
        "type": ["VerifiableCredential", "VerifiableAttestation", "VerifiableAccreditationToAttest"],
        "issuer": TAO,
        "issuanceDate": "2025-03-04T00:00:00Z",
        "expirationDate": "2027-03-04T00:00:00Z",
        "credentialSubject": (list(subjects) if len(subjects) > 1 else subjects[0])
        if subjects
        else subject(),
        "termsOfUse": {"id": "https://tir.example/issuers/zRoot/attributes/9", "type": "IssuanceCertificate"},
    } | changes
    return {name: value for name, value in document.items() if value is not None}


def trust_model(**changes: object) -> dict[str, Any]:
    return accreditation(
        **{
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiableCredential", "VerifiableAttestation", "VerifiableTrustModel"],
            "issuanceDate": None, "validFrom": "2025-03-04T00:00:00Z",
            "expirationDate": None, "validUntil": "2027-03-04T00:00:00Z",
            "credentialSubject": {"id": TI, "permissionFor": [DIPLOMA]},
            "credentialSchema": {"id": "https://schemas.example/trust-model", "type": "JsonSchema"},
        } | changes
    )  # fmt: skip


def token(payload: object, key: PrivateKey = KEY, typ: str = "JWT") -> bytes:
    header = {"alg": "ES256", "typ": typ, "kid": f"{TAO}#key"}
    to_sign = build_signing_input(header, json.dumps(payload).encode())
    return encode_compact_jws(to_sign, key.sign(to_sign))


def read(content: object, key: object = None) -> Any:
    return read_accreditation(
        content if isinstance(content, bytes) else json.dumps(content).encode(), "x", T0, key
    )


def test_the_trust_model_here_is_one_by_their_schema(shared_dir) -> None:
    schema = json.loads((shared_dir / "data/ebsi/vcdm2.0-attestation.schema.json").read_bytes())
    jsonschema_rs.Draft202012Validator(schema).validate(trust_model())


@pytest.mark.parametrize(
    "content",
    [accreditation(), trust_model(), token(trust_model(), typ="vc+jwt"), token({"vc": accreditation(), "iss": TAO}),
     accreditation(type=["VerifiableCredential", "VerifiableAccreditationToAccredit"], issuer={"id": TAO})],
)  # fmt: skip
def test_every_form_names_the_same_body(content: object) -> None:
    found = read(content)
    (body,) = found.bodies
    assert found.problems == ()
    assert (body.identifier, body.name, body.country) == (TI, TI, "FI")
    assert (body.as_of, body.confirm_first, body.source_kind) == (
        "2025-03-04",
        True,
        "accreditation-credential",
    )
    assert TAO in body.sources[0].title
    assert body.sources[0].address == "https://tir.example/issuers/zIssuer/attributes/1"
    assert "anybody can have" in found.notes[0], "no key was given"
    assert "withdrawn" in found.notes[2]


def test_a_name_is_taken_where_there_is_one() -> None:
    (body,) = read(accreditation(subject(legalName="Yliopisto"))).bodies
    assert body.name == "Yliopisto"


def test_each_subject_is_checked_by_itself() -> None:
    nowhere = {name: value for name, value in DIPLOMA.items() if name != "limitJurisdiction"}
    found = read(
        accreditation(
            subject(), subject("https://body.example"), subject(OTHER, DIPLOMA | {"limitJurisdiction": [FIN, FRA]}),
            subject(OTHER, DIPLOMA, nowhere), subject(OTHER, DIPLOMA | {"limitJurisdiction": FIN[:-3] + "QQQ"}),
            {"id": OTHER}, subject(OTHER, DIPLOMA | {"types": []}), 7, subject(), subject(OTHER, legalName="Мinistry"),
            subject(OTHER, DIPLOMA | {"limitJurisdiction": FRA + "_PAR"}),
        )
    )  # fmt: skip
    assert [(body.identifier, body.country) for body in found.bodies] == [(TI, "FI"), (OTHER, "FR")]
    assert [(p.row, p.code) for p in found.problems] == [
        (2, "cell_missing"), (3, "country_unknown"), (4, "country_unknown"), (5, "country_unknown"),
        (6, "accreditation_empty"), (7, "accreditation_empty"), (8, "cell_missing"), (9, "id_twice"),
        (10, "name_mixed_scripts"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "malformed_jws"),
        (b"{}", "list_format"),
        (b"{", "json_syntax"),
        (accreditation(type=["VerifiableCredential"]), "list_format"),
        (accreditation(issuer=None), "list_format"),
        (accreditation(credentialSubject=None), "list_format"),
        (accreditation(issuanceDate=None), "list_format"),
        (accreditation(issuanceDate="soon"), "invalid_datetime"),
        (accreditation(issuanceDate="2026-06-01T00:00:01Z"), "list_not_yet_valid"),
        (accreditation(expirationDate="2026-05-31T23:59:59Z"), "list_expired"),
        (accreditation(expirationDate=5), "list_expired"),
        (token(trust_model() | {"exp": 1}, typ="vc+jwt"), "list_expired"),
        (token({"vc": accreditation(), "iss": OTHER}), "claim_conflict"),
        (token(accreditation()), "ambiguous_claims"),
    ],
)
def test_what_is_refused_as_a_whole(content: object, code: str) -> None:
    with pytest.raises(SkillcredError) as caught:
        read(content)
    assert caught.value.code == code


def test_a_key_that_is_given_is_used_or_refused() -> None:
    signed = token({"vc": accreditation(), "iss": TAO})
    assert KEY.public_key.thumbprint() in read(signed, KEY.public_key).notes[0]
    for content, key, code in (
        (signed, PrivateKey.generate(Algorithm.P256).public_key, "signature_wrong"),
        (accreditation(), KEY.public_key, "list_key_unused"),
        (signed, parse_trust_anchors(ROOT.pem), "list_key_unused"),
    ):
        with pytest.raises(SkillcredError) as caught:
            read(content, key)
        assert caught.value.code == code


def test_it_is_shown_first_and_enrols_nobody() -> None:
    registry = fill_demo_registry(open_in_memory_application())
    application, content = registry.application, json.dumps(accreditation()).encode()
    service, before = application.import_listed_bodies, application.list_national_bodies()
    plan = service.preview(registry.operator, content, ListFormat.EBSI, "ebsi")
    assert (len(plan.new), application.list_listed_bodies()) == (1, [])
    other = json.dumps(accreditation(subject(legalName="Other"))).encode()
    with pytest.raises(ConflictError):
        service.confirm(registry.operator, other, ListFormat.EBSI, "ebsi", plan.digest)
    service.confirm(registry.operator, content, ListFormat.EBSI, "ebsi", plan.digest)
    assert [body.identifier for body in application.list_listed_bodies()] == [TI]
    assert application.list_national_bodies() == before


def test_the_codes_of_three_letters_lead_to_those_of_two() -> None:
    assert set(load_codes(ALPHA_3).values()) == set(load_codes(COUNTRIES)) - {"XK"}
