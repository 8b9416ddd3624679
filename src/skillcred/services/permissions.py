"""Who may do what. Services ask here, so that no surface can forget to (SECURITY T-09, W-25).

What belongs to somebody else is answered as if it did not exist; what one's own role does not cover is
refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from skillcred.errors import AuthorisationError, ConflictError
from skillcred.services.records import Actor, Organisation, OrganisationKind, Role

LOCAL_ACTOR: Final = "local"
"""Stands for the API key of whoever works on the machine itself."""
ROLE_OF_KIND: Final[Mapping[OrganisationKind, Role]] = MappingProxyType(
    {
        OrganisationKind.OPERATOR: Role.OPERATOR,
        OrganisationKind.NATIONAL_BODY: Role.BODY_ADMIN,
        OrganisationKind.PROVIDER: Role.ISSUER,
        OrganisationKind.VERIFIER: Role.VERIFIER,
    }
)
"""The one role that a key of such an organisation can have so far."""


def require_role(actor: Actor, role: Role) -> None:
    """Refuse unless `actor` has `role` and its organisation is of the kind that can have it.

    Raises `AuthorisationError`.
    """
    if actor.role is not role or ROLE_OF_KIND[actor.organisation.kind] is not role:
        raise AuthorisationError("This API key does not allow that.")


def is_operator(actor: Actor) -> bool:
    """Whether `actor` runs the deployment."""
    return actor.role is Role.OPERATOR and actor.organisation.kind is OrganisationKind.OPERATOR


def refuse_keys_elsewhere(organisation: Organisation) -> None:
    """Refuse to make or use a key here for an organisation that keeps its keys elsewhere. Raises `ConflictError`
    (`keys_kept_elsewhere`)."""
    if organisation.keys_elsewhere:
        raise ConflictError("The organisation keeps its keys elsewhere.", code="keys_kept_elsewhere")


def require_keys_elsewhere(organisation: Organisation) -> None:
    """Refuse what only an organisation that keeps its keys elsewhere hands in. Raises `ConflictError`
    (`keys_kept_here`)."""
    if not organisation.keys_elsewhere:
        raise ConflictError("The keys of the organisation are kept here.", code="keys_kept_here")
