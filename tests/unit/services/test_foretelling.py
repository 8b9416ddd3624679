"""What is held in memory is handed to the pure function at once, and whatever changes counts at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from skillcred.encoding.base64url import encode_base64url
from skillcred.model.outcomes import Verdict
from skillcred.services import verify_document as module
from skillcred.services.foretelling import MAX_NAMES, peek_names
from skillcred.verification import VerificationReport
from worlds.application import DemoRegistry, fill_demo_registry, open_in_memory_application
from worlds.in_memory import START, FixedClock, InMemoryStorage, InMemoryUnitOfWork
from worlds.pure_world import PureWorld


class CountingStorage(InMemoryStorage):
    reads = 0

    @contextmanager
    def __call__(self, *, writes: bool) -> Iterator[InMemoryUnitOfWork]:
        self.reads += 1
        with super().__call__(writes=writes) as unit:
            yield unit


class World:
    def __init__(self) -> None:
        self.clock, self.storage = FixedClock(), CountingStorage()
        self.registry: DemoRegistry = fill_demo_registry(
            open_in_memory_application(clock=self.clock, storage=self.storage)
        )
        self.application = self.registry.application
        self.verify = self.application.verify_document
        self.credential = self.registry.issue().content

    def warm(self, content: bytes, media_type: str = "application/json") -> VerificationReport:
        """Verify twice: the first time lists are published, which is a change of what is held."""
        first = self.verify.upload(content, media_type=media_type).report
        assert isinstance(first, VerificationReport)
        assert self.verify.upload(content, media_type=media_type).report.verdict is first.verdict
        return first

    def at_once(self, content: bytes) -> VerificationReport | None:
        """What is answered without fetching and waiting."""
        prepared = self.verify.prepare(content)
        return None if prepared is None else self.verify.judge_prepared(prepared)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many pieces of evidence each run of the pure function was given."""
    found: list[int] = []
    real = module.verify

    def counted(content: bytes, **given: object) -> object:
        found.append(len(given["evidence"]))  # type: ignore[arg-type]
        return real(content, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "verify", counted)
    return found


def test_a_warm_verification_is_one_run_and_reads_only_the_count(world: World, runs: list[int]) -> None:
    first = world.warm(world.credential)
    assert first.verdict is Verdict.VALID
    assert runs[0] == 0
    assert len(runs) > 2
    runs.clear()
    world.storage.reads = 0
    assert world.verify.upload(world.credential).report.verdict is Verdict.VALID
    assert len(runs) == world.storage.reads == 1


def test_another_credential_of_a_known_issuer_is_one_run(world: World, runs: list[int]) -> None:
    other = world.registry.issue("second", profile="qualification").content
    world.warm(world.credential)
    runs.clear()
    assert world.verify.upload(other).report.verdict is Verdict.VALID
    assert len(runs) == 1


@pytest.mark.parametrize("mechanism", ["vc+jwt", "vc+sd-jwt", "vc+cose"])
def test_envelopes_are_foretold_where_they_can_be_read(world: World, runs: list[int], mechanism: str) -> None:
    stored = world.registry.issue("envelope", mechanism=mechanism)
    world.warm(stored.content, stored.media_type)
    runs.clear()
    report = world.verify.upload(stored.content, media_type=stored.media_type).report
    assert report.verdict is Verdict.VALID
    assert len(runs) <= (4 if mechanism == "vc+cose" else 1)


def test_at_once_only_what_needs_no_fetching(world: World) -> None:
    assert world.at_once(world.credential) is None, "nothing is in memory yet"
    world.warm(world.credential)
    report = world.verify.upload(world.credential).report
    found = world.at_once(world.credential)
    assert found is not None
    assert found == report
    assert world.at_once(PureWorld().credential()) is None, "an issuer that nobody has asked about"
    assert world.at_once(world.credential + b" " * module.MAX_BYTES_AT_ONCE) is None
    forged = world.at_once(world.credential.replace(b"welding", b"surgery", 1))
    assert forged is None or forged.verdict is not Verdict.VALID


def test_a_counter_that_has_to_be_waited_for_is_never_asked_at_once(world: World) -> None:
    class Slow:
        at_once = False

    assert replace(world.verify, snapshot=Slow()).prepare(world.credential) is None  # type: ignore[arg-type]


def test_a_presentation_is_not_answered_at_once_as_a_credential(world: World) -> None:
    presentation = (
        b'{"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiablePresentation"], '
        b'"verifiableCredential": [' + world.credential + b"]}"
    )
    world.verify.upload(world.credential)
    assert world.at_once(presentation) is None
    assert (
        world.verify.upload(presentation).report
        == world.verify.presentation(presentation, media_type="application/json").report
    )


@pytest.mark.parametrize("kind", ["suspended", "ended", "withdrawn"])
def test_a_change_of_the_accreditation_counts_in_the_next_verification(world: World, kind: str) -> None:
    assert world.warm(world.credential).verdict is Verdict.VALID
    assert world.at_once(world.credential) is not None
    world.clock.advance(seconds=1)
    world.application.change_accreditation(
        world.registry.body, world.registry.accreditation.id, kind=kind, effective_at=START, reason="x"
    )
    report = world.verify.upload(world.credential).report
    assert report == replace(world.verify, snapshot=None).upload(world.credential).report
    assert report.vouchers == () or report.vouchers[0].now.standing.value == kind


def test_S10_a_revocation_counts_in_the_next_verification(world: World) -> None:
    stored = world.registry.issue("revoked")
    assert world.warm(stored.content).verdict is Verdict.VALID
    assert world.at_once(stored.content) is not None
    world.application.change_status(
        world.registry.provider, stored.credential_id, kind="revoked", reason="typo"
    )
    assert world.at_once(stored.content) is None
    assert world.warm(stored.content).reason == "revoked"
    assert world.at_once(stored.content).reason == "revoked"  # type: ignore[union-attr]


def test_a_list_from_memory_is_renewed_in_time(world: World) -> None:
    first = world.warm(world.credential)
    world.clock.advance(hours=13)
    assert world.at_once(world.credential) is None
    report = world.verify.upload(world.credential).report
    assert report.verdict is Verdict.VALID
    assert {item.sha256 for item in report.evidence_used} != {item.sha256 for item in first.evidence_used}


def test_K11_a_compromised_key_counts_in_the_next_verification(world: World) -> None:
    assert world.warm(world.credential).verdict is Verdict.VALID
    with world.storage(writes=True) as unit:
        [key] = [
            key
            for key in unit.signing_keys.list_for(world.registry.provider.organisation.id)
            if key.id.encode() in world.credential
        ]
        unit.signing_keys.update(replace(key, compromised_at=START))
        unit.commit()
    assert world.verify.upload(world.credential).report.verdict is not Verdict.VALID


def test_offline_reads_the_same_memory(world: World) -> None:
    world.warm(world.credential)
    online = world.verify.upload(world.credential).report
    assert world.verify.upload(world.credential, offline=True).report == online


def test_names_are_read_from_documents_and_tokens() -> None:
    did, uri = "did:web:a.example:issuers:x", "https://a.example/v1/status-lists/1/revocation"
    text = f'{{"issuer": "{did}", "x": "{uri}", "y": "{did}#key-1"}}'.encode()
    wanted = [uri, did]
    assert peek_names(text) == wanted
    assert peek_names(b"e30." + encode_base64url(text).encode() + b".AAAA") == wanted
    assert peek_names(b"e30.!.") == []


def test_names_are_bounded() -> None:
    many = b"".join(b'"did:web:a%d.example" "https://a/v1/status-lists/%d/x"' % (n, n) for n in range(1000))
    assert len(peek_names(many)) == 2 * MAX_NAMES
