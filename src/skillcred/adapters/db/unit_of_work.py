"""One transaction over all repositories."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection, Engine, update
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from skillcred.adapters.db.batches import SqlStatusBatchRepository
from skillcred.adapters.db.branches import SqlBranchRepository
from skillcred.adapters.db.cases import SqlCaseRepository
from skillcred.adapters.db.change_counter import count_changes
from skillcred.adapters.db.classification import SqlClassificationRepository
from skillcred.adapters.db.engine import WRITES
from skillcred.adapters.db.faults import database_faults, translate
from skillcred.adapters.db.inspection import SqlStorageInspection
from skillcred.adapters.db.issuances import SqlIssuanceRepository
from skillcred.adapters.db.listed_bodies import SqlListedBodyRepository
from skillcred.adapters.db.offers import SqlOfferRepository
from skillcred.adapters.db.organisations import (
    SqlApiKeyRepository,
    SqlAuditRepository,
    SqlOrganisationRepository,
    SqlSigningKeyRepository,
)
from skillcred.adapters.db.presentations import SqlPresentationRepository
from skillcred.adapters.db.proposals import SqlProposalRepository
from skillcred.adapters.db.recognition_data import SqlRecognitionDataRepository
from skillcred.adapters.db.registry import SqlRegistryRepository
from skillcred.adapters.db.registry_log import SqlRegistryLogRepository
from skillcred.adapters.db.rows import ChangeCounterRow
from skillcred.adapters.db.seen_documents import SqlSeenDocumentRepository
from skillcred.adapters.db.statements import Statements
from skillcred.adapters.db.statuses import SqlStatusRepository
from skillcred.adapters.db.wallet_access import SqlWalletAccessRepository
from skillcred.errors import IntegrityError, UnavailableError
from skillcred.services.ports import CommitUnknownError, TransactionConflictError, UnitOfWork

WRITER_QUEUE_SECONDS: Final = 10
"""How long a thread waits for its turn to write to SQLite."""


class SqlUnitOfWork:
    """`UnitOfWork` over one SQLAlchemy session. Made by `SqlUnitOfWorkFactory`."""

    def __init__(self, session: Session, *, writes: bool) -> None:
        statements = Statements(session)
        self._session = session
        self._statements = statements
        self._writes = writes
        self.organisations = SqlOrganisationRepository(statements)
        self.signing_keys = SqlSigningKeyRepository(statements)
        self.registry = SqlRegistryRepository(statements)
        self.registry_log = SqlRegistryLogRepository(statements)
        self.branches = SqlBranchRepository(statements)
        self.proposals = SqlProposalRepository(statements)
        self.listed_bodies = SqlListedBodyRepository(statements)
        self.recognition_data = SqlRecognitionDataRepository(statements)
        self.cases = SqlCaseRepository(statements)
        self.classification = SqlClassificationRepository(statements)
        self.issuances = SqlIssuanceRepository(statements)
        self.statuses = SqlStatusRepository(statements)
        self.batches = SqlStatusBatchRepository(statements)
        self.inspection = SqlStorageInspection(statements)
        self.seen_documents = SqlSeenDocumentRepository(statements)
        self.api_keys = SqlApiKeyRepository(statements)
        self.audit = SqlAuditRepository(statements)
        self.offers = SqlOfferRepository(statements)
        self.wallet_access = SqlWalletAccessRepository(statements)
        self.presentations = SqlPresentationRepository(statements)

    def commit(self) -> None:
        """Make everything durable.

        Raises `TransactionConflictError` where the database says that it undid everything, and
        `CommitUnknownError` after any other failure, because then nobody can tell (SECURITY M19, F-04).
        """
        if not self._writes:
            raise IntegrityError("A unit of work that only reads was to be committed.", code="read_only_unit")
        try:
            self._count_changes()
        except TransactionConflictError:
            raise
        except UnavailableError as error:  # a part of committing: told as what comes after it is
            raise CommitUnknownError("It is not known whether the change was recorded.") from error
        try:
            self._session.commit()
        except SQLAlchemyError as error:
            fault = translate(error, "already_recorded")
            if isinstance(fault, TransactionConflictError):
                raise fault from error
            raise CommitUnknownError("It is not known whether the change was recorded.") from error

    def _count_changes(self) -> None:
        """Last of all statements, because PostgreSQL holds the row from here to the commit."""
        for area in count_changes(self._statements.changed_tables):
            counted = self._statements.change(
                update(ChangeCounterRow)
                .where(ChangeCounterRow.area == area.value)
                .values(changes=ChangeCounterRow.changes + 1)
            )
            if counted != 1:
                raise IntegrityError("Changes of an area are not counted.", code="change_counter_missing")


class SqlUnitOfWorkFactory:
    """Opens units of work on one engine.

    Writing ones run READ COMMITTED on PostgreSQL, with row locks where a decision rests on a row (`hold`); on
    SQLite they queue in this process first, so that a crowd of threads does not live on busy timeouts (F-08).
    Reading ones see one snapshot.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._embedded = engine.dialect.name == "sqlite"
        self._turn = threading.Lock()

    @contextmanager
    def __call__(self, *, writes: bool) -> Iterator[UnitOfWork]:
        """A unit of work; leaving it without `commit` rolls back."""
        queued = writes and self._embedded
        if queued and not self._turn.acquire(timeout=WRITER_QUEUE_SECONDS):
            raise UnavailableError("Too many changes are waiting to be written.", code="writer_queue_full")
        try:
            with database_faults():
                connection = self._connect(writes)
            try:
                yield from self._run(connection, writes)
            finally:
                self._close(connection)
        finally:
            if queued:
                self._turn.release()

    def _connect(self, writes: bool) -> Connection:
        connection = self._engine.connect()
        if self._embedded:
            return connection.execution_options(**{WRITES: writes})
        if writes:
            return connection
        return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @staticmethod
    def _run(connection: Connection, writes: bool) -> Iterator[UnitOfWork]:
        session = Session(bind=connection, expire_on_commit=False, autoflush=False)
        try:
            with database_faults():
                session.connection()  # BEGIN now: a busy database is found before any work is done
            yield SqlUnitOfWork(session, writes=writes)
        finally:
            session.close()

    @staticmethod
    def _close(connection: Connection) -> None:
        try:
            connection.close()
        except DBAPIError:
            connection.invalidate()
