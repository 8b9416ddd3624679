"""Status lists that somebody kept and hands in, to verify as of the time that they tell of (SECURITY S-14)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from skillcred.errors import InputError
from skillcred.model.outcomes import EvidenceKind, EvidenceReference
from skillcred.status.peek import peek_list_name
from skillcred.verification import Evidence, EvidenceItem

HANDED_IN: Final = "handed in"
"""Where a report says that such a list comes from."""


class KeptListError(InputError):
    """A list cannot be handed in like this. Codes: `kept_list_unnamed`, `kept_list_without_instant`,
    `kept_list_not_used`."""

    default_code = "kept_list_unnamed"


def build_kept_lists(contents: Iterable[bytes], *, at: datetime | None, now: datetime) -> Evidence:
    """The lists as evidence, each under the name that it gives itself; they are verified like those that are fetched.

    They stand in the place of what is published now, so they are for an instant in the past only: of the present an old
    list tells nothing. Raises `KeptListError`.
    """
    items = []
    for content in contents:
        if at is None or at >= now:
            raise KeptListError(
                "A list that was kept tells of the past only; say as of when.",
                code="kept_list_without_instant",
            )
        name = peek_list_name(content)
        if name is None:
            raise KeptListError("This is no status list that says its own name.")
        items.append(
            EvidenceItem(EvidenceReference(EvidenceKind.STATUS_LIST, name), now, HANDED_IN, content=content)
        )
    return Evidence(items)


def require_used(given: Evidence, used: Iterable[EvidenceItem]) -> None:
    """Raises `KeptListError` (`kept_list_not_used`) where the document does not name one of the lists: who handed it
    in would think that it counted."""
    left = set(given) - {item.reference for item in used}
    if left:
        raise KeptListError(f"The document does not name the list {min(left).id}.", code="kept_list_not_used")
