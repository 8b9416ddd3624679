"""The REST API, one module per resource."""

from typing import Final

from fastapi import APIRouter

from skillcred.web.api import (
    api_keys,
    credentials,
    did_documents,
    did_resolution,
    health,
    keys,
    metrics,
    offers,
    organisations,
    presentation_requests,
    recognition,
    recognition_cases,
    recognition_statements,
    registry,
    registry_branches,
    registry_proposals,
    registry_search,
    shipped_documents,
    skills,
    status_changes,
    status_lists,
    status_schemes,
    verifications,
)

ROUTERS: Final[tuple[APIRouter, ...]] = (
    credentials.router,
    offers.router,
    status_lists.router,
    status_changes.router,
    status_schemes.router,
    verifications.router,
    presentation_requests.router,
    recognition.router,
    recognition_cases.router,
    recognition_statements.router,
    skills.router,
    registry.router,
    registry_search.router,
    registry_proposals.router,
    registry_branches.router,
    organisations.router,
    keys.router,
    api_keys.router,
    shipped_documents.router,
    did_documents.router,
    did_resolution.router,
    health.router,
    metrics.router,
)
