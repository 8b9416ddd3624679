"""The records and a copy of them give the same providers, whose names and countries are those of what was said last."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from skillcred.services.accredit_provider import AccreditationRequest
from skillcred.services.accredited_entries import CountriesAbove, SaidMemory, read_said
from skillcred.services.ports import Clock
from skillcred.services.publication_ports import CopyState, LoadedCopy
from skillcred.services.published_branches import build_branch_files, read_registry
from skillcred.services.records import Actor, OrganisationKind
from skillcred.services.registry_copy import CopiedRegistrySource
from skillcred.services.registry_copy_reading import OpenCopiedRegistry
from skillcred.services.registry_entries import RegistryEntry
from skillcred.services.registry_reading import OpenRecordedRegistry, OpenRegistry
from skillcred.trust import AccreditationScope, Action, RegistryCopyInfo
from skillcred.trust.published import parse_branch
from skillcred.trust.snapshot import build_snapshot
from worlds.application import ACCREDITED_FROM, DemoRegistry, fill_demo_registry, open_in_memory_application
from worlds.in_memory import FixedClock, InMemoryStorage

RENAMED, BELOW, ABROAD, BOTH = (f"did:web:{name}.example" for name in ("renamed", "below", "abroad", "both"))
TRAINING = AccreditationScope(("training",))


@dataclass(frozen=True)
class _Store:
    """The part of `RegistryCopyStore` that is asked for a copy that nobody updates."""

    loaded: LoadedCopy

    def load(self) -> LoadedCopy:
        return self.loaded

    def find_mark(self) -> str:
        return self.loaded.mark


@dataclass(frozen=True)
class World:
    demo: DemoRegistry
    board: str
    records: OpenRegistry
    copy: OpenRegistry


@pytest.fixture(scope="module")
def world() -> World:
    """Two enrolled bodies, in Kenya and the Philippines, and a board below the first that is an organisation here."""
    storage, clock = InMemoryStorage(), FixedClock()
    demo = fill_demo_registry(open_in_memory_application(storage=storage, clock=clock))
    application = demo.application

    def body(slug: str, country: str) -> Actor:
        made = application.create_organisation(
            kind="national_body", slug=slug, name=f"The {slug}", country=country, actor=demo.operator
        )
        return application.local_actor("body_admin", made.id)

    manila, board = body("manila", "PH"), body("board", "KE")
    application.enrol_national_body(
        demo.operator, did=manila.organisation.did, name=manila.organisation.name, country="PH"
    )
    to_accredit = AccreditationScope(("training",), action=Action.ACCREDIT)
    for number, (by, did, name, scope) in enumerate(
        (
            (demo.body, RENAMED, "Old Name", AccreditationScope(("training",), countries=("UG",))),
            (demo.body, board.organisation.did, "The board", to_accredit),
            (board, BELOW, "School Below", TRAINING),
            (manila, RENAMED, "New Name", TRAINING),
            (demo.body, ABROAD, "Lake School", AccreditationScope(("training",), countries=("UG", "TZ"))),
            (demo.body, BOTH, "Both", AccreditationScope(("training",), countries=("UG",))),
        )
    ):
        clock.advance(hours=1)
        request = AccreditationRequest(did, name, scope, ACCREDITED_FROM)
        application.accredit_provider(by, request, f"key-{number}")
    return World(demo, board.organisation.did, OpenRecordedRegistry(storage), _copy(storage, clock))


def _copy(storage: InMemoryStorage, clock: Clock) -> OpenRegistry:
    """As a verifier has it, the signatures over the files taken for checked."""
    with storage(writes=False) as unit:
        records = read_registry(unit)
    files = {body.did: build_branch_files(records, body.did) for body in records.bodies}
    branches = [parse_branch(each.statements, body_did=did) for did, each in files.items()]
    at = clock.now()
    snapshot = build_snapshot(records.bodies, branches, at)
    state = CopyState(RegistryCopyInfo(1, 1, at, at.replace(year=at.year + 1)), {})
    loaded = LoadedCopy(
        snapshot,
        state,
        "one",
        lambda one: files[one.edge.branch].credentials[one.offset : one.offset + one.length],
    )
    return OpenCopiedRegistry(CopiedRegistrySource(_Store(loaded)), storage, clock)  # type: ignore[arg-type]


def entries(registry: OpenRegistry) -> dict[str, RegistryEntry]:
    with registry() as reader:
        found = reader.list_providers()
        assert len({entry.id for entry in found}) == len(found)
        assert [reader.find_provider(entry.id) for entry in found] == found
    return {entry.id: entry for entry in found}


@pytest.mark.parametrize("source", ["records", "copy"])
@pytest.mark.parametrize(
    ("did", "name", "country", "countries"),
    [
        pytest.param(RENAMED, "New Name", "PH", ("PH",), id="of-the-body-that-spoke-last"),
        pytest.param(BELOW, "School Below", "KE", ("KE",), id="of-the-enrolled-body-above"),
        pytest.param(ABROAD, "Lake School", None, ("TZ", "UG"), id="several"),
        pytest.param(BOTH, "Both", "UG", ("UG",), id="of-the-scope"),
    ],
)
def test_who_is_known_by_accreditations_only(
    world: World, source: str, did: str, name: str, country: str | None, countries: tuple[str, ...]
) -> None:
    entry = entries(world.records if source == "records" else world.copy)[did]
    assert (entry.name, entry.country, entry.countries) == (name, country, countries)


def test_the_copy_has_whom_the_records_have(world: World) -> None:
    """But for those whom nobody accredited, and for the country of an organisation, which is not published."""
    records, copy = entries(world.records), entries(world.copy)
    assert records.keys() - copy.keys() == {world.demo.stranger.organisation.did}
    assert copy.keys() <= records.keys()
    assert world.board in copy
    here = {world.board, world.demo.provider.organisation.did}
    assert {did: records[did] for did in copy.keys() - here} == {did: copy[did] for did in copy.keys() - here}
    assert [records[did].countries for did in here] == [(), ()]
    assert {records[did].name for did in here} == {copy[did].name for did in here}
    with world.records() as ours, world.copy() as theirs:
        assert ours.list_scopes(copy) == theirs.list_scopes(copy)
        assert ours.find_provider(world.demo.operator.organisation.did) is None
        assert ours.find_provider("did:web:nobody.example") is None


def test_organisations_that_nobody_accredited_are_no_providers(world: World) -> None:
    with world.records() as reader:
        shown = {entry.id for entry in reader.list_providers()}
    organisation = world.demo.operator.organisation
    assert organisation.kind is OrganisationKind.OPERATOR
    assert organisation.did not in shown
    assert world.demo.body.organisation.did not in shown, "it is enrolled"


def test_what_was_read_is_remembered_within_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("skillcred.services.accredited_entries.MAX_REMEMBERED", 2)
    monkeypatch.setattr("skillcred.services.accredited_entries.READ_AT_ONCE", 2)
    memory, asked = SaidMemory(), []

    def read(names):
        asked.append(list(names))
        return {
            name: f'{{"credentialSubject":{{"name":"{name}"}}}}'.encode() for name in names if name != "no"
        }

    def recall(*names: str) -> dict[str, str | None]:
        return {name: said.name for name, said in memory.recall(names, read).items()}

    assert recall("a", "b", "b") == {"a": "a", "b": "b"}
    assert recall("b", "a", "no") == {"a": "a", "b": "b"}
    assert recall("c", "a", "b") == {"a": "a", "b": "b", "c": "c"}
    assert recall("b", "c") == {"b": "b", "c": "c"}
    assert recall("a") == {"a": "a"}, "the oldest made room"
    assert asked == [["a", "b"], ["no"], ["c"], ["a"]]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"ey.ey.x", b'{"a":1,"a":2}'])
def test_what_cannot_be_read_names_nobody_and_covers_nothing(content: bytes) -> None:
    assert read_said(content) == read_said(b'{"credentialSubject":{"id":"did:web:a.example"}}')
    assert (read_said(content).name, read_said(content).scopes) == (None, ())


def test_bodies_that_accredit_each_other_are_asked_about_once() -> None:
    above = {"a": {"b"}, "b": {"a", "root"}, "c": {"d"}, "d": {"c"}}
    asked: list[set[str]] = []

    def accreditors_of(dids):
        asked.append(set(dids))
        return {did: above[did] for did in dids if did in above}

    countries = CountriesAbove({"a", "c", "root", "nobody"}, {"root": "KE"}, accreditors_of)
    assert [countries.of(did) for did in ("a", "b", "root")] == [frozenset({"KE"})] * 3
    assert countries.of("c") == countries.of("nobody") == frozenset()
    assert asked == [{"a", "c", "nobody"}, {"b", "d"}]
