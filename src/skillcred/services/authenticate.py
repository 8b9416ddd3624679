"""Who is it that shows this API key?"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from skillcred.errors import AuthenticationError
from skillcred.services.api_key_texts import digest, find_id
from skillcred.services.ports import UnitOfWorkFactory
from skillcred.services.records import Actor


@dataclass(frozen=True, slots=True)
class Authenticate:
    """The use case."""

    units: UnitOfWorkFactory

    def __call__(self, secret: str) -> Actor:
        """The organisation and role that `secret`, the text of an API key, stands for.

        Raises `AuthenticationError`, the same for a text that is no key, an unknown, a wrong and a revoked
        one.
        """
        api_key_id = find_id(secret)
        if api_key_id is not None:
            with self.units(writes=False) as unit:
                key = unit.api_keys.find(api_key_id)
                if (
                    key is not None
                    and hmac.compare_digest(key.secret_sha256, digest(secret))
                    and key.revoked_at is None
                ):
                    return Actor(key.id, unit.organisations.get(key.organisation_id), key.role)
        raise AuthenticationError("The API key is not valid.", code="invalid_api_key")
