"""The messages of a recorded request: its addresses, its link, and the request itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from skillcred.encoding.strict_json import parse_json
from skillcred.errors import InputError, IntegrityError
from skillcred.exchange.encryption import DecryptionKey
from skillcred.exchange.oid4vp.client_ids import parse_client_id
from skillcred.exchange.oid4vp.client_metadata import build_client_metadata
from skillcred.exchange.oid4vp.dcql import DcqlQuery, PresentationFormat, parse_dcql_query
from skillcred.exchange.oid4vp.purposes import get_purpose
from skillcred.exchange.oid4vp.requests import (
    AuthorizationRequest,
    encode_request_by_reference,
    encode_request_by_value,
)
from skillcred.exchange.sealing import seal, unseal
from skillcred.exchange.secrets import ExchangeSecret
from skillcred.services.offer_forms import SecretSource
from skillcred.services.ports import UnitOfWorkFactory
from skillcred.services.presentation_records import PresentationRequest, RequestMethod

REQUESTS_PATH: Final = "/oid4vp/requests/"
RESPONSES_PATH: Final = "/oid4vp/responses/"
CLIENT_NAME: Final = "{name} at {host}"
PAGE_NAME: Final = "skillcred at {host}"
ANSWER_TIME: Final = timedelta(minutes=5)
"""How long a wallet may take from fetching a request to answering it: somebody reads and agrees meanwhile."""
_KEY: Final = "presentation-encryption-key"


@dataclass(frozen=True, slots=True)
class PresentationMessages:
    """Builds them for one deployment."""

    base_url: str
    units: UnitOfWorkFactory
    secret: SecretSource

    def response_uri(self, handle: str) -> str:
        """Where the wallet answers."""
        return f"{self.base_url}{RESPONSES_PATH}{handle}"

    def request_uri(self, handle: str) -> str:
        """Where the wallet fetches the request."""
        return f"{self.base_url}{REQUESTS_PATH}{handle}"

    def link(self, request: PresentationRequest) -> str:
        """What the QR code holds, and what opens the wallet on the same device."""
        if request.request_method is RequestMethod.VALUE:
            return encode_request_by_value(self.build(request))
        return encode_request_by_reference(
            parse_client_id(request.client_id),
            self.request_uri(request.handle),
            post=request.request_method is RequestMethod.POST,
        )

    def build(self, request: PresentationRequest, wallet_nonce: str | None = None) -> AuthorizationRequest:
        """The request as the wallet reads it."""
        query = read_query(request)
        key = self.find_key(request)
        formats = {PresentationFormat(each.format) for each in query.credentials}
        return AuthorizationRequest(
            client_id=parse_client_id(request.client_id),
            response_uri=self.response_uri(request.handle),
            response_mode=request.response_mode,
            nonce=request.nonce,
            query=query,
            client_metadata=build_client_metadata(
                self._client_name(request),
                formats,
                None if key is None else key.public_jwk(),
                purpose=None if request.purpose is None else get_purpose(request.purpose).reason,
            ),
            state=request.oauth_state,
            wallet_nonce=wallet_nonce,
        )

    def _client_name(self, request: PresentationRequest) -> str:
        """What wallets may show as the name of the verifier: who asks, as the operator has recorded it, and at which
        address, which the person can compare. Whoever asks on the page is not known."""
        host = urlsplit(self.base_url).netloc
        if request.organisation_id is None:
            return PAGE_NAME.format(host=host)
        with self.units(writes=False) as unit:
            return CLIENT_NAME.format(name=unit.organisations.get(request.organisation_id).name, host=host)

    def seal_key(self, key: DecryptionKey, request_id: str) -> bytes:
        """A key of one request, to be stored."""
        return seal(self._secret, key.to_bytes(), _KEY, request_id)

    def find_key(self, request: PresentationRequest) -> DecryptionKey | None:
        """The key that the answer is to be encrypted to. Its name is the handle."""
        if request.encryption_key is None:
            return None
        opened = unseal(self._secret, request.encryption_key, _KEY, request.id)
        return DecryptionKey.from_bytes(opened, request.handle)

    @property
    def _secret(self) -> ExchangeSecret:
        return self.secret()


def read_query(request: PresentationRequest) -> DcqlQuery:
    """The query of a recorded request. Raises `IntegrityError` for one that is not what was recorded."""
    try:
        return parse_dcql_query(parse_json(request.query.encode("utf-8")))
    except InputError as error:
        raise IntegrityError("A recorded query cannot be read.", code="query_damaged") from error
