"""1EdTech's Open Badges 3.0 and CLR 2.0 credentials in tokens. All are signed with RSA, which we do not check: none may
be called valid, and those without a key inside must not be called forged either."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from skillcred.model.documents import parse_secured_document
from skillcred.model.outcomes import Outcome
from skillcred.securing import ProofRequest, peek_controllers, verify_secured_document
from skillcred.verification import Evidence, verify

AT = datetime(2026, 6, 1, tzinfo=UTC)
TOKENS = {
    "ob30/simple.jwt": (Outcome.INDETERMINATE, "unsupported_proof", "unsupported_alg"),
    "ob30/velocity.jwt": (Outcome.INDETERMINATE, "unsupported_proof", "unsupported_alg"),
    "clr20/simple.jwt": (Outcome.FAILED, "proof_malformed", "header_member_not_allowed"),
}


@pytest.mark.parametrize(("name", "expected"), TOKENS.items())
def test_tokens(shared_dir: Path, name: str, expected: tuple[Outcome, str, str]) -> None:
    content = (shared_dir / "vectors" / "openbadges-3" / name).read_bytes()
    parsed = parse_secured_document(content, "application/jwt")
    assert peek_controllers(parsed) == (), "nothing is fetched for a token that cannot be checked"
    findings = verify_secured_document(parsed, ProofRequest("assertionMethod", AT, {}))
    [problem] = findings.result.problems
    assert (findings.result.outcome, findings.result.code, problem.code) == expected
    assert findings.verified is None
    report = verify(content, evidence=Evidence([]), at=AT, media_type="application/jwt")
    assert report.verdict.value != "valid"


def test_these_are_all_the_tokens_there_are(shared_dir: Path) -> None:
    folder = shared_dir / "vectors" / "openbadges-3"
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*.jwt")} == set(TOKENS)
