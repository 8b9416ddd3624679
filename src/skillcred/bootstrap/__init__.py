"""The composition root: picks the adapters for some settings and puts the services together. No state of its
own.

`build_application` may run many times in one process (tests do); nothing is shared between the results.
"""

from skillcred.bootstrap.application import Adapters, Application
from skillcred.bootstrap.assemble import assemble_application
from skillcred.bootstrap.build import (
    build_application,
    build_verifier_without_database,
    upgrade_database,
)
from skillcred.bootstrap.registry import (
    build_registry_updater,
    open_body_holder,
    open_root_holder,
)

__all__ = [
    "Adapters",
    "Application",
    "assemble_application",
    "build_application",
    "build_registry_updater",
    "build_verifier_without_database",
    "open_body_holder",
    "open_root_holder",
    "upgrade_database",
]
