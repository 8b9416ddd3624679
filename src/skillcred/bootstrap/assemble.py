"""Puts the services together over given adapters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from skillcred.adapters.metrics import ProcessMetrics
from skillcred.adapters.registry import FrameworkBranches, RegistryPublisher
from skillcred.adapters.snapshot import CountedSnapshot
from skillcred.bootstrap.application import Adapters, Application
from skillcred.bootstrap.wallet_policy import build_wallet_policy
from skillcred.model.outcomes import EvidenceKind
from skillcred.services.accredit_provider import AccreditProvider
from skillcred.services.allocate_status_entry import AllocateStatusEntry
from skillcred.services.answer_trust_query import AnswerTrustQuery
from skillcred.services.assess_recognition_case import AssessRecognitionCase
from skillcred.services.authenticate import Authenticate
from skillcred.services.build_interop import build_interop
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
from skillcred.services.existence import LocalExistenceSource, RememberSeen
from skillcred.services.export_trusted_list import ExportTrustedList
from skillcred.services.finishing import FinishIssuance
from skillcred.services.four_eyes import FourEyes
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
from skillcred.services.issue_credential import IssueCredential
from skillcred.services.issue_recognition_statement import IssueRecognitionStatement
from skillcred.services.issuing import IssuingMachine
from skillcred.services.key_making import KeyMaker
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
from skillcred.services.page_sessions import PageSessions
from skillcred.services.ports import (
    EvidenceSource,
)
from skillcred.services.prepare_branch import PrepareBranch
from skillcred.services.presenting import build_presenting
from skillcred.services.profile_skills import ProfileSkills
from skillcred.services.propose_change import ProposeChange
from skillcred.services.publish_did_document import PublishDidDocument
from skillcred.services.publish_due_lists import FindDueLists, PublishDueLists
from skillcred.services.publish_registry import PublishRegistry
from skillcred.services.publish_status_list import PublishStatusList
from skillcred.services.read_recognition_cases import ReadRecognitionCases
from skillcred.services.read_registry_log import ReadRegistryLog
from skillcred.services.recognition import Recognition
from skillcred.services.recognition_data import DeploymentData
from skillcred.services.reconcile_issuances import ReconcileIssuances
from skillcred.services.record_known_key import RecordKnownKey
from skillcred.services.recover_status_list import RecoverStatusList
from skillcred.services.registry_changes import RegistryChanges
from skillcred.services.registry_copy import CopiedRegistrySource, UpdateRegistryCopy
from skillcred.services.registry_copy_reading import OpenCopiedRegistry
from skillcred.services.registry_evidence import LocalDidDocumentSource, LocalRegistrySource
from skillcred.services.registry_reading import OpenRecordedRegistry, OpenRegistry
from skillcred.services.report_stolen_key import ReportStolenKey
from skillcred.services.resolve_did import ResolveDid
from skillcred.services.retire_key import RetireKey
from skillcred.services.revoke_api_key import RevokeApiKey
from skillcred.services.rotate_key import RotateKey
from skillcred.services.run_status_batches import RunStatusBatches
from skillcred.services.search_registry import SearchRegistry
from skillcred.services.start_status_batch import StartStatusBatch
from skillcred.services.status_evidence import LocalPastStatusSource, LocalStatusListSource
from skillcred.services.status_schemes import build_status_schemes
from skillcred.services.submit_recognition_case import SubmitRecognitionCase
from skillcred.services.survey_pairs import SurveyPairs
from skillcred.services.verify_document import VerifyDocument
from skillcred.services.verify_registry_log import VerifyRegistryLog
from skillcred.services.vouch_for_rules import VouchForRules
from skillcred.services.wallet_issuing import build_wallet_issuing
from skillcred.settings import Settings


def assemble_application(
    settings: Settings, adapters: Adapters, *, closers: tuple[Callable[[], None], ...] = ()
) -> Application:
    """All services over `adapters`."""
    units, clock = adapters.units, adapters.clock
    lease = timedelta(seconds=settings.issuance_lease_seconds)
    finish = FinishIssuance(units, adapters.key_manager, clock, adapters.crash_point, lease)
    crash_point = adapters.crash_point
    allocate = AllocateStatusEntry(units, clock, crash_point)
    publish_status_list = PublishStatusList(
        settings.base_url, units, adapters.key_manager, clock, crash_point
    )
    find_due_lists = FindDueLists(units, clock)
    publish_due_lists = PublishDueLists(find_due_lists, publish_status_list)
    issuing = IssuingMachine(settings.base_url, units, clock, finish, allocate, crash_point, lease)
    run_status_batches = RunStatusBatches(units, clock, crash_point)
    key_maker = KeyMaker(adapters.key_manager)
    four_eyes = FourEyes(settings.requires_four_eyes)
    branches = FrameworkBranches()
    changes = RegistryChanges(
        EnrolNationalBody(units, clock, four_eyes),
        ChangeEnrolment(units, clock, four_eyes),
        AccreditProvider(units, clock, issuing, four_eyes),
        ChangeAccreditation(units, clock, four_eyes),
        RecordKnownKey(units, clock, four_eyes),
        HandInAccreditation(units, clock, four_eyes),
        HandInBranch(units, clock, branches, four_eyes),
    )
    propose_change = ProposeChange(units, clock, changes)
    metrics = ProcessMetrics()
    snapshot = None if adapters.change_counter is None else CountedSnapshot(adapters.change_counter)
    copy = adapters.registry_copy
    # What a copy says must not be found among what is recorded here, nor the other way round.
    recorded_here = LocalRegistrySource(units, snapshot if copy is None else None)
    copied = None if copy is None else CopiedRegistrySource(copy)
    registry = copied or recorded_here
    open_registry: OpenRegistry = (
        OpenRecordedRegistry(units) if copied is None else OpenCopiedRegistry(copied, units, clock)
    )
    get_past_status_list = GetPastStatusList(units)
    past_statuses = LocalPastStatusSource(
        settings.base_url, publish_status_list, get_past_status_list, snapshot
    )
    foreign = adapters.foreign_sources
    did_documents = LocalDidDocumentSource(units, foreign.get(EvidenceKind.DID_DOCUMENT), snapshot)
    existence = LocalExistenceSource(units)
    sources: dict[EvidenceKind, EvidenceSource] = {
        **foreign,
        EvidenceKind.REGISTRY_EXTRACT: registry,
        EvidenceKind.DID_DOCUMENT: did_documents,
        EvidenceKind.STATUS_LIST: LocalStatusListSource(
            settings.base_url, publish_status_list, foreign.get(EvidenceKind.STATUS_LIST), snapshot
        ),
        EvidenceKind.PAST_STATUS_LIST: past_statuses,
        EvidenceKind.REVOCATION_DATES: past_statuses,
        EvidenceKind.EXISTENCE_RECORD: existence,
        EvidenceKind.TRUST_ANCHORS: adapters.trust_anchors,
    }
    offline: dict[EvidenceKind, EvidenceSource] = {
        EvidenceKind.REGISTRY_EXTRACT: registry,
        EvidenceKind.DID_DOCUMENT: LocalDidDocumentSource(units, None, snapshot),
        EvidenceKind.STATUS_LIST: LocalStatusListSource(
            settings.base_url, publish_status_list, None, snapshot
        ),
        EvidenceKind.PAST_STATUS_LIST: past_statuses,
        EvidenceKind.REVOCATION_DATES: past_statuses,
        EvidenceKind.EXISTENCE_RECORD: existence,
        EvidenceKind.TRUST_ANCHORS: adapters.trust_anchors,
    }
    make_checkpoint = MakeCheckpoint(units, clock, adapters.key_manager)
    verify_document = VerifyDocument(
        clock,
        sources,
        offline,
        snapshot=snapshot,
        observe=metrics.count_verification,
        remember=RememberSeen(units) if settings.remember_verified else None,
    )
    authenticate = Authenticate(units)
    vouch_for_rules = VouchForRules(units, clock, verify_document, issuing)
    recognition = Recognition(verify_document, clock, DeploymentData(units, clock, vouch_for_rules.check))
    return Application(
        settings=settings,
        clock=clock,
        accredit_provider=changes.accredit_provider,
        answer_trust_query=AnswerTrustQuery(
            settings.base_url, clock, registry, open_registry, offline[EvidenceKind.DID_DOCUMENT]
        ),
        assess_recognition_case=AssessRecognitionCase(units, clock, recognition),
        authenticate=authenticate,
        change_accreditation=changes.change_accreditation,
        change_enrolment=changes.change_enrolment,
        decide_proposal=DecideProposal(units, clock, changes),
        list_proposals=ListProposals(units),
        page_sessions=PageSessions(units, clock, adapters.exchange_secret, authenticate),
        presenting=build_presenting(
            settings.base_url,
            units,
            clock,
            adapters.key_manager,
            adapters.verifier_certificates,
            verify_document,
            adapters.exchange_secret,
            crash_point,
        ),
        propose_change=propose_change,
        cancel_status_batch=CancelStatusBatch(units, clock),
        change_status=ChangeStatus(units, clock, crash_point),
        check_readiness=CheckReadiness(
            adapters.check_database,
            units,
            adapters.key_manager,
            clock,
            find_due_lists,
            timedelta(seconds=settings.publication_delay_seconds),
            copied,
        ),
        check_storage=CheckStorage(settings.base_url, units),
        create_api_key=CreateApiKey(units, clock),
        create_key=CreateKey(units, clock, key_maker),
        create_organisation=CreateOrganisation(settings.base_url, units, clock, key_maker),
        enrol_national_body=changes.enrol_national_body,
        hand_in_accreditation=changes.hand_in_accreditation,
        hand_in_branch=changes.hand_in_branch,
        erase_case_evidence=EraseCaseEvidence(units, clock, timedelta(days=settings.case_retention_days)),
        export_trusted_list=ExportTrustedList(settings.base_url, units, adapters.key_manager, clock),
        get_accreditation=GetAccreditation(open_registry),
        get_credential=GetCredential(units),
        get_national_body=GetNationalBody(open_registry),
        get_past_status_list=get_past_status_list,
        get_registry_entity=GetRegistryEntity(open_registry),
        get_registry_age=GetRegistryAge(copied, clock),
        get_registry_entry=GetRegistryEntry(open_registry, clock),
        get_status_batch=GetStatusBatch(units),
        import_listed_bodies=ImportListedBodies(units, clock, changes.hand_in_accreditation, propose_change),
        import_recognition_table=ImportRecognitionTable(units, clock),
        issue_credential=IssueCredential(issuing),
        issue_recognition_statement=IssueRecognitionStatement(units, clock, recognition, issuing),
        list_accreditations=ListAccreditations(open_registry),
        list_api_keys=ListApiKeys(units),
        list_keys=ListKeys(units),
        list_listed_bodies=ListListedBodies(units),
        list_national_bodies=ListNationalBodies(open_registry),
        list_organisations=ListOrganisations(units),
        list_status_lists=ListStatusLists(units),
        local_actor=LocalActor(units),
        publish_did_document=PublishDidDocument(units),
        make_checkpoint=make_checkpoint,
        read_recognition_cases=ReadRecognitionCases(units, clock, recognition),
        read_registry_log=ReadRegistryLog(units),
        compare_registry_tables=CompareRegistryTables(units),
        verify_registry_log=VerifyRegistryLog(units),
        record_known_key=changes.record_known_key,
        publish_registry=PublishRegistry(
            units,
            clock,
            adapters.key_manager,
            make_checkpoint,
            partial(RegistryPublisher, crash_point=crash_point),
        ),
        prepare_branch=PrepareBranch(units, clock, branches),
        update_registry_copy=UpdateRegistryCopy(copy),
        publish_due_lists=publish_due_lists,
        publish_status_list=publish_status_list,
        recover_status_list=RecoverStatusList(settings.base_url, units, clock),
        recognition=recognition,
        import_esco=ImportEsco(units, clock),
        profile_skills=ProfileSkills(verify_document, units),
        survey_pairs=SurveyPairs(recognition.load, clock),
        reconcile_issuances=ReconcileIssuances(units, clock, finish),
        report_stolen_key=ReportStolenKey(RetireKey(units, clock), publish_due_lists),
        resolve_did=ResolveDid(clock, did_documents),
        retire_key=RetireKey(units, clock),
        certify_key=CertifyKey(units, clock),
        request_certificate=RequestCertificate(units, adapters.key_manager),
        revoke_api_key=RevokeApiKey(units, clock),
        rotate_key=RotateKey(units, clock, key_maker),
        verify_document=verify_document,
        metrics=metrics,
        run_status_batches=run_status_batches,
        search_registry=SearchRegistry(open_registry),
        submit_recognition_case=SubmitRecognitionCase(units, clock, recognition),
        start_status_batch=StartStatusBatch(units, clock),
        status_schemes=build_status_schemes(units, clock, crash_point),
        vouch_for_rules=vouch_for_rules,
        wallet_issuing=build_wallet_issuing(
            settings.base_url,
            units,
            clock,
            adapters.key_manager,
            issuing,
            adapters.exchange_secret,
            build_wallet_policy(settings),
        ),
        interop=build_interop(settings.base_url, adapters.interop_units, clock, crash_point, sources, offline)
        if settings.interop_enabled
        else None,
        closers=(run_status_batches.stop, *closers),
    )
