"""A registry that is published and copied in a folder, without any deployment behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tuf.api.metadata import Metadata, Timestamp

from skillcred.adapters.crash_points import no_crash
from skillcred.adapters.registry import RegistryCopy, RegistryPublisher
from skillcred.adapters.registry.fetchers import FolderFetcher
from skillcred.adapters.registry.root import build_root, install_root, sign_root
from skillcred.adapters.registry.signers import RegistrySigner
from skillcred.services.ports import CrashPoint
from skillcred.services.publication_ports import (
    OperatorSigners,
    PublishedBranch,
    RegistryContent,
)
from skillcred.services.root_plan import RoleKeys
from skillcred.trust import AccreditationScope, AccreditationStatement, EnrolledBody
from skillcred.trust.chains import Edge
from skillcred.trust.published import (
    Branch,
    PublishedStatement,
    content_ranges,
    encode_bodies,
    encode_branch,
)
from worlds.pure_world import SoftSigner

START = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
BODIES = ["did:web:body-a.example", "did:web:body-b.example"]
SCHOOL = "did:web:school.example"
ISSUE = AccreditationScope(("qualification",))


@dataclass
class World:
    """An operator, three holders of root keys, two bodies and a verifier; `now` is the verifier's clock."""

    folder: Path
    now: datetime = START
    root_keys: list[SoftSigner] = field(default_factory=lambda: [SoftSigner(100 + n) for n in range(3)])
    operator: SoftSigner = field(default_factory=lambda: SoftSigner(200))
    body_keys: dict[str, SoftSigner] = field(
        default_factory=lambda: {did: SoftSigner(300 + n) for n, did in enumerate(BODIES)}
    )
    publishing: list[str] = field(default_factory=lambda: list(BODIES))
    checkpoint: bytes | None = None
    accredited: dict[str, list[str]] = field(default_factory=lambda: {did: [] for did in BODIES})

    @property
    def repository(self) -> Path:
        return self.folder / "repository"

    def root(self, version: int = 1, *, holders: list[SoftSigner] | None = None, threshold: int = 2) -> bytes:
        keys = tuple(signer.public_key for signer in (holders or self.root_keys))
        online = RoleKeys((self.operator.public_key,))
        roles = {
            "root": RoleKeys(keys, threshold),
            "targets": online,
            "snapshot": online,
            "timestamp": online,
        }
        return build_root(roles, version=version, expires=START + 1000 * DAY)

    def signed_root(self, version: int = 1) -> bytes:
        content = self.root(version)
        for signer in self.root_keys[:2]:
            content = sign_root(content, signer)
        return content

    def publish(self, at: datetime | None = None, crash_point: CrashPoint = no_crash) -> tuple[str, ...]:
        signers = OperatorSigners([self.operator], [self.operator], [self.operator])
        bodies = encode_bodies([EnrolledBody(did, f"Body {did}", "PH", START) for did in BODIES])
        content = RegistryContent(bodies, [self.branch(did) for did in self.publishing], self.checkpoint)
        publisher = RegistryPublisher(self.repository, crash_point)
        return publisher.publish(content, signers, at=at or self.now)

    def branch(self, did: str) -> PublishedBranch:
        credentials = [f"credential of {provider}".encode() for provider in self.accredited[did]]
        statements = []
        for provider, (offset, length) in zip(self.accredited[did], content_ranges(credentials), strict=True):
            said = AccreditationStatement(f"urn:{did}:{provider}", did, provider, (ISSUE,), START, None)
            statements.append(
                PublishedStatement(Edge(said, (), START, did), offset, length, "application/vc")
            )
        return PublishedBranch(
            did, encode_branch(Branch(did, statements)), b"\n".join(credentials), self.body_keys[did]
        )

    def copy(self, fetcher: FolderFetcher | None = None) -> RegistryCopy:
        return RegistryCopy(
            self.folder / "copy",
            self.trusted_root,
            lambda: self.now,
            fetcher or FolderFetcher(),
            str(self.repository),
        )

    @property
    def trusted_root(self) -> bytes:
        return (self.folder / "1.root.json").read_bytes()

    def update(self) -> None:
        self.copy().update()

    def providers(self) -> set[str]:
        return set(self.copy().load().snapshot.edges_to)

    def resign_timestamp(self, change: Callable[[Timestamp], None]) -> None:
        """What somebody who stole the timestamp key could do."""
        place = self.repository / "metadata" / "timestamp.json"
        timestamp = Metadata[Timestamp].from_bytes(place.read_bytes())
        change(timestamp.signed)
        timestamp.sign(RegistrySigner(self.operator))
        place.write_bytes(timestamp.to_bytes())


def build_world(folder: Path) -> World:
    """A registry with one school in it, published and copied."""
    made = World(folder)
    install_root(made.repository, made.signed_root())
    (folder / "1.root.json").write_bytes(made.signed_root())
    made.accredited[BODIES[0]].append(SCHOOL)
    made.publish()
    made.update()
    return made
