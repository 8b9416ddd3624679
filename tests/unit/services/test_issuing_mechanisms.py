"""Issuing with every mechanism through the service: which key signs, what an SD-JWT VC claims, the second proof."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from skillcred.encoding.base64url import decode_base64url
from skillcred.errors import AuthorisationError, InputError, SkillcredError
from skillcred.identifiers import parse_controlled_identifier_document
from skillcred.keys.algorithms import Algorithm
from skillcred.model.documents import parse_secured_document
from skillcred.model.outcomes import Outcome, Step, Verdict
from skillcred.profiles import PROFILES
from skillcred.securing import (
    ASSERTION,
    MECHANISM_NAMES,
    ProofRequest,
    derive_credential,
    verify_secured_document,
)
from skillcred.securing.sd_jwt.presenting import present, read_issued
from skillcred.services.issue_credential import IssuanceRequest
from skillcred.services.organisation_document import build_organisation_document
from skillcred.services.records import IssuanceState, StoredCredential
from worlds.application import (
    ALL_PROFILES,
    DemoRegistry,
    example_claims,
    fill_demo_registry,
    open_in_memory_application,
)
from worlds.faults import Crash
from worlds.in_memory import FixedClock, InMemoryStorage
from worlds.pure_world import SoftSigner

SD_JWTS = ("dc+sd-jwt", "vc+sd-jwt")
SECOND = "mldsa44-rdfc-2024"
ALGORITHMS = ("P-256", "P-384", "BLS12381G2", "ML-DSA-44")


@pytest.fixture
def registry() -> DemoRegistry:
    return fill_demo_registry(open_in_memory_application())


def with_keys(registry: DemoRegistry, *algorithms: str) -> DemoRegistry:
    for algorithm in algorithms:
        registry.application.create_key(registry.provider, algorithm)
    return registry


def issue(registry: DemoRegistry, mechanism: str, key: str = "first", **wishes: Any) -> StoredCredential:
    profile = wishes.pop("profile", "qualification")
    claims = wishes.pop("claims", None) or example_claims(profile)
    request = IssuanceRequest(profile, claims, mechanism, **wishes)
    return registry.application.issue_credential(registry.provider, request, key)


def verdict(registry: DemoRegistry, content: bytes, media_type: str) -> tuple[Verdict, str]:
    report = registry.application.verify_document(content, media_type=media_type).report
    return report.verdict, report.reason


def code_of(error: type[SkillcredError], act: Callable[[], object]) -> str:
    with pytest.raises(error) as fault:
        act()
    return fault.value.code


def header(content: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(decode_base64url(content.split(b".")[0].decode()))
    return found


class TestKeys:
    @pytest.mark.parametrize("mechanism", MECHANISM_NAMES)
    def test_with_all_kinds_of_key_every_mechanism_issues(
        self, registry: DemoRegistry, mechanism: str
    ) -> None:
        with_keys(registry, *ALGORITHMS)
        stored = issue(registry, mechanism)
        content = stored.content
        if mechanism in {"ecdsa-sd-2023", "bbs-2023"}:
            content = derive_credential(content, [""])
        assert verdict(registry, content, stored.media_type) == (Verdict.VALID, "issuer_authorised")

    @pytest.mark.parametrize("mechanism", ["vc+jwt", "vc+cose", *SD_JWTS])
    @pytest.mark.parametrize("profile", ALL_PROFILES)
    def test_the_first_key_of_an_organisation_is_enough_for_envelopes(
        self, registry: DemoRegistry, profile: str, mechanism: str
    ) -> None:
        stored = issue(registry, mechanism, profile=profile)
        assert verdict(registry, stored.content, stored.media_type)[0] is Verdict.VALID

    def test_the_mechanism_likes_one_kind_best(self, registry: DemoRegistry) -> None:
        """Wallets under HAIP know ES256; other tokens are signed with Ed25519 where there is such a key."""
        assert header(issue(registry, "dc+sd-jwt", "a").content)["alg"] == "EdDSA"
        with_keys(registry, "P-384")
        assert header(issue(registry, "dc+sd-jwt", "b").content)["alg"] == "EdDSA"
        with_keys(registry, "P-256")
        assert header(issue(registry, "dc+sd-jwt", "c").content)["alg"] == "ES256"
        assert header(issue(registry, "vc+jwt", "d").content)["alg"] == "EdDSA"

    def test_a_retired_key_is_not_chosen(self, registry: DemoRegistry) -> None:
        application = with_keys(registry, "P-256").application
        [key] = [k for k in application.list_keys(registry.provider) if k.algorithm == "P-256"]
        application.retire_key(registry.provider, key.id)
        assert header(issue(registry, "dc+sd-jwt").content)["alg"] == "EdDSA"

    @pytest.mark.parametrize("mechanism", ["ecdsa-rdfc-2019", "ecdsa-sd-2023", "bbs-2023"])
    def test_without_a_key_that_fits_nothing_is_issued(self, registry: DemoRegistry, mechanism: str) -> None:
        assert code_of(AuthorisationError, lambda: issue(registry, mechanism)) == "no_active_key"


class TestSdJwtVc:
    def test_the_claims(self, registry: DemoRegistry) -> None:
        stored = issue(registry, "dc+sd-jwt")
        payload = read_issued(stored.content).claims
        profile, example = PROFILES["qualification"], example_claims("qualification")
        subject = dict(example["credentialSubject"])
        assert payload["vct"] == profile.vct == "https://skillcred.org/types/qualification-v1"
        assert payload["vct#integrity"] == profile.type_integrity
        assert payload["iss"] == registry.provider.organisation.did
        assert payload["issuing_authority"] == "Demo Welding School"
        assert payload["jti"] == stored.credential_id
        assert payload["iat"] == 1780315200
        assert payload["nbf"] == 1718294400
        assert payload["sub"] == subject.pop("id")
        assert payload["credentialSubject"] == subject
        assert list(payload["status"]) == ["status_list"]
        kept = example.keys() - {"credentialSubject", "validFrom"}
        assert {name: payload[name] for name in kept} == {name: example[name] for name in kept}
        assert not payload.keys() & {"@context", "id", "type", "issuer", "validFrom", "proof", "cnf", "exp"}

    def test_an_end_is_told(self, registry: DemoRegistry) -> None:
        claims = {**example_claims("qualification"), "validUntil": "2030-01-01T00:00:00+02:00"}
        stored = issue(registry, "dc+sd-jwt", claims=claims)
        assert read_issued(stored.content).claims["exp"] == 1893448800

    def test_what_happened_before_1970_has_no_numeric_date(self, registry: DemoRegistry) -> None:
        claims = {**example_claims("qualification"), "validFrom": "1969-06-01T00:00:00Z"}
        assert (
            code_of(InputError, lambda: issue(registry, "dc+sd-jwt", claims=claims))
            == "credential_not_conforming"
        )

    @pytest.mark.parametrize("mechanism", SD_JWTS)
    @pytest.mark.parametrize("profile", ALL_PROFILES)
    def test_whoever_shows_nothing_of_the_person_is_still_valid(
        self, registry: DemoRegistry, profile: str, mechanism: str
    ) -> None:
        stored = issue(registry, mechanism, profile=profile)
        concealed = read_issued(stored.content).disclosed
        assert "/credentialSubject/name" in concealed
        assert all(place.split("/")[1] in {"credentialSubject", "evidence", "image"} for place in concealed)
        shown = present(stored.content, [])
        assert b"~" in shown
        assert len(shown) < len(stored.content)
        assert verdict(registry, shown, stored.media_type) == (Verdict.VALID, "issuer_authorised")

    @pytest.mark.parametrize("mechanism", SD_JWTS)
    def test_the_holders_key_is_named_and_binds(self, registry: DemoRegistry, mechanism: str) -> None:
        holder = SoftSigner(8, Algorithm.P256)
        stored = issue(registry, mechanism, holder_key=holder.public_key.to_jwk())
        issued = json.loads(decode_base64url(stored.content.split(b".")[1].decode()))
        assert issued["cnf"] == {"jwk": holder.public_key.to_jwk()}
        shown = present(
            stored.content, [], holder=holder, audience="https://verifier.example", nonce="n-1",
            issued_at=FixedClock().now(),
        )  # fmt: skip
        organisation, keys = registry.provider.organisation, registry.application.list_keys(registry.provider)
        document = json.dumps(build_organisation_document(organisation, keys)).encode()
        controllers = {
            organisation.did: parse_controlled_identifier_document(document, expected_id=organisation.did)
        }
        for asked, expected in (("n-1", True), ("n-2", False)):
            request = ProofRequest(
                ASSERTION,
                FixedClock().now(),
                controllers,
                domain="https://verifier.example",
                challenge=asked,
            )
            verified = verify_secured_document(
                parse_secured_document(shown, stored.media_type), request
            ).verified
            assert (verified is not None and verified.holder_bound) is expected

    @pytest.mark.parametrize("mechanism", ["eddsa-rdfc-2022", "vc+jwt", "vc+cose"])
    def test_where_no_key_can_be_named_it_is_refused(self, registry: DemoRegistry, mechanism: str) -> None:
        key = SoftSigner(8, Algorithm.P256).public_key.to_jwk()
        assert code_of(InputError, lambda: issue(registry, mechanism, holder_key=key)) == "unsupported_option"

    @pytest.mark.parametrize("mechanism", SD_JWTS)
    def test_the_same_request_gives_the_same_bytes(self, registry: DemoRegistry, mechanism: str) -> None:
        """Salts are drawn once, before the reservation (SECURITY I3, SD-16)."""
        first, again = issue(registry, mechanism), issue(registry, mechanism)
        assert first.content == again.content
        other = issue(registry, mechanism, "other")
        assert set(first.content.split(b"~")[1:-1]).isdisjoint(other.content.split(b"~")[1:-1])
        holder = SoftSigner(8, Algorithm.P256).public_key.to_jwk()
        assert (
            code_of(SkillcredError, lambda: issue(registry, mechanism, holder_key=holder))
            == "idempotency_key_reused"
        )

    def test_a_process_that_died_goes_on_with_the_same_salts(self) -> None:
        storage, clock, crash_at = InMemoryStorage(), FixedClock(), []

        def crash_point(point: str) -> None:
            if point in crash_at:
                crash_at.remove(point)
                raise Crash(point)

        application = open_in_memory_application(storage=storage, clock=clock, crash_point=crash_point)
        registry = fill_demo_registry(application)
        crash_at.append("after-sign-before-store")
        with pytest.raises(Crash):
            issue(registry, "dc+sd-jwt")
        [reserved] = [item for item in storage.state.issuances.values() if item.purpose == "credential"]
        clock.advance(seconds=application.settings.issuance_lease_seconds + 1)
        stored = issue(registry, "dc+sd-jwt")
        disclosures = json.loads(reserved.prepared)["extra"]["disclosures"]
        assert [text.decode() for text in stored.content.split(b"~")[1:-1]] == disclosures
        assert verdict(registry, stored.content, stored.media_type)[0] is Verdict.VALID

    @pytest.mark.parametrize("mechanism", SD_JWTS)
    def test_what_is_revoked_is_invalid(self, registry: DemoRegistry, mechanism: str) -> None:
        stored = issue(registry, mechanism)
        registry.application.change_status(
            registry.provider, stored.credential_id, kind="revoked", reason="A typo."
        )
        assert verdict(registry, stored.content, stored.media_type) == (Verdict.INVALID, "revoked")

    @pytest.mark.parametrize("mechanism", SD_JWTS)
    def test_without_a_status_none_is_named(self, registry: DemoRegistry, mechanism: str) -> None:
        stored = issue(registry, mechanism, revocable=False)
        assert not read_issued(stored.content).claims.keys() & {"status", "credentialStatus"}
        assert verdict(registry, stored.content, stored.media_type)[0] is Verdict.VALID

    def test_the_facts_are_those_of_the_credential(self, registry: DemoRegistry) -> None:
        reports = []
        for mechanism in ("eddsa-jcs-2022", "dc+sd-jwt"):
            stored = issue(registry, mechanism, mechanism)
            reports.append(
                registry.application.verify_document(stored.content, media_type=stored.media_type).report
            )
        plain, claims = (report.facts for report in reports)
        assert plain is not None
        assert claims is not None
        assert claims.types == (PROFILES["qualification"].vct,)
        assert claims._replace(types=plain.types, credential_id=plain.credential_id) == plain
        [profile] = [step for step in reports[1].steps if step.step is Step.PROFILE]
        assert (profile.outcome, profile.code) == (Outcome.PASSED, "profile_conforms")


class TestSecondProof:
    @pytest.mark.parametrize("mechanism", ["eddsa-rdfc-2022", "eddsa-jcs-2022", "ecdsa-rdfc-2019"])
    @pytest.mark.parametrize("second", ["mldsa44-rdfc-2024", "mldsa44-jcs-2024"])
    def test_both_proofs_are_there_and_hold(
        self, registry: DemoRegistry, mechanism: str, second: str
    ) -> None:
        with_keys(registry, *ALGORITHMS)
        stored = issue(registry, mechanism, second_mechanism=second)
        document = json.loads(stored.content)
        assert [proof["cryptosuite"] for proof in document["proof"]] == [mechanism, second]
        assert verdict(registry, stored.content, "application/vc") == (Verdict.VALID, "issuer_authorised")
        document["proof"].pop(0)
        assert verdict(registry, json.dumps(document).encode(), "application/vc") == (
            Verdict.INDETERMINATE,
            "experimental_proof_only",
        )
        assert issue(registry, mechanism, second_mechanism=second).content == stored.content

    @pytest.mark.parametrize("mechanism", ["vc+jwt", "dc+sd-jwt", "ecdsa-sd-2023", "bbs-2023"])
    def test_where_it_has_no_place_it_is_refused(self, registry: DemoRegistry, mechanism: str) -> None:
        with_keys(registry, *ALGORITHMS)
        assert (
            code_of(InputError, lambda: issue(registry, mechanism, second_mechanism=SECOND))
            == "second_proof_not_possible"
        )

    @pytest.mark.parametrize("second", ["eddsa-jcs-2022", "x", ""])
    def test_only_experimental_suites_are_second(self, registry: DemoRegistry, second: str) -> None:
        assert (
            code_of(InputError, lambda: issue(registry, "eddsa-rdfc-2022", second_mechanism=second))
            == "unsupported_mechanism"
        )

    def test_alone_an_experimental_suite_issues_nothing(self, registry: DemoRegistry) -> None:
        with_keys(registry, "ML-DSA-44")
        assert code_of(InputError, lambda: issue(registry, SECOND)) == "unsupported_mechanism"

    def test_it_needs_a_key_of_its_own(self, registry: DemoRegistry) -> None:
        assert (
            code_of(AuthorisationError, lambda: issue(registry, "eddsa-rdfc-2022", second_mechanism=SECOND))
            == "no_active_key"
        )

    def test_an_ml_dsa_key_is_no_identifier(self, registry: DemoRegistry) -> None:
        with pytest.raises(InputError) as caught:
            registry.application.create_organisation(
                kind="provider", slug="quantum", name="Quantum School", country="KE", did_method="key",
                algorithm="ML-DSA-44", actor=registry.operator,
            )  # fmt: skip
        assert caught.value.code == "unsupported_key_type"

    def test_a_key_that_was_retired_meanwhile_does_not_sign(self) -> None:
        storage, clock, crash_at = InMemoryStorage(), FixedClock(), []

        def crash_point(point: str) -> None:
            if point in crash_at:
                crash_at.remove(point)
                raise Crash(point)

        application = open_in_memory_application(storage=storage, clock=clock, crash_point=crash_point)
        registry = with_keys(fill_demo_registry(application), "ML-DSA-44")
        crash_at.append("before-sign")
        with pytest.raises(Crash):
            issue(registry, "eddsa-rdfc-2022", second_mechanism=SECOND)
        [reserved] = [item for item in storage.state.issuances.values() if item.purpose == "credential"]
        application.rotate_key(registry.provider, "ML-DSA-44")
        clock.advance(seconds=application.settings.issuance_lease_seconds + 1)
        stored = issue(registry, "eddsa-rdfc-2022", second_mechanism=SECOND)
        assert storage.state.issuances[reserved.id].state is IssuanceState.VOID
        assert stored.credential_id != reserved.credential_id
        assert verdict(registry, stored.content, "application/vc")[0] is Verdict.VALID
