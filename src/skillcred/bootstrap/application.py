"""What the composition root hands out: the adapters that were chosen, and all use cases over them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from skillcred.adapters.certificates import NoCertificate
from skillcred.adapters.crash_points import no_crash
from skillcred.adapters.metrics import ProcessMetrics
from skillcred.adapters.trust_anchors import ConfiguredTrustAnchors
from skillcred.model.outcomes import EvidenceKind
from skillcred.services.accredit_provider import AccreditProvider
from skillcred.services.answer_trust_query import AnswerTrustQuery
from skillcred.services.assess_recognition_case import AssessRecognitionCase
from skillcred.services.authenticate import Authenticate
from skillcred.services.cancel_status_batch import CancelStatusBatch
from skillcred.services.certify_key import CertifyKey, RequestCertificate
from skillcred.services.change_accreditation import ChangeAccreditation
from skillcred.services.change_enrolment import ChangeEnrolment
from skillcred.services.change_status import ChangeStatus
from skillcred.services.check_readiness import CheckReadiness
from skillcred.services.check_storage import CheckStorage
from skillcred.services.compare_registry_tables import CompareRegistryTables
from skillcred.services.create_api_key import CreateApiKey
from skillcred.services.create_key import CreateKey
from skillcred.services.create_organisation import CreateOrganisation
from skillcred.services.decide_proposal import DecideProposal
from skillcred.services.enrol_national_body import EnrolNationalBody
from skillcred.services.erase_case_evidence import EraseCaseEvidence
from skillcred.services.export_trusted_list import ExportTrustedList
from skillcred.services.get_accreditation import GetAccreditation
from skillcred.services.get_credential import GetCredential
from skillcred.services.get_national_body import GetNationalBody
from skillcred.services.get_past_status_list import GetPastStatusList
from skillcred.services.get_registry_age import GetRegistryAge
from skillcred.services.get_registry_entity import GetRegistryEntity
from skillcred.services.get_registry_entry import GetRegistryEntry
from skillcred.services.get_status_batch import GetStatusBatch
from skillcred.services.hand_in_accreditation import HandInAccreditation
from skillcred.services.hand_in_branch import HandInBranch
from skillcred.services.import_esco import ImportEsco
from skillcred.services.import_listed_bodies import ImportListedBodies
from skillcred.services.import_recognition_table import ImportRecognitionTable
from skillcred.services.interop import Interop
from skillcred.services.issue_credential import IssueCredential
from skillcred.services.issue_recognition_statement import IssueRecognitionStatement
from skillcred.services.list_accreditations import ListAccreditations
from skillcred.services.list_api_keys import ListApiKeys
from skillcred.services.list_keys import ListKeys
from skillcred.services.list_listed_bodies import ListListedBodies
from skillcred.services.list_national_bodies import ListNationalBodies
from skillcred.services.list_organisations import ListOrganisations
from skillcred.services.list_proposals import ListProposals
from skillcred.services.list_status_lists import ListStatusLists
from skillcred.services.local_actor import LocalActor
from skillcred.services.make_checkpoint import MakeCheckpoint
from skillcred.services.offer_forms import SecretSource
from skillcred.services.page_sessions import PageSessions
from skillcred.services.ports import (
    Clock,
    CrashPoint,
    DatabaseCheck,
    EvidenceSource,
    KeyManager,
    UnitOfWorkFactory,
)
from skillcred.services.prepare_branch import PrepareBranch
from skillcred.services.presentation_ports import VerifierCertificates
from skillcred.services.presenting import Presenting
from skillcred.services.profile_skills import ProfileSkills
from skillcred.services.propose_change import ProposeChange
from skillcred.services.publication_ports import RegistryCopyStore
from skillcred.services.publish_did_document import PublishDidDocument
from skillcred.services.publish_due_lists import PublishDueLists
from skillcred.services.publish_registry import PublishRegistry
from skillcred.services.publish_status_list import PublishStatusList
from skillcred.services.read_recognition_cases import ReadRecognitionCases
from skillcred.services.read_registry_log import ReadRegistryLog
from skillcred.services.recognition import Recognition
from skillcred.services.reconcile_issuances import ReconcileIssuances
from skillcred.services.record_known_key import RecordKnownKey
from skillcred.services.recover_status_list import RecoverStatusList
from skillcred.services.registry_copy import UpdateRegistryCopy
from skillcred.services.report_stolen_key import ReportStolenKey
from skillcred.services.resolve_did import ResolveDid
from skillcred.services.retire_key import RetireKey
from skillcred.services.revoke_api_key import RevokeApiKey
from skillcred.services.rotate_key import RotateKey
from skillcred.services.run_status_batches import RunStatusBatches
from skillcred.services.search_registry import SearchRegistry
from skillcred.services.snapshot_ports import ChangeCounter
from skillcred.services.start_status_batch import StartStatusBatch
from skillcred.services.status_schemes import StatusSchemes
from skillcred.services.submit_recognition_case import SubmitRecognitionCase
from skillcred.services.survey_pairs import SurveyPairs
from skillcred.services.verify_document import VerifyDocument
from skillcred.services.verify_registry_log import VerifyRegistryLog
from skillcred.services.vouch_for_rules import VouchForRules
from skillcred.services.wallet_issuing import WalletIssuing
from skillcred.settings import Settings


@dataclass(frozen=True, slots=True)
class Adapters:
    """The outside world as the services see it. Tests put fakes here."""

    units: UnitOfWorkFactory
    key_manager: KeyManager
    clock: Clock
    check_database: DatabaseCheck
    foreign_sources: Mapping[EvidenceKind, EvidenceSource]
    exchange_secret: SecretSource
    crash_point: CrashPoint = no_crash
    change_counter: ChangeCounter | None = None
    interop_units: UnitOfWorkFactory | None = None
    trust_anchors: EvidenceSource = field(default_factory=lambda: ConfiguredTrustAnchors(None))
    verifier_certificates: VerifierCertificates = field(default_factory=NoCertificate)
    registry_copy: RegistryCopyStore | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """All use cases, ready to be called. Thread-safe."""

    settings: Settings
    clock: Clock
    accredit_provider: AccreditProvider
    answer_trust_query: AnswerTrustQuery
    assess_recognition_case: AssessRecognitionCase
    authenticate: Authenticate
    cancel_status_batch: CancelStatusBatch
    change_accreditation: ChangeAccreditation
    change_enrolment: ChangeEnrolment
    change_status: ChangeStatus
    check_readiness: CheckReadiness
    check_storage: CheckStorage
    create_api_key: CreateApiKey
    create_key: CreateKey
    create_organisation: CreateOrganisation
    decide_proposal: DecideProposal
    enrol_national_body: EnrolNationalBody
    erase_case_evidence: EraseCaseEvidence
    export_trusted_list: ExportTrustedList
    get_accreditation: GetAccreditation
    get_credential: GetCredential
    get_national_body: GetNationalBody
    get_past_status_list: GetPastStatusList
    get_registry_age: GetRegistryAge
    get_registry_entity: GetRegistryEntity
    get_registry_entry: GetRegistryEntry
    get_status_batch: GetStatusBatch
    hand_in_accreditation: HandInAccreditation
    hand_in_branch: HandInBranch
    import_listed_bodies: ImportListedBodies
    import_recognition_table: ImportRecognitionTable
    issue_credential: IssueCredential
    issue_recognition_statement: IssueRecognitionStatement
    list_accreditations: ListAccreditations
    list_api_keys: ListApiKeys
    list_keys: ListKeys
    list_listed_bodies: ListListedBodies
    list_national_bodies: ListNationalBodies
    list_organisations: ListOrganisations
    list_proposals: ListProposals
    list_status_lists: ListStatusLists
    local_actor: LocalActor
    make_checkpoint: MakeCheckpoint
    page_sessions: PageSessions
    prepare_branch: PrepareBranch
    presenting: Presenting
    propose_change: ProposeChange
    publish_did_document: PublishDidDocument
    read_recognition_cases: ReadRecognitionCases
    read_registry_log: ReadRegistryLog
    record_known_key: RecordKnownKey
    publish_due_lists: PublishDueLists
    publish_registry: PublishRegistry
    publish_status_list: PublishStatusList
    recover_status_list: RecoverStatusList
    recognition: Recognition
    reconcile_issuances: ReconcileIssuances
    report_stolen_key: ReportStolenKey
    resolve_did: ResolveDid
    retire_key: RetireKey
    certify_key: CertifyKey
    request_certificate: RequestCertificate
    revoke_api_key: RevokeApiKey
    rotate_key: RotateKey
    run_status_batches: RunStatusBatches
    search_registry: SearchRegistry
    start_status_batch: StartStatusBatch
    status_schemes: StatusSchemes
    survey_pairs: SurveyPairs
    update_registry_copy: UpdateRegistryCopy
    submit_recognition_case: SubmitRecognitionCase
    import_esco: ImportEsco
    profile_skills: ProfileSkills
    verify_document: VerifyDocument
    compare_registry_tables: CompareRegistryTables
    verify_registry_log: VerifyRegistryLog
    vouch_for_rules: VouchForRules
    wallet_issuing: WalletIssuing
    metrics: ProcessMetrics
    interop: Interop | None = None
    closers: tuple[Callable[[], None], ...] = ()

    def close(self) -> None:
        """Let go of connections and locks. May be called again."""
        for close in self.closers:
            close()
