"""Nobody is accredited under a name that looks like another's; one name in two countries stays possible (SECURITY
P-12)."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

import pytest

from skillcred.errors import ConflictError
from skillcred.services.accredit_provider import AccreditationRequest
from skillcred.services.names import build_skeleton, fold_name
from skillcred.services.records import AccreditationEventKind, Actor
from skillcred.trust import AccreditationScope, Action, Succession
from worlds.application import ACCREDITED_FROM, DemoRegistry, fill_demo_registry, open_in_memory_application
from worlds.in_memory import START

FIRST, SECOND = "did:web:first.example", "did:web:second.example"
NAME = "Harbour College"
TWINS = ["Harbour CoIlege", "Harb0ur College", "Hаrbоur Соllеgе", "Hárbour College", "Harbour Col1ege"]
"""What a reader could take for `NAME`, written with other letters."""
VARIANTS = ["HARBOUR COLLEGE", "Harbour-College", "harbour  college"]
"""The same letters."""


@dataclass
class World:
    """The demo registry (its body is in Kenya), and a second enrolled body with its own branch, in the Philippines."""

    demo: DemoRegistry
    other: Actor

    def accredit(
        self, did: str, name: str, by: Actor | None = None, countries: tuple[str, ...] = (), **scope: Action
    ) -> str:
        """The id of the accreditation."""
        asked = AccreditationScope(("training",), countries=countries, **scope)
        request = AccreditationRequest(did, name, asked, ACCREDITED_FROM)
        key = sha256(f"{by} {did} {name} {countries}".encode()).hexdigest()
        return self.demo.application.accredit_provider(by or self.demo.body, request, key).id

    def refused(self, did: str, name: str, by: Actor | None = None, countries: tuple[str, ...] = ()) -> None:
        with pytest.raises(ConflictError) as caught:
            self.accredit(did, name, by, countries)
        assert (caught.value.code, caught.value.pointer) == ("name_taken", "/provider_name")


@pytest.fixture
def world() -> World:
    demo = fill_demo_registry(open_in_memory_application())
    application = demo.application
    made = application.create_organisation(
        kind="national_body",
        slug="authority",
        name="Skills Authority of Manila",
        country="PH",
        actor=demo.operator,
    )
    application.enrol_national_body(demo.operator, did=made.did, name=made.name, country="PH")
    return World(demo, application.local_actor("body_admin", made.id))


@pytest.mark.parametrize("name", TWINS)
def test_twins_and_variants_are_told_apart(name: str) -> None:
    assert build_skeleton(name) == build_skeleton(NAME)
    assert fold_name(name) != fold_name(NAME)


@pytest.mark.parametrize("name", VARIANTS)
def test_variants_have_the_same_letters(name: str) -> None:
    assert fold_name(name) == fold_name(NAME)


@pytest.mark.parametrize("name", [name for name in TWINS if name != "Hаrbоur Соllеgе"])
def test_P12_a_look_alike_is_refused_whoever_accredits_and_wherever(world: World, name: str) -> None:
    """The one in Cyrillic and Latin letters is no name at all; see test_names."""
    world.accredit(FIRST, NAME)
    world.refused(SECOND, name)
    world.refused(SECOND, name, world.other)
    world.refused(SECOND, name, world.other, ("PH",))
    assert world.accredit(FIRST, name, world.other), (
        "of the one who has the name already, another body may write it so"
    )


def test_P12_a_whole_name_in_another_script_is_a_look_alike(world: World) -> None:
    world.accredit(FIRST, "Cop")
    world.refused(SECOND, "Сор", world.other)


@pytest.mark.parametrize("name", [NAME, *VARIANTS])
def test_the_same_name_in_another_country_stays_possible(world: World, name: str) -> None:
    world.accredit(FIRST, NAME)
    assert world.accredit(SECOND, name, world.other)
    world.refused("did:web:third.example", name)
    world.refused("did:web:third.example", name, world.other, ("PH", "KE"))


def test_one_body_may_have_it_in_two_countries_and_not_twice_in_one(world: World) -> None:
    world.accredit(FIRST, NAME, countries=("KE", "UG"))
    world.refused(SECOND, NAME, countries=("UG", "TZ"))
    world.refused(SECOND, NAME)
    assert world.accredit(SECOND, NAME, countries=("TZ",))


def test_bodies_below_are_of_the_same_branch(world: World) -> None:
    application = world.demo.application
    board = application.create_organisation(
        kind="national_body", slug="board", name="Coast Board", country="KE", actor=world.demo.operator
    )
    world.accredit(board.did, board.name, action=Action.ACCREDIT)
    boards = application.local_actor("body_admin", board.id)
    world.accredit(FIRST, NAME, boards)
    world.refused(SECOND, NAME)
    world.refused(SECOND, NAME, boards)
    assert world.accredit(SECOND, NAME, world.other)


@pytest.mark.parametrize("name", [NAME, "Hárbour College"])
def test_a_successor_may_keep_the_name(world: World, name: str) -> None:
    before = world.accredit(FIRST, NAME)
    world.refused(SECOND, name)
    world.demo.application.change_accreditation(
        world.demo.body, before, kind=AccreditationEventKind.SUCCEEDED, effective_at=START,
        reason="A new domain.", successor=Succession("renaming", SECOND, NAME),
    )  # fmt: skip
    assert world.accredit(SECOND, name)
    world.refused("did:web:third.example", name)


def test_P12_organisations_and_bodies_do_not_look_like_providers_elsewhere(world: World) -> None:
    world.accredit(FIRST, NAME)
    application, operator = world.demo.application, world.demo.operator

    def create(name: str, country: str) -> object:
        return application.create_organisation(
            kind="provider", slug="harbour", name=name, country=country, actor=operator
        )

    for name, country in (("Hárbour College", "PH"), (NAME, "KE")):
        with pytest.raises(ConflictError) as caught:
            create(name, country)
        assert caught.value.code == "name_taken"
        with pytest.raises(ConflictError) as caught:
            application.enrol_national_body(operator, did=SECOND, name=name, country=country)
        assert caught.value.code == "name_taken"
    assert create(NAME, "PH")
