"""A body vouches for rules of the recognition data: it signs digests of records, and the operator takes that over.

What is vouched for is the record as it is written, by the SHA-256 of its canonical form (RFC 8785). A record that
changes in a later release is not vouched for any more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from skillcred.encoding.jcs import encode_jcs
from skillcred.encoding.json_types import JsonObject
from skillcred.errors import InputError, NotFoundError
from skillcred.linkeddata import OWN_CONTEXT_RECOGNITION, V2
from skillcred.model.datetimes import format_instant
from skillcred.model.findings import items_of
from skillcred.model.outcomes import Verdict
from skillcred.profiles.schemas import load_schema
from skillcred.profiles.statement import VOUCHING_SCHEMA, VOUCHING_SCHEMA_ID, VOUCHING_TYPE
from skillcred.recognition.load import load_shipped_rows
from skillcred.recognition.records import Vouching
from skillcred.services.identities import STATEMENTS_PATH
from skillcred.services.issuing import DEFAULT_MECHANISM, IssuingMachine, IssuingOrder
from skillcred.services.permissions import require_role
from skillcred.services.ports import Clock, UnitOfWork, UnitOfWorkFactory
from skillcred.services.recognition_cases import require_authority
from skillcred.services.recognition_data_ports import StoredVouching
from skillcred.services.records import Actor, AuditEntry, IssuancePurpose, Role, StoredCredential
from skillcred.services.transactions import in_transaction
from skillcred.services.verify_document import VerifyDocument

PROFILE: Final = "rule-vouching"
MAX_RULES: Final = 200
"""Most rules in one vouching."""
MAX_VOUCHING_BYTES: Final = 512 * 1024


class VouchingError(InputError):
    """A vouching cannot be taken. Codes: `vouching_not_valid`, `vouching_of_another_kind`, `vouching_rule_unknown`,
    `vouching_rule_changed`, `vouching_too_many_rules`."""

    default_code = "vouching_not_valid"


@dataclass(frozen=True, slots=True)
class CheckedVouching:
    """A vouching that verified: for which records, and who it is. `changed` are records that are another now."""

    vouchings: tuple[Vouching, ...]
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VouchForRules:
    """The use cases."""

    units: UnitOfWorkFactory
    clock: Clock
    verify_document: VerifyDocument
    issuing: IssuingMachine

    def sign(self, actor: Actor, rule_ids: Sequence[str], idempotency_key: str) -> StoredCredential:
        """A body of this deployment signs records as they are now. Raises `AuthorisationError`
        (`authority_not_enrolled`), `VouchingError`."""
        require_role(actor, Role.BODY_ADMIN)
        with self.units(writes=False) as unit:
            require_authority(unit, actor.organisation.did, self.clock.now())
        subject = build_vouching_subject(rule_ids)
        issuer: JsonObject = {"id": actor.organisation.did, "name": actor.organisation.name}

        def build(credential_id: str, at: datetime) -> JsonObject:
            return {
                "@context": [V2, OWN_CONTEXT_RECOGNITION],
                "id": credential_id,
                "type": ["VerifiableCredential", VOUCHING_TYPE],
                "issuer": issuer,
                "validFrom": format_instant(at),
                "credentialSubject": [*subject],
                "credentialSchema": {"id": VOUCHING_SCHEMA_ID, "type": "JsonSchema"},
            }

        return self.issuing(
            IssuingOrder(
                actor=actor,
                purpose=IssuancePurpose.STATEMENT,
                idempotency_key=idempotency_key,
                request={"subject": [*subject]},
                profile=PROFILE,
                profile_sha256=hashlib.sha256(encode_jcs(load_schema(VOUCHING_SCHEMA))).hexdigest(),
                mechanism=DEFAULT_MECHANISM,
                path=STATEMENTS_PATH,
                build=build,
                revocable=False,
            )
        )

    def add(self, actor: Actor, content: bytes) -> CheckedVouching:
        """The operator takes over what an enrolled body signed. Raises `AuthorisationError`, `VouchingError`,
        `ConflictError` (`vouching_taken`)."""
        require_role(actor, Role.OPERATOR)
        if len(content) > MAX_VOUCHING_BYTES:
            raise VouchingError("The vouching is too large.", code="vouching_too_many_rules")
        checked = self.check(content)
        if checked.changed:
            raise VouchingError(
                f"The records are others here: {', '.join(checked.changed[:5])}.",
                code="vouching_rule_changed",
            )
        digest = hashlib.sha256(content).hexdigest()

        def work(unit: UnitOfWork) -> None:
            now = self.clock.now()
            unit.recognition_data.add_vouching(StoredVouching(digest, content, now, actor.api_key_id))
            unit.audit.add(
                AuditEntry(now, actor.api_key_id, actor.organisation.id, "add_rule_vouching", digest)
            )

        in_transaction(self.units, work)
        return checked

    def list_all(self, actor: Actor) -> list[StoredVouching]:
        """What was taken over. Raises `AuthorisationError`."""
        require_role(actor, Role.OPERATOR)
        with self.units(writes=False) as unit:
            return unit.recognition_data.list_vouchings()

    def remove(self, actor: Actor, sha256: str) -> None:
        """Take a vouching out again. Raises `NotFoundError`."""
        require_role(actor, Role.OPERATOR)

        def work(unit: UnitOfWork) -> None:
            if not unit.recognition_data.remove_vouching(sha256):
                raise NotFoundError("There is no such vouching.", code="unknown_vouching")
            unit.audit.add(
                AuditEntry(
                    self.clock.now(), actor.api_key_id, actor.organisation.id, "remove_rule_vouching", sha256
                )
            )

        in_transaction(self.units, work)

    def check(self, content: bytes) -> CheckedVouching:
        """Verify a vouching now: proof, issuer, validity, and that the issuer is an enrolled body. Raises
        `VouchingError`."""
        report = self.verify_document(content).report
        facts, claims = report.facts, report.claims
        if facts is None or claims is None or VOUCHING_TYPE not in facts.types:
            raise VouchingError(
                "This is no credential in which a body vouches for rules.", code="vouching_of_another_kind"
            )
        if report.verdict is not Verdict.VALID:
            raise VouchingError(f"The vouching does not verify: {report.reason}.")
        since = "" if facts.valid_from is None else facts.valid_from.date().isoformat()
        name = report.issuer_registered_name or facts.issuer_name or str(facts.issuer_id)
        good: list[Vouching] = []
        changed: list[str] = []
        for item, _ in items_of(claims.get("credentialSubject"), ""):
            if isinstance(item, dict):
                rule_id, digest = str(item.get("ruleId")), item.get("ruleSha256")
                if find_digest(rule_id) != digest:
                    changed.append(rule_id)
                else:
                    good.append(Vouching(rule_id, str(facts.issuer_id), name, since))
        return CheckedVouching(tuple(good), tuple(changed))


def build_vouching_subject(rule_ids: Sequence[str]) -> list[JsonObject]:
    """The records with their digests. Raises `VouchingError`."""
    if not rule_ids or len(rule_ids) > MAX_RULES or len(set(rule_ids)) != len(rule_ids):
        raise VouchingError(
            f"Name 1 to {MAX_RULES} rules, each once.", code="vouching_too_many_rules", pointer="/rules"
        )
    rows = load_shipped_rows()
    found: list[JsonObject] = []
    for place, rule_id in enumerate(rule_ids):
        row: Mapping[str, Any] | None = rows.get(rule_id)
        digest = find_digest(rule_id)
        if row is None or digest is None:
            raise VouchingError(
                "There is no such rule.", code="vouching_rule_unknown", pointer=f"/rules/{place}"
            )
        found.append(
            {
                "type": "RecognitionRule",
                "ruleId": rule_id,
                "ruleVersion": int(row["version"]),
                "ruleSha256": digest,
            }
        )
    return found


def find_digest(rule_id: str) -> str | None:
    """SHA-256 of the canonical form of a shipped record, hex; `None` where there is none of that id."""
    row = load_shipped_rows().get(rule_id)
    return None if row is None else hashlib.sha256(encode_jcs(dict(row))).hexdigest()
