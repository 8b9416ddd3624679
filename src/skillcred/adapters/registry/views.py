"""What a verifier was shown of a registry, to be compared with what others were shown (SECURITY T-08).

A view is the signed snapshot, which names every file of the registry by version and digest, and the checkpoint of the
log. Two verifiers who were shown different contents under one version hold the proof of it: both are signed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root, Snapshot

from skillcred.encoding.json_types import JsonObject
from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import InputError
from skillcred.services.checkpoints import has_good_signature, parse_checkpoint
from skillcred.services.governance_records import Checkpoint
from skillcred.services.publication_ports import ViewComparison
from skillcred.trust.records import read_optional_text, read_text

VIEW_FORMAT: Final = "skillcred-registry-view-1"
MAX_VIEW_BYTES: Final = 2_000_000


class RegistryViewError(InputError):
    """The bytes are not what a verifier was shown. Code `invalid_registry_view`, or `view_not_signed` where the keys
    of the registry's root did not sign it."""

    default_code = "invalid_registry_view"


@dataclass(frozen=True, slots=True)
class RegistryView:
    """A view whose signatures hold."""

    snapshot: Snapshot
    checkpoint: Checkpoint | None


def encode_view(snapshot: bytes, checkpoint: bytes | None) -> bytes:
    """The view as one JSON object."""
    value: JsonObject = {
        "format": VIEW_FORMAT,
        "snapshot": snapshot.decode("utf-8"),
        "checkpoint": None if checkpoint is None else checkpoint.decode("utf-8"),
    }
    return json.dumps(value, indent=1).encode("utf-8")


def parse_view(content: bytes, root: Metadata[Root]) -> RegistryView:
    """The view, after checking that keys of `root` signed its snapshot, and its checkpoint by itself. Raises
    `RegistryViewError` and strict JSON errors."""
    value = parse_json_object(content, max_bytes=MAX_VIEW_BYTES)
    try:
        if value["format"] != VIEW_FORMAT:
            raise ValueError("another format")
        snapshot = Metadata[Snapshot].from_bytes(read_text(value["snapshot"]).encode("utf-8"))
        kept = read_optional_text(value["checkpoint"])
        checkpoint = None if kept is None else parse_checkpoint(kept.encode("utf-8"))
    except (InputError, KeyError, RepositoryError, TypeError, ValueError) as error:
        raise RegistryViewError("The file is not a view of a registry.") from error
    if not isinstance(snapshot.signed, Snapshot):
        raise RegistryViewError("The file is not a view of a registry.")
    try:
        root.verify_delegate("snapshot", snapshot)
    except RepositoryError as error:
        raise RegistryViewError(
            "The keys of the registry did not sign this view.", code="view_not_signed"
        ) from error
    if checkpoint is not None and not has_good_signature(checkpoint):
        raise RegistryViewError("The checkpoint of the view is not signed.", code="view_not_signed")
    return RegistryView(snapshot.signed, checkpoint)


def compare_views(own: RegistryView, other: RegistryView) -> ViewComparison:
    """What the two say differently under one version."""
    differing = []
    compared = 0
    if own.snapshot.version == other.snapshot.version:
        compared += 1
        if own.snapshot.meta != other.snapshot.meta:
            differing.append(f"snapshot {own.snapshot.version}")
    for name, meta in sorted(own.snapshot.meta.items()):
        theirs = other.snapshot.meta.get(name)
        if theirs is not None and theirs.version == meta.version and meta.hashes and theirs.hashes:
            compared += 1
            if theirs.hashes != meta.hashes:
                differing.append(f"{name.removesuffix('.json')} {meta.version}")
    same_entry = (
        own.checkpoint is not None
        and other.checkpoint is not None
        and own.checkpoint.number == other.checkpoint.number
    )
    if (
        same_entry
        and own.checkpoint
        and other.checkpoint
        and own.checkpoint.sha256 != other.checkpoint.sha256
    ):
        differing.append(f"log entry {own.checkpoint.number}")
    return ViewComparison(tuple(differing), compared, same_entry)
