"""Status lists of both specifications, from `verify` down to the bits (SECURITY S-01, S-03, S-05 to S-09, S-12)."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from skillcred.encoding.base64url import encode_base64url
from skillcred.issuance import sign_bytes
from skillcred.keys.algorithms import Algorithm
from skillcred.model.outcomes import EvidenceKind, EvidenceReference, Outcome, Step, StepResult, Verdict
from skillcred.securing import SecuringError, attach_proof, prepare_proof
from skillcred.securing.jose.status_list_token import (
    attach_status_list_signature,
    peek_status_list_controllers,
    prepare_status_list_token,
)
from skillcred.status import MAX_DECODED_BYTES, MIN_ENTRIES
from skillcred.status import bitstring_status_list as bitstring
from skillcred.status import token_status_list as token
from skillcred.verification import EvidenceItem, VerificationReport, verify
from worlds.pure_world import AWARDED, NOW, PureWorld, SoftSigner, sign

WORLD = PureWorld()
URI = "https://issuer.example/v1/status-lists/1/token"
MADE = NOW - timedelta(hours=1)
ENDS = NOW + timedelta(hours=23)
REFERENCE = EvidenceReference(EvidenceKind.STATUS_LIST, URI)


@dataclass(frozen=True)
class TokenList:
    """A status list token; change its parts to tell another story."""

    statuses: Mapping[int, int] = field(default_factory=lambda: {5: 1, 6: 2})
    bits: int = 2
    length: int = MIN_ENTRIES
    signer: SoftSigner = WORLD.provider
    made: datetime = MADE
    changes: Mapping[str, Any] = field(default_factory=dict)

    def content(self) -> bytes:
        claims = {
            **token.build_claims(
                uri=URI,
                issuer=self.signer.did,
                bits=self.bits,
                lst=token.encode_list(self.length, self.bits, self.statuses),
                issued_at=self.made,
                expires_at=ENDS,
                ttl=timedelta(seconds=60),
            ),
            **self.changes,
        }
        signer = self.signer
        prepared = prepare_status_list_token(
            {name: value for name, value in claims.items() if value is not None},
            verification_method=signer.verification_method,
            algorithm=signer.public_key.algorithm,
        )
        signature = sign_bytes(prepared.to_be_signed, signer.verification_method, signer)
        return attach_status_list_signature(prepared, signature)


def sd_jwt_vc(index: int) -> bytes:
    claims = {
        "iss": WORLD.provider.did,
        "vct": "https://provider.example/welder",
        "iat": int(AWARDED.timestamp()),
        "status": token.build_entry(list_uri=URI, index=index),
    }
    prepared = prepare_proof(
        "dc+sd-jwt",
        claims,
        verification_method=WORLD.provider.verification_method,
        algorithm=WORLD.provider.public_key.algorithm,
        created=AWARDED,
    )
    return attach_proof(prepared, WORLD.provider.sign(prepared.to_be_signed))


def judge(
    content: bytes | None, index: int = 4, *, at: datetime = NOW, unavailable: str | None = None
) -> VerificationReport:
    item = EvidenceItem(REFERENCE, at, URI, content, unavailable)
    return verify(
        sd_jwt_vc(index),
        evidence=WORLD.evidence().with_items([item]),
        at=at,
        media_type="application/dc+sd-jwt",
    )


def status_of(report: VerificationReport) -> StepResult:
    return next(step for step in report.steps if step.step is Step.STATUS)


def found(report: VerificationReport) -> tuple[Outcome, str]:
    return status_of(report).outcome, status_of(report).code


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        (4, (Outcome.PASSED, "not_revoked")),
        (5, (Outcome.FAILED, "revoked")),
        (6, (Outcome.FAILED, "suspended")),
        (MIN_ENTRIES - 1, (Outcome.PASSED, "not_revoked")),
    ],
)
def test_a_status_list_token_decides(index: int, expected: tuple[Outcome, str]) -> None:
    report = judge(TokenList().content(), index)
    assert found(report) == expected
    assert (report.verdict is Verdict.INVALID) == (expected[0] is Outcome.FAILED)


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_every_size_of_the_specification(bits: int) -> None:
    content = TokenList(bits=bits, statuses={5: 1, 7: 1}).content()
    assert [found(judge(content, index))[1] for index in (4, 5, 6, 7)] == [
        "not_revoked",
        "revoked",
        "not_revoked",
        "revoked",
    ]


def test_a_value_of_an_application_is_not_taken_for_good() -> None:
    content = TokenList(bits=4, statuses={4: 3, 5: 0xC}).content()
    for index in (4, 5):
        assert found(judge(content, index)) == (Outcome.INDETERMINATE, "status_value_unknown")


@pytest.mark.parametrize("algorithm", [Algorithm.ED25519, Algorithm.P256, Algorithm.P384])
def test_a_token_can_be_signed_with_every_key_that_signs_tokens(algorithm: Algorithm) -> None:
    signer = SoftSigner(7, algorithm)
    content = TokenList(signer=signer).content()
    assert peek_status_list_controllers(content) == (signer.did,)
    assert found(judge(content))[1] == "status_list_wrong_issuer"


def test_a_key_that_signs_no_tokens_is_refused() -> None:
    with pytest.raises(SecuringError) as fault:
        TokenList(signer=SoftSigner(7, Algorithm.BLS12381G2)).content()
    assert fault.value.code == "wrong_key_type"


BOMB = encode_base64url(zlib.compress(bytes(MAX_DECODED_BYTES + 1)))

BAD: list[tuple[str, TokenList, str]] = [
    ("wrong issuer", TokenList(signer=WORLD.body), "status_list_wrong_issuer"),
    ("wrong sub", TokenList(changes={"sub": URI + "2"}), "status_list_wrong_name"),
    ("no sub", TokenList(changes={"sub": None}), "status_list_malformed"),
    ("another iss", TokenList(changes={"iss": WORLD.body.did}), "status_list_not_verified"),
    ("ended", TokenList(changes={"exp": int(NOW.timestamp())}), "status_list_stale"),
    ("of the future", TokenList(made=NOW + timedelta(minutes=2)), "status_list_not_verified"),
    ("no iat", TokenList(changes={"iat": None}), "status_list_malformed"),
    ("ttl 0", TokenList(changes={"ttl": 0}), "status_list_malformed"),
    ("ttl endless", TokenList(changes={"ttl": 10**12}), "status_list_malformed"),
    ("bomb", TokenList(changes={"status_list": {"bits": 2, "lst": BOMB}}), "status_list_too_large"),
    ("3 bits", TokenList(changes={"status_list": {"bits": 3, "lst": BOMB}}), "status_list_malformed"),
    ("no list", TokenList(changes={"status_list": None}), "status_list_malformed"),
    ("short", TokenList(length=1024), "status_list_too_short"),
]


@pytest.mark.parametrize(("name", "bad", "code"), BAD, ids=[name for name, _, _ in BAD])
@pytest.mark.parametrize("index", [4, 5])
def test_a_token_that_does_not_fit_tells_nothing(name: str, bad: TokenList, code: str, index: int) -> None:
    assert found(judge(bad.content(), index)) == (Outcome.INDETERMINATE, code), name


def test_an_entry_beside_the_list_is_never_not_revoked() -> None:
    assert found(judge(TokenList().content(), MIN_ENTRIES)) == (
        Outcome.INDETERMINATE,
        "status_index_out_of_range",
    )


def test_a_list_that_states_no_end_is_stale_a_day_later() -> None:
    """S-07: it was fetched when it was new, and is used two days later."""
    item = EvidenceItem(REFERENCE, NOW, URI, TokenList(changes={"exp": None}).content())
    late = NOW + timedelta(days=2)
    report = verify(
        sd_jwt_vc(4),
        evidence=WORLD.evidence().with_items([item]),
        at=late,
        media_type="application/dc+sd-jwt",
    )
    assert found(report) == (Outcome.INDETERMINATE, "status_list_stale")


@pytest.mark.parametrize(
    ("unavailable", "code"),
    [
        ("status_list_rolled_back", "status_list_rolled_back"),
        ("timeout", "status_list_unavailable"),
        (None, "status_list_unavailable"),
    ],
)
def test_what_could_not_be_had_tells_nothing(unavailable: str | None, code: str) -> None:
    assert found(judge(None, unavailable=unavailable)) == (Outcome.INDETERMINATE, code)


@pytest.mark.parametrize(
    "content", [b"<!doctype html><title>Moved</title>", b"", b"{}", b"404", b"e30.e30.c2ln"]
)
def test_S09_what_is_no_list_tells_nothing(content: bytes) -> None:
    outcome, code = found(judge(content))
    assert outcome is Outcome.INDETERMINATE
    assert code in {"status_list_not_verified", "status_list_malformed"}


def test_without_the_list_it_is_asked_for() -> None:
    report = verify(sd_jwt_vc(4), evidence=WORLD.evidence(), at=NOW, media_type="application/dc+sd-jwt")
    assert found(report) == (Outcome.INDETERMINATE, "status_list_unavailable")
    assert REFERENCE in report.needs


@pytest.mark.parametrize("position", [0.1, 0.5, 0.95])
def test_a_changed_token_is_never_believed(position: float) -> None:
    content = bytearray(TokenList(statuses={}).content())
    place = int(len(content) * position)
    content[place] = ord("A") if content[place] != ord("A") else ord("B")
    outcome, code = found(judge(bytes(content), 5))
    assert outcome is Outcome.INDETERMINATE, code


def test_a_credential_is_no_status_list_and_a_status_list_is_no_credential() -> None:
    """J-13: a token of one type is not taken for another."""
    assert found(judge(sd_jwt_vc(4)))[0] is Outcome.INDETERMINATE
    for media_type in ("application/vc+jwt", "application/jwt", "application/dc+sd-jwt"):
        report = verify(TokenList().content(), evidence=WORLD.evidence(), at=NOW, media_type=media_type)
        assert report.verdict is not Verdict.VALID


class TestBitstring:
    """The other plug-in, by the same road."""

    LIST = "https://issuer.example/v1/status-lists/1/revocation"

    def credential(self, index: int, purpose: str = "revocation") -> bytes:
        unsigned = WORLD.unsigned()
        unsigned["credentialStatus"] = bitstring.build_entry(list_uri=self.LIST, index=index, purpose=purpose)
        return sign(unsigned, WORLD.provider)

    def list_credential(self, *, signer: SoftSigner = WORLD.provider, **changes: Any) -> bytes:
        unsigned = bitstring.build_list_credential(
            uri=self.LIST,
            issuer=signer.did,
            purpose="revocation",
            encoded_list=bitstring.encode_list(MIN_ENTRIES, 1, {5: 1}),
            valid_from=MADE,
            valid_until=ENDS,
            ttl=timedelta(seconds=60),
        )
        subject = unsigned["credentialSubject"]
        assert isinstance(subject, dict)
        subject.update(changes.pop("subject", {}))
        return sign({**unsigned, **changes}, signer, created=MADE)

    def judge(self, credential: bytes, listed: bytes) -> VerificationReport:
        reference = EvidenceReference(EvidenceKind.STATUS_LIST, self.LIST)
        item = EvidenceItem(reference, NOW, self.LIST, listed)
        return verify(credential, evidence=WORLD.evidence().with_items([item]), at=NOW)

    def test_a_set_bit_makes_it_invalid_and_a_clear_one_does_not(self) -> None:
        good = self.judge(self.credential(4), self.list_credential())
        bad = self.judge(self.credential(5), self.list_credential())
        assert (good.verdict, bad.verdict) == (Verdict.VALID, Verdict.INVALID)
        assert bad.reason == "revoked"

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"signer": WORLD.body}, "status_list_wrong_issuer"),
            ({"id": LIST + "2"}, "status_list_wrong_name"),
            ({"subject": {"statusPurpose": "suspension"}}, "status_list_wrong_purpose"),
            ({"subject": {"encodedList": "u" + BOMB}}, "status_list_malformed"),
            (
                {"subject": {"encodedList": bitstring.encode_list(8 * MAX_DECODED_BYTES + 8, 1, {})}},
                "status_list_too_large",
            ),
            ({"validUntil": "2026-06-01T11:59:00Z"}, "status_list_stale"),
        ],
    )
    def test_a_list_that_does_not_fit_tells_nothing(self, changes: dict[str, Any], code: str) -> None:
        report = self.judge(self.credential(4), self.list_credential(**changes))
        assert found(report) == (Outcome.INDETERMINATE, code)
        assert report.verdict is Verdict.INDETERMINATE

    def test_a_list_with_a_status_of_its_own_is_refused(self) -> None:
        """S-12."""
        entry = bitstring.build_entry(list_uri=self.LIST, index=1, purpose="revocation")
        report = self.judge(self.credential(4), self.list_credential(credentialStatus=entry))
        assert found(report) == (Outcome.INDETERMINATE, "status_list_malformed")

    def test_an_unsigned_list_tells_nothing(self) -> None:
        document = json.loads(self.list_credential())
        del document["proof"]
        report = self.judge(self.credential(4), json.dumps(document).encode())
        assert found(report)[0] is Outcome.INDETERMINATE
