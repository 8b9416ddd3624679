"""A wallet fetches a request (OID4VP 1.0 sections 5.4 and 5.10; RFC 9101)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from skillcred.errors import InputError, NotFoundError
from skillcred.exchange.oid4vp.requests import build_request_object, is_wallet_nonce
from skillcred.securing.jose.envelope import encode_compact_jws
from skillcred.services.ports import Clock, UnitOfWork, UnitOfWorkFactory
from skillcred.services.presentation_clients import VerifierClients
from skillcred.services.presentation_messages import ANSWER_TIME, PresentationMessages
from skillcred.services.presentation_records import OPEN_STATES, PresentationState, RequestMethod
from skillcred.services.transactions import in_transaction


@dataclass(frozen=True, slots=True)
class GetRequestObject:
    """The use case."""

    units: UnitOfWorkFactory
    clock: Clock
    clients: VerifierClients
    messages: PresentationMessages

    def __call__(self, handle: str, *, wallet_nonce: str | None = None) -> bytes:
        """The signed request object, the same bytes each time for the same `wallet_nonce` (SECURITY R-09). From the
        first time on the wallet has some minutes to answer.

        Raises `NotFoundError` for a request that does not exist, or cannot be answered any more; `InputError`
        (`invalid_wallet_nonce`), `ConflictError` (`client_id_gone`), `UnavailableError`.
        """
        if wallet_nonce is not None and not is_wallet_nonce(wallet_nonce):
            raise InputError("The wallet_nonce is not one that is repeated.", code="invalid_wallet_nonce")
        now = self.clock.now()
        with self.units(writes=False) as unit:
            request = unit.presentations.find_by_handle(handle)
        if (
            request is None
            or request.request_method is RequestMethod.VALUE
            or not request.state_at(now).is_open
        ):
            raise NotFoundError("There is no such request.")
        asked = self.messages.build(request, wallet_nonce)
        by = self.clients.get_signer(asked.client_id)
        signing_input = build_request_object(
            asked,
            algorithm=by.signer.public_key.algorithm,
            at=request.created_at,
            expires_at=request.created_at + ANSWER_TIME * 3,
            key_id=by.key_id,
            certificates=by.certificates,
        )
        token = encode_compact_jws(signing_input, by.signer.sign(signing_input))
        if request.state is PresentationState.CREATED:
            fetched = replace(
                request, state=PresentationState.FETCHED, fetched_at=now, expires_at=now + ANSWER_TIME
            )

            def work(unit: UnitOfWork) -> bool:
                if unit.presentations.replace(fetched, expected=[PresentationState.CREATED]):
                    return True
                stored = unit.presentations.find(fetched.id)
                return stored is not None and stored.state in OPEN_STATES

            if not in_transaction(self.units, work):
                raise NotFoundError("There is no such request.")
        return token
