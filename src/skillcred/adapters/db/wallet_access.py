"""Authorization requests and access tokens of wallets, and what may be used once only."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update

from skillcred.adapters.db.offer_rows import UsedOnceRow, WalletAuthorizationRow, WalletTokenRow
from skillcred.adapters.db.statements import Statements
from skillcred.errors import NotFoundError
from skillcred.services.offer_records import UsedOnce, WalletAuthorization, WalletToken
from skillcred.services.ports import Hold

_CHANGING: Final = ("code_digest", "code_expires_at", "redeemed_at")


class SqlWalletAccessRepository:
    """`WalletAccessRepository` in SQL."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def add_authorization(self, authorization: WalletAuthorization) -> None:
        """Record. Raises `ConflictError` (`authorization_taken`)."""
        lists = {"configuration_ids": " ".join(authorization.configuration_ids)}
        self._statements.insert(
            WalletAuthorizationRow(**asdict(authorization) | lists), taken="authorization_taken"
        )

    def find_authorization(
        self, request_digest: str, *, hold: Hold | None = None
    ) -> WalletAuthorization | None:
        """The request that a `request_uri` stands for."""
        return self._find(hold, WalletAuthorizationRow.request_digest == request_digest)

    def find_authorization_by_code(
        self, code_digest: str, *, hold: Hold | None = None
    ) -> WalletAuthorization | None:
        """The request that an authorization code was given for."""
        return self._find(hold, WalletAuthorizationRow.code_digest == code_digest)

    def update_authorization(self, authorization: WalletAuthorization) -> None:
        """Replace what changes of a request. Raises `NotFoundError`."""
        row = WalletAuthorizationRow
        values = {name: getattr(authorization, name) for name in _CHANGING}
        if self._statements.change(update(row).where(row.id == authorization.id).values(values)) != 1:
            raise NotFoundError("There is no such authorization.")

    def add_token(self, token: WalletToken) -> None:
        """Record. Raises `ConflictError` (`token_taken`)."""
        lists = {"configuration_ids": " ".join(token.configuration_ids)}
        self._statements.insert(WalletTokenRow(**asdict(token) | lists), taken="token_taken")

    def find_token(self, digest: str) -> WalletToken | None:
        """The access token with that digest, revoked or not."""
        row = self._statements.find(select(WalletTokenRow).where(WalletTokenRow.digest == digest))
        if row is None:
            return None
        return WalletToken(
            digest=row.digest,
            organisation_id=row.organisation_id,
            offer_id=row.offer_id,
            configuration_ids=tuple(row.configuration_ids.split()),
            client_id=row.client_id,
            thumbprint=row.thumbprint,
            issued_at=row.issued_at,
            expires_at=row.expires_at,
            authorization_id=row.authorization_id,
            revoked_at=row.revoked_at,
        )

    def revoke_tokens(self, authorization_id: str, *, at: datetime) -> int:
        """Revoke all tokens that came of an authorization."""
        row = WalletTokenRow
        return self._statements.change(
            update(row)
            .where(row.authorization_id == authorization_id, row.revoked_at.is_(None))
            .values(revoked_at=at)
        )

    def use_once(self, used: UsedOnce) -> None:
        """Record that something was used. Raises `ConflictError` (`used_already`)."""
        self._statements.insert(UsedOnceRow(**asdict(used)), taken="used_already")

    def find_used(self, digest: str) -> UsedOnce | None:
        """Who used it, if it was used."""
        row = self._statements.find(select(UsedOnceRow).where(UsedOnceRow.digest == digest))
        return None if row is None else UsedOnce(row.digest, row.used_by, row.expires_at)

    def remove_expired(self, *, before: datetime) -> int:
        """Remove used things, tokens and requests that ended before an instant."""
        tables = (UsedOnceRow, WalletTokenRow, WalletAuthorizationRow)
        return sum(self._statements.remove(row, row.expires_at < before) for row in tables)

    def _find(self, hold: Hold | None, *conditions: Any) -> WalletAuthorization | None:
        row = self._statements.find(select(WalletAuthorizationRow).where(*conditions), hold=hold)
        if row is None:
            return None
        return WalletAuthorization(
            id=row.id,
            organisation_id=row.organisation_id,
            offer_id=row.offer_id,
            request_digest=row.request_digest,
            client_id=row.client_id,
            redirect_uri=row.redirect_uri,
            state=row.state,
            code_challenge=row.code_challenge,
            thumbprint=row.thumbprint,
            configuration_ids=tuple(row.configuration_ids.split()),
            created_at=row.created_at,
            expires_at=row.expires_at,
            code_digest=row.code_digest,
            code_expires_at=row.code_expires_at,
            redeemed_at=row.redeemed_at,
        )
