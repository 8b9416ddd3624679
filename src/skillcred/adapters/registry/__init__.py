"""The registry distributed by The Update Framework: writing a repository, and keeping a verified copy of one."""

from skillcred.adapters.registry.branches import FrameworkBranches
from skillcred.adapters.registry.copy import RegistryCopy
from skillcred.adapters.registry.fetchers import DoorFetcher, FolderFetcher
from skillcred.adapters.registry.publisher import RegistryPublisher

__all__ = ["DoorFetcher", "FolderFetcher", "FrameworkBranches", "RegistryCopy", "RegistryPublisher"]
