"""The fake of the storage of listed bodies."""

from __future__ import annotations

from typing import Any

from skillcred.services.listed_records import ListedBody


class InMemoryListedBodyRepository:
    def __init__(self, state: Any) -> None:
        self._all: dict[str, ListedBody] = state.listed_bodies

    def put(self, body: ListedBody) -> None:
        self._all[body.id] = body

    def find(self, body_id: str) -> ListedBody | None:
        return self._all.get(body_id)

    def list_all(self, *, country: str | None = None) -> list[ListedBody]:
        found = [body for body in self._all.values() if country in (None, body.country)]
        return sorted(found, key=lambda body: (body.country, body.name, body.id))
