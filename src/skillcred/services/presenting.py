"""All use cases of presenting, put together."""

from __future__ import annotations

from dataclasses import dataclass

from skillcred.services.create_presentation_request import CreatePresentationRequest
from skillcred.services.delete_presentation_request import DeletePresentationRequest
from skillcred.services.finish_presentation import FinishPresentation
from skillcred.services.get_presentation_request import GetPresentationRequest
from skillcred.services.get_request_object import GetRequestObject
from skillcred.services.offer_forms import SecretSource
from skillcred.services.ports import Clock, CrashPoint, SignerSource, UnitOfWorkFactory
from skillcred.services.presentation_clients import VerifierClients
from skillcred.services.presentation_messages import PresentationMessages
from skillcred.services.presentation_ports import VerifierCertificates
from skillcred.services.purge_presentations import PurgePresentations
from skillcred.services.receive_presentation import ReceivePresentation
from skillcred.services.verify_document import VerifyDocument


@dataclass(frozen=True, slots=True)
class Presenting:
    """OpenID4VP, the verifier's side."""

    create_request: CreatePresentationRequest
    get_request_object: GetRequestObject
    receive: ReceivePresentation
    get_request: GetPresentationRequest
    delete_request: DeletePresentationRequest
    purge: PurgePresentations


def build_presenting(
    base_url: str,
    units: UnitOfWorkFactory,
    clock: Clock,
    signers: SignerSource,
    certificates: VerifierCertificates,
    verify_document: VerifyDocument,
    secret: SecretSource,
    crash_point: CrashPoint,
) -> Presenting:
    """The use cases over these adapters."""
    clients = VerifierClients(base_url, units, signers, certificates)
    messages = PresentationMessages(base_url, units, secret)
    finish = FinishPresentation(units, clock, verify_document, secret, crash_point)
    return Presenting(
        CreatePresentationRequest(units, clock, clients, messages),
        GetRequestObject(units, clock, clients, messages),
        ReceivePresentation(units, clock, messages, finish, crash_point),
        GetPresentationRequest(units, clock, messages, finish),
        DeletePresentationRequest(units, clock),
        PurgePresentations(units, clock),
    )
