"""Sessions of people who work on pages. Each stands for the API key with which it began, and lasts no longer than it.

A session is a sealed cookie and nothing that is stored, so that every web process knows it; what is stored is that one
was ended (SECURITY W-16). It has an hour, whatever is done in it.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from skillcred.encoding.base64url import Base64UrlError, decode_base64url, encode_base64url
from skillcred.errors import AuthenticationError, ConflictError, IntegrityError
from skillcred.exchange.sealing import seal, unseal
from skillcred.services.authenticate import Authenticate
from skillcred.services.offer_forms import SecretSource
from skillcred.services.offer_records import UsedOnce
from skillcred.services.ports import Clock, UnitOfWork, UnitOfWorkFactory
from skillcred.services.records import Actor, AuditEntry
from skillcred.services.transactions import in_transaction

SESSION_LIFETIME: Final = timedelta(hours=1)
"""How long somebody stays signed in (OWASP ASVS 5.0, 7.3.1 and 7.3.2: one limit that holds for idle sessions, too)."""
MAX_COOKIE_CHARACTERS: Final = 512
"""Longest cookie that is looked at. Ours have about 180."""
_ID_BYTES: Final = 16
_PURPOSE: Final = "page_session"


class SignedOutError(AuthenticationError):
    """Nobody is signed in: there is no session, it was ended, its time is over, or its API key was revoked."""

    default_code = "signed_out"


@dataclass(frozen=True, slots=True)
class PageSession:
    """Who is signed in, until when, and what each form of this session has to bring along (SECURITY W-15)."""

    id: str
    actor: Actor
    expires_at: datetime
    form_token: str


@dataclass(frozen=True, slots=True)
class PageSessions:
    """Begins, finds and ends sessions."""

    units: UnitOfWorkFactory
    clock: Clock
    secret: SecretSource
    authenticate: Authenticate

    def begin(self, api_key: str) -> tuple[PageSession, str]:
        """A new session of the API key with that text, and its cookie. Raises `AuthenticationError`."""
        actor = self.authenticate(api_key)
        now = self.clock.now()
        session_id = secrets.token_urlsafe(_ID_BYTES)
        expires = int((now + SESSION_LIFETIME).timestamp())
        entry = AuditEntry(now, actor.api_key_id, actor.organisation.id, "sign_in", actor.api_key_id)
        in_transaction(self.units, lambda unit: unit.audit.add(entry))
        content = json.dumps({"api_key_id": actor.api_key_id, "expires_at": expires}).encode("ascii")
        sealed = seal(self.secret(), content, _PURPOSE, session_id)
        return self._session(session_id, actor, expires), f"{session_id}.{encode_base64url(sealed)}"

    def find(self, cookie: str | None) -> PageSession:
        """The session of a cookie. Raises `SignedOutError`, the same for whatever is wrong with it."""
        session_id, _, text = (cookie or "")[:MAX_COOKIE_CHARACTERS].partition(".")
        try:
            content = unseal(self.secret(), decode_base64url(text), _PURPOSE, session_id)
        except (Base64UrlError, IntegrityError) as error:
            raise SignedOutError("Nobody is signed in.") from error
        told = json.loads(content)
        api_key_id, expires = str(told["api_key_id"]), int(told["expires_at"])
        if self.clock.now().timestamp() < expires:
            with self.units(writes=False) as unit:
                key = unit.api_keys.find(api_key_id)
                ended = unit.wallet_access.find_used(_digest(session_id)) is not None
                if key is not None and key.revoked_at is None and not ended:
                    actor = Actor(key.id, unit.organisations.get(key.organisation_id), key.role)
                    return self._session(session_id, actor, expires)
        raise SignedOutError("Nobody is signed in.")

    def end(self, session: PageSession) -> None:
        """From now on the cookie is good for nothing, wherever it is. Ending it once more changes nothing."""
        actor = session.actor
        used = UsedOnce(_digest(session.id), "sign_out", session.expires_at)
        entry = AuditEntry(
            self.clock.now(), actor.api_key_id, actor.organisation.id, "sign_out", actor.api_key_id
        )

        def work(unit: UnitOfWork) -> None:
            unit.wallet_access.use_once(used)
            unit.audit.add(entry)

        try:
            in_transaction(self.units, work)
        except ConflictError as error:
            if error.code != "used_already":
                raise

    def build_visitor_token(self, visitor: str) -> str:
        """What the form for signing in has to bring along, from a browser with the cookie `visitor`."""
        return self.secret().derive_text("page_form", "visitor", visitor)

    def _session(self, session_id: str, actor: Actor, expires: int) -> PageSession:
        token = self.secret().derive_text("page_form", "session", session_id)
        return PageSession(session_id, actor, datetime.fromtimestamp(expires, UTC), token)


def _digest(session_id: str) -> str:
    return hashlib.sha256(f"{_PURPOSE} {session_id}".encode()).hexdigest()
