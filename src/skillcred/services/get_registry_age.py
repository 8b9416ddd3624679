"""Anybody asks how old what this deployment says of the registry is."""

from __future__ import annotations

from dataclasses import dataclass

from skillcred.services.ports import Clock
from skillcred.services.registry_copy import CopiedRegistrySource
from skillcred.trust import RegistryCopyInfo


@dataclass(frozen=True, slots=True)
class GetRegistryAge:
    """The use case. `copied` is the copy of a published registry that this deployment answers from, if it does."""

    copied: CopiedRegistrySource | None
    clock: Clock

    def __call__(self) -> RegistryCopyInfo | None:
        """The copy, with when it was brought up to date; `None` where the registry itself is kept here. Raises
        `RegistryCopyError` where the copy cannot be used."""
        return None if self.copied is None else self.copied.copy(self.clock.now()).state.info
