"""What the registry has recorded of somebody becomes a page: chains, states as of today, timeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from skillcred.errors import NotFoundError
from skillcred.services.accredit_provider import AccreditationRequest
from skillcred.services.records import Accreditation, Actor
from skillcred.trust import AccreditationScope, Action
from skillcred.web.pages.registry_view import EntityView, build_entity_view
from worlds.application import fill_demo_registry, open_in_memory_application

SINCE = datetime(2020, 1, 1, tzinfo=UTC)
SCOPE = AccreditationScope(("training",))
PASSING_ON = AccreditationScope(("training",), action=Action.ACCREDIT)


@dataclass
class Chain:
    """National body, board below it, college below that, and a provider elsewhere that the board knows by name."""

    demo: Any
    board: Actor
    college: Actor
    to_board: Accreditation
    to_college: Accreditation

    def view(self, did: str) -> EntityView:
        application = self.demo.application
        return build_entity_view(application.get_registry_entity(did), application.clock.now())

    def change(self, actor: Actor, accreditation: Accreditation, kind: str, effective_at: datetime) -> None:
        self.demo.application.change_accreditation(
            actor, accreditation.id, kind=kind, effective_at=effective_at, reason="Because."
        )


@pytest.fixture
def chain() -> Chain:
    demo = fill_demo_registry(open_in_memory_application())
    application = demo.application

    def organisation(kind: str, slug: str, name: str) -> Any:
        return application.create_organisation(
            kind=kind, slug=slug, name=name, country="KE", actor=demo.operator
        )

    board, college = (
        organisation("national_body", "board", "Board"),
        organisation("provider", "college", "College"),
    )
    actor = application.local_actor("body_admin", board.id)

    def accredit(by: Actor, did: str, name: str, scope: AccreditationScope, key: str) -> Accreditation:
        return application.accredit_provider(by, AccreditationRequest(did, name, scope, SINCE), key)

    to_board = accredit(demo.body, board.did, "Board", PASSING_ON, "board")
    to_college = accredit(actor, college.did, "Signed College", SCOPE, "college")
    accredit(actor, "did:web:far.example", "Far School", SCOPE, "far")
    return Chain(demo, actor, application.local_actor("issuer", college.id), to_board, to_college)


def test_provider_stands_by_a_chain_from_the_national_body(chain: Chain) -> None:
    view = chain.view(chain.college.organisation.did)
    assert (view.name, view.named_by, view.stands, view.is_body) == ("College", None, True, False)
    (held,) = view.held
    assert [link.party.name for link in held.chain] == ["Demo Qualifications Authority", "Board"]
    assert [link.country for link in held.chain] == ["KE", None]


@pytest.mark.parametrize("kind", ["suspended", "ended", "withdrawn"])
def test_provider_does_not_stand_when_somebody_above_stopped(chain: Chain, kind: str) -> None:
    chain.change(chain.demo.body, chain.to_board, kind, chain.demo.application.clock.now())
    view = chain.view(chain.college.organisation.did)
    (held,) = view.held
    assert held.state.in_force
    assert not view.stands
    assert (held.chain[1].state.label, held.chain[0].state.in_force) == (kind, True)


def test_what_is_to_come_has_not_happened_yet(chain: Chain) -> None:
    later = chain.demo.application.clock.now() + timedelta(days=1)
    chain.change(chain.board, chain.to_college, "ended", later)
    view = chain.view(chain.college.organisation.did)
    assert view.stands
    assert view.timeline[0].kind == "ended"
    history = chain.demo.application.get_registry_entity(view.did)
    assert not build_entity_view(history, later).stands


def test_name_of_somebody_elsewhere_is_that_of_the_signer(chain: Chain) -> None:
    view = chain.view("did:web:far.example")
    assert view.name == "Far School"
    assert view.named_by is not None
    assert view.named_by.name == "Board"


def test_body_shows_who_is_below_it_and_what_happened_with_both_times(chain: Chain) -> None:
    effective = datetime(2024, 1, 1, tzinfo=UTC)
    chain.change(chain.board, chain.to_college, "suspended", effective)
    board = chain.view(chain.board.organisation.did)
    assert board.is_body
    assert board.body is None
    assert board.may_accredit == (PASSING_ON,)
    assert [entry.other.name for entry in board.providers] == ["College", "Far School"]
    latest = board.timeline[0]
    assert (latest.kind, latest.about and latest.about.name, latest.by) == ("suspended", "College", False)
    assert (latest.effective_at, latest.recorded_at) == (effective, chain.demo.application.clock.now())
    national = chain.view(chain.demo.body.organisation.did)
    assert [entry.other.name for entry in national.below] == ["Board"]
    assert chain.to_board.recorded_at >= effective
    assert {line.kind for line in national.timeline} == {"enrolled", "accredited"}


def test_accreditation_that_leads_to_nobody_enrolled_has_no_chain(chain: Chain) -> None:
    history = chain.demo.application.get_registry_entity(chain.college.organisation.did)
    history.above.pop(chain.demo.body.organisation.did)
    view = build_entity_view(history, chain.demo.application.clock.now())
    assert view.held[0].chain == ()
    assert not view.stands


def test_whoever_was_neither_enrolled_nor_accredited_is_not_there(chain: Chain) -> None:
    with pytest.raises(NotFoundError):
        chain.view(chain.demo.stranger.organisation.did)
