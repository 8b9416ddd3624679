"""Names inside a repository. One role for each enrolled body, which alone may sign the files under its folder."""

from __future__ import annotations

import hashlib
from typing import Final

BODIES_PATH: Final = "bodies.json"
"""Target with the enrolled bodies, signed by the top-level targets role."""

LOG_ROLE: Final = "log"
"""Role of the operator that signs how far the log had come."""
LOG_FOLDER: Final = "log"
CHECKPOINT_PATH: Final = f"{LOG_FOLDER}/checkpoint.json"
"""Target with the latest checkpoint of the log."""


def role_of(body_did: str) -> str:
    """Name of the role of a body. DIDs have characters that a file name should not."""
    return "body-" + hashlib.sha256(body_did.encode("utf-8")).hexdigest()[:32]


def branch_folder(body_did: str) -> str:
    """The folder of a body's targets."""
    return f"branches/{role_of(body_did)}"


def branch_path(body_did: str) -> str:
    """The target with what the body says."""
    return f"{branch_folder(body_did)}/statements.json"


def credentials_path(body_did: str) -> str:
    """The target with the signed credentials, one after another."""
    return f"{branch_folder(body_did)}/credentials"
