"""What every storage of offers, access tokens and used things promises."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from skillcred.errors import ConflictError, NotFoundError
from skillcred.services.offer_records import (
    Offer,
    OfferGrant,
    UsedOnce,
    WalletAuthorization,
    WalletDelivery,
    WalletToken,
)
from skillcred.services.ports import Hold, UnitOfWorkFactory
from skillcred.services.records import Organisation, OrganisationKind

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ORGANISATION = Organisation(
    "org", OrganisationKind.PROVIDER, "school", "did:web:example", "A School", "KE", AT
)


def offer(name: str = "one", **changes: object) -> Offer:
    made = Offer(
        id=name,
        organisation_id="org",
        idempotency_key=f"key-{name}",
        request_sha256="0" * 64,
        profile="training",
        configuration_ids=("training-v1-dc-sd-jwt", "training-v1-ldp-vc"),
        claims=b'{"name":"Welding"}',
        revocable=True,
        grants=(OfferGrant.PRE_AUTHORISED_CODE, OfferGrant.AUTHORISATION_CODE),
        deferred=False,
        code_digest=f"code-{name}",
        reference_digest=f"reference-{name}",
        issuer_state_digest=f"state-{name}",
        tx_code_digest=None,
        created_at=AT,
        expires_at=AT + HOUR,
        created_by="local",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def delivery(name: str = "d", **changes: object) -> WalletDelivery:
    made = WalletDelivery(
        id=name,
        organisation_id="org",
        offer_id="one",
        configuration_id="training-v1-dc-sd-jwt",
        holders=b"[]",
        transaction_digest=f"transaction-{name}",
        notification_digest=f"notification-{name}",
        requested_at=AT,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def authorization(name: str = "a", **changes: object) -> WalletAuthorization:
    made = WalletAuthorization(
        id=name,
        organisation_id="org",
        offer_id="one",
        request_digest=f"request-{name}",
        client_id="wallet",
        redirect_uri="https://wallet.example/cb",
        state=None,
        code_challenge="c" * 43,
        thumbprint="t" * 43,
        configuration_ids=("training-v1-dc-sd-jwt",),
        created_at=AT,
        expires_at=AT + HOUR,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def token(name: str = "t", **changes: object) -> WalletToken:
    made = WalletToken(name, "org", "one", ("training-v1-ldp-vc",), None, None, AT, AT + HOUR)
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.fixture
def filled(units: UnitOfWorkFactory) -> UnitOfWorkFactory:
    with units(writes=True) as unit:
        unit.organisations.add(ORGANISATION)
        unit.offers.add(offer())
        unit.commit()
    return units


def test_an_offer_is_found_by_all_its_names(filled: UnitOfWorkFactory) -> None:
    with filled(writes=False) as unit:
        found = [
            unit.offers.find("one"),
            unit.offers.find_by_key("org", "key-one"),
            unit.offers.find_by_code("code-one"),
            unit.offers.find_by_reference("reference-one"),
            unit.offers.find_by_issuer_state("state-one"),
            *unit.offers.list_for("org", limit=10),
        ]
        assert found == [offer()] * 6
        assert unit.offers.find_by_code("code-two") is None
        assert unit.offers.find_by_key("other", "key-one") is None
        assert unit.offers.list_for("other", limit=10) == []


@pytest.mark.parametrize(
    "twin",
    [{"id": "one"}, {"idempotency_key": "key-one"}, {"code_digest": "code-one"},
     {"reference_digest": "reference-one"}, {"issuer_state_digest": "state-one"}],
)  # fmt: skip
def test_no_name_is_given_twice(filled: UnitOfWorkFactory, twin: dict[str, str]) -> None:
    with filled(writes=True) as unit, pytest.raises(ConflictError) as caught:
        unit.offers.add(offer("two", **twin))
    assert caught.value.code == "offer_taken"


def test_the_latest_offers_come_first(filled: UnitOfWorkFactory) -> None:
    with filled(writes=True) as unit:
        unit.offers.add(offer("two"))
        unit.offers.add(offer("three"))
        unit.commit()
    with filled(writes=False) as unit:
        assert [found.id for found in unit.offers.list_for("org", limit=2)] == ["three", "two"]
        assert [found.id for found in unit.offers.list_for("org", offset=1, limit=1)] == ["two"]


def test_what_happens_to_an_offer_is_kept(filled: UnitOfWorkFactory) -> None:
    changed = offer(wrong_attempts=3, claimed_at=AT, released_at=AT + HOUR, claims=None)
    with filled(writes=True) as unit:
        held = unit.offers.find("one", hold=Hold.EXCLUSIVE)
        assert held == offer()
        unit.offers.update(replace(changed, profile="other"))
        with pytest.raises(NotFoundError):
            unit.offers.update(offer("two"))
        unit.commit()
    with filled(writes=False) as unit:
        assert unit.offers.find("one") == changed


def test_claims_are_erased_when_nothing_can_come_of_them(filled: UnitOfWorkFactory) -> None:
    later = AT + timedelta(days=1)
    with filled(writes=True) as unit:
        for name, changes in {
            "withdrawn": {"withdrawn_at": AT},
            "claimed": {"claimed_at": AT},
            "just claimed": {"claimed_at": later},
            "open": {"expires_at": later + HOUR},
            "waiting": {"claimed_at": AT, "deferred": True},
            "released": {"claimed_at": AT, "deferred": True, "released_at": AT},
            "long released": {"claimed_at": AT, "deferred": True, "released_at": AT - HOUR},
        }.items():
            unit.offers.add(offer(name, **changes))
        instants = {"expired_before": later, "claimed_before": later, "released_before": AT}
        assert unit.offers.erase_claims(**instants) == 3
        assert unit.offers.erase_claims(**instants) == 0
        assert unit.offers.erase_claims(**instants | {"released_before": later}) == 2
        unit.commit()
    with filled(writes=False) as unit:
        kept = {found.id for found in unit.offers.list_for("org", limit=10) if found.claims is not None}
    assert kept == {"just claimed", "open", "waiting"}


def test_one_delivery_for_an_offer_and_configuration(filled: UnitOfWorkFactory) -> None:
    with filled(writes=True) as unit:
        unit.offers.add_delivery(delivery())
        unit.offers.add_delivery(delivery("e", configuration_id="training-v1-ldp-vc"))
        unit.commit()
    with filled(writes=True) as unit, pytest.raises(ConflictError) as caught:
        unit.offers.add_delivery(delivery("f"))
    assert caught.value.code == "delivery_taken"
    with filled(writes=False) as unit:
        assert unit.offers.find_delivery("one", "training-v1-dc-sd-jwt") == delivery()
        assert unit.offers.find_transaction("transaction-d") == delivery()
        assert unit.offers.find_notified("notification-d") == delivery()
        assert unit.offers.find_transaction("notification-d") is None
        assert [found.id for found in unit.offers.list_deliveries("one")] == ["d", "e"]
        assert unit.offers.list_deliveries("two") == []


def test_what_happens_to_a_delivery_is_kept(filled: UnitOfWorkFactory) -> None:
    changed = delivery(
        credential_id="c", delivered_at=AT, collected_at=AT, event="credential_accepted", event_at=AT + HOUR
    )
    with filled(writes=True) as unit:
        unit.offers.add_delivery(delivery())
        unit.offers.update_delivery(replace(changed, holders=b"[1]"))
        with pytest.raises(NotFoundError):
            unit.offers.update_delivery(delivery("e"))
        unit.commit()
    with filled(writes=False) as unit:
        assert unit.offers.find_transaction("transaction-d", hold=None) == changed


def test_authorization_requests(filled: UnitOfWorkFactory) -> None:
    changed = authorization(code_digest="code", code_expires_at=AT, redeemed_at=AT)
    with filled(writes=True) as unit:
        unit.wallet_access.add_authorization(authorization())
        assert unit.wallet_access.find_authorization("request-a", hold=Hold.EXCLUSIVE) == authorization()
        assert unit.wallet_access.find_authorization_by_code("code") is None
        unit.wallet_access.update_authorization(changed)
        with pytest.raises(NotFoundError):
            unit.wallet_access.update_authorization(authorization("b"))
        unit.commit()
    with filled(writes=False) as unit:
        assert unit.wallet_access.find_authorization_by_code("code") == changed
    with filled(writes=True) as unit, pytest.raises(ConflictError) as caught:
        unit.wallet_access.add_authorization(authorization("b", request_digest="request-a"))
    assert caught.value.code == "authorization_taken"


def test_tokens_are_revoked_together(filled: UnitOfWorkFactory) -> None:
    with filled(writes=True) as unit:
        unit.wallet_access.add_token(token())
        unit.wallet_access.add_token(token("u", authorization_id="a", client_id="w", thumbprint="x"))
        unit.wallet_access.add_token(token("v", authorization_id="a"))
        assert unit.wallet_access.revoke_tokens("a", at=AT) == 2
        assert unit.wallet_access.revoke_tokens("a", at=AT + HOUR) == 0
        unit.commit()
    with filled(writes=False) as unit:
        assert unit.wallet_access.find_token("t") == token()
        assert unit.wallet_access.find_token("u") == token(
            "u", authorization_id="a", client_id="w", thumbprint="x", revoked_at=AT
        )
        assert unit.wallet_access.find_token("w") is None
    with filled(writes=True) as unit, pytest.raises(ConflictError) as caught:
        unit.wallet_access.add_token(token())
    assert caught.value.code == "token_taken"


def test_what_was_used_is_not_used_again(units: UnitOfWorkFactory) -> None:
    used = UsedOnce("digest", "request", AT)
    with units(writes=True) as unit:
        unit.wallet_access.use_once(used)
        unit.commit()
    with units(writes=True) as unit, pytest.raises(ConflictError) as caught:
        unit.wallet_access.use_once(UsedOnce("digest", "another", AT))
    assert caught.value.code == "used_already"
    with units(writes=False) as unit:
        assert unit.wallet_access.find_used("digest") == used
        assert unit.wallet_access.find_used("other") is None


def test_what_ended_is_removed(filled: UnitOfWorkFactory) -> None:
    with filled(writes=True) as unit:
        unit.wallet_access.add_token(token())
        unit.wallet_access.add_token(token("later", expires_at=AT + 2 * HOUR))
        unit.wallet_access.add_authorization(authorization())
        unit.wallet_access.use_once(UsedOnce("digest", "request", AT))
        assert unit.wallet_access.remove_expired(before=AT + 2 * HOUR) == 3
        unit.commit()
    with filled(writes=False) as unit:
        assert unit.wallet_access.find_token("t") is None
        assert unit.wallet_access.find_token("later") is not None
        assert unit.offers.find("one") is not None
