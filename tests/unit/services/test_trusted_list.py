"""Lists of trusted entities: the signature is checked before anything is read, and being in one gives no trust."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from skillcred.errors import AuthorisationError, InputError, SkillcredError
from skillcred.keys.certificates import parse_trust_anchors
from skillcred.keys.private_key import PrivateKey
from skillcred.keys.public_key import PublicKey
from skillcred.securing.jose.envelope import build_signing_input, encode_compact_jws, parse_compact_jws
from skillcred.services.import_listed_bodies import ListFormat
from skillcred.services.listed_rows import ListFileError
from skillcred.services.trusted_entities_list import VALID_FOR, read_trusted_list
from worlds.application import fill_demo_registry, open_in_memory_application
from worlds.certificates import CERTIFIED, OTHER_ROOT, ROOT, Certified
from worlds.in_memory import FixedClock
from worlds.pure_world import NOW


@pytest.fixture
def world():
    clock = FixedClock()
    registry = fill_demo_registry(open_in_memory_application(clock=clock))
    (key, *_) = registry.application.list_keys(registry.operator)
    return registry, clock, PublicKey.from_multikey(key.public_key_multibase)


def test_what_we_sign_is_read_as_listed(world) -> None:
    registry, clock, key = world
    token = registry.application.export_trusted_list(registry.operator)
    service = registry.application.import_listed_bodies
    plan = service.preview(registry.operator, token, ListFormat.LOTE, "peer", key)
    (body,) = plan.new
    assert (body.name, body.country) == ("Demo Qualifications Authority", "KE")
    assert body.identifier == registry.body.organisation.did
    assert (body.source_kind, body.as_of) == ("trusted-list", clock.now().date().isoformat())
    assert key.thumbprint() in plan.notes[0]
    service.confirm(registry.operator, token, ListFormat.LOTE, "peer", plan.digest, key)
    assert len(registry.application.list_listed_bodies()) == 1
    assert len(registry.application.list_national_bodies()) == 1, "nobody was enrolled by it"


def test_the_list_names_the_operators_key(world) -> None:
    registry, _, _ = world
    token = registry.application.export_trusted_list(registry.operator)
    jws = parse_compact_jws(token, header_members={"alg", "typ", "kid", "iat"})
    assert jws.key_id.startswith(registry.operator.organisation.did + "#")
    scheme = json.loads(jws.payload)["LoTE"]["ListAndSchemeInformation"]
    assert (scheme["LoTEVersionIdentifier"], scheme["SchemeTerritory"]) == (1, "KE")


def test_another_key_or_other_content_is_refused(world) -> None:
    registry, clock, key = world
    token = registry.application.export_trusted_list(registry.operator)
    (other, *_) = registry.application.list_keys(registry.body)
    with pytest.raises(SkillcredError) as caught:
        read_trusted_list(token, "x", clock.now(), PublicKey.from_multikey(other.public_key_multibase))
    assert caught.value.code == "signature_wrong"
    head, _, signature = token.split(b".")
    jws = parse_compact_jws(token, header_members={"alg", "typ", "kid", "iat"})
    changed = build_signing_input(dict(jws.header), jws.payload.replace(b"Demo", b"Real")).split(b".")[1]
    with pytest.raises(SkillcredError) as caught:
        read_trusted_list(b".".join((head, changed, signature)), "x", clock.now(), key)
    assert caught.value.code == "signature_wrong"


@pytest.mark.parametrize("content", [b"", b"a.b", b"a.b.c", b"{}", b"e30.e30."])
def test_what_is_no_token(world, content: bytes) -> None:
    with pytest.raises(InputError):
        read_trusted_list(content, "x", world[1].now(), world[2])


def test_a_list_that_should_have_been_replaced(world) -> None:
    registry, clock, key = world
    token = registry.application.export_trusted_list(registry.operator)
    last = clock.now().replace(microsecond=0) + VALID_FOR
    assert read_trusted_list(token, "x", last, key).problems == ()
    with pytest.raises(ListFileError) as caught:
        read_trusted_list(token, "x", last + timedelta(seconds=1), key)
    assert caught.value.code == "list_expired"


def signed(world, payload: object) -> bytes:
    registry, _, _ = world
    (key, *_) = registry.application.list_keys(registry.operator)
    signer = registry.application.export_trusted_list.signers.get_signer(key.id, key.public_key_multibase)
    to_sign = build_signing_input({"alg": "EdDSA", "typ": "JOSE"}, json.dumps(payload).encode())
    return encode_compact_jws(to_sign, signer.sign(to_sign))


def lote(entities: object, **scheme: object) -> dict[str, object]:
    information = {
        "SchemeName": [{"lang": "fr", "value": "Liste"}, {"lang": "en", "value": "List"}],
        "ListIssueDateTime": "2026-01-01T00:00:00Z",
        "NextUpdate": "2090-01-01T00:00:00Z",
        "SchemeTerritory": "FR",
    }
    return {"LoTE": {"ListAndSchemeInformation": information | scheme, "TrustedEntitiesList": entities}}


def entity(name: object) -> dict[str, object]:
    return {"TrustedEntityInformation": {"TEName": name}}


def test_each_entity_is_checked_by_itself(world) -> None:
    good = entity([{"lang": "en", "value": "École"}])
    bad = entity([{"lang": "en", "value": "Мinistry"}])
    token = signed(world, lote([good, bad, entity("x"), 7, good]))
    read = read_trusted_list(token, "x", world[1].now(), world[2])
    assert [(body.name, body.country, body.sources[0].title) for body in read.bodies] == [
        ("École", "FR", "List")
    ]
    assert [(p.row, p.code) for p in read.problems] == [
        (2, "name_mixed_scripts"), (3, "cell_missing"), (4, "cell_missing"), (5, "id_twice"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "payload",
    [{}, {"LoTE": 1}, lote({}), lote([], SchemeName=[]), lote([], ListIssueDateTime=1), lote([], NextUpdate=None),
     lote([], NextUpdate="soon")],
)  # fmt: skip
def test_signed_and_no_list(world, payload: object) -> None:
    with pytest.raises(InputError):
        read_trusted_list(signed(world, payload), "x", world[1].now(), world[2])


def test_who_may_and_with_which_key(world) -> None:
    registry, _, _ = world
    with pytest.raises(AuthorisationError):
        registry.application.export_trusted_list(registry.body)
    token = registry.application.export_trusted_list(registry.operator)
    with pytest.raises(InputError) as caught:
        registry.application.import_listed_bodies.preview(registry.operator, token, ListFormat.LOTE, "x")
    assert caught.value.code == "list_key_missing"


def certified_list(registry, certified: Certified, at: datetime, **header: object) -> bytes:
    """The list of this deployment as a body with a certificate would sign it."""
    jws = parse_compact_jws(
        registry.application.export_trusted_list(registry.operator),
        header_members={"alg", "typ", "kid", "iat"},
    )
    members = {"alg": "ES256", "typ": "JOSE", "iat": int(at.timestamp()), "x5c": certified.x5c, **header}
    signing_input = build_signing_input(members, jws.payload)
    return encode_compact_jws(signing_input, PrivateKey(certified.key).sign(signing_input))


def test_a_list_whose_certificates_lead_to_an_anchor(world) -> None:
    registry, clock, key = world
    anchors = parse_trust_anchors(ROOT.pem)
    token = certified_list(registry, CERTIFIED, clock.now())
    at = max(clock.now(), NOW)
    found = read_trusted_list(token, "peer", at, anchors)
    assert [body.name for body in found.bodies] == ["Demo Qualifications Authority"]
    head, payload, signature = token.split(b".")
    changed = payload[:-2] + (b"AA" if payload[-2:] != b"AA" else b"BB")
    for content, trusted, code in (
        (token, parse_trust_anchors(OTHER_ROOT.pem), "certificate_not_trusted"),
        (b".".join((head, changed, signature)), anchors, "signature_wrong"),
        (registry.application.export_trusted_list(registry.operator), anchors, "list_key_missing"),
    ):
        with pytest.raises(SkillcredError) as caught:
            read_trusted_list(content, "peer", at, trusted)
        assert caught.value.code == code
    with pytest.raises(SkillcredError) as caught:
        read_trusted_list(token, "peer", at, key)
    assert caught.value.code in ("signature_wrong", "alg_key_mismatch"), (
        "a key that is given counts, and no other"
    )
