"""The registry distributed by The Update Framework: writing a repository, and keeping a verified copy of one."""

from skillcred.adapters.registry.copy import CopyState, RegistryCopy
from skillcred.adapters.registry.faults import RegistryCopyError
from skillcred.adapters.registry.publisher import PublishedBranch, RegistryPublisher

__all__ = ["CopyState", "PublishedBranch", "RegistryCopy", "RegistryCopyError", "RegistryPublisher"]
