"""What the services need to keep listed bodies."""

from __future__ import annotations

from typing import Protocol

from skillcred.services.listed_records import ListedBody


class ListedBodyRepository(Protocol):
    """Bodies that public sources name. No evidence is made from them."""

    def put(self, body: ListedBody) -> None:
        """Record, in place of what was recorded under the same id."""
        ...

    def find(self, body_id: str) -> ListedBody | None:
        """The listed body with that id."""
        ...

    def list_all(self, *, country: str | None = None) -> list[ListedBody]:
        """All, or those of a country, by country, name and id."""
        ...
