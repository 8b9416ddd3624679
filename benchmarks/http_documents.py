"""What is sent over HTTP: badges of 39 quads, as all other ratios are for, and credentials as our service issues them.

All are of an issuer under a did:web identifier who is accredited in the registry of the measured service, and have two
status entries in lists of that service. A badge is of no profile of ours, so that its report, after all checks, ends
with its scope not being determinable; a credential of ours ends `valid`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from documents import badge

from skillcred.adapters.keystore import FileKeyManager
from skillcred.bootstrap.passphrase import read_settings_passphrase
from skillcred.encoding.strict_json import parse_json_object
from skillcred.linkeddata import canonicalise
from skillcred.securing import attach_proof, prepare_proof
from worlds.application import DemoRegistry, build_demo_registry, example_claims

COUNT: Final = 8
"""Documents of each kind."""
KINDS: Final = {
    "badge": '"verdict":"indeterminate","reason":"scope_not_determinable"',
    "credential": '"verdict":"valid"',
}
"""What an answer has to hold, by kind. The documents of a kind are in a folder of its name."""


def make_documents(folder: Path, base_url: str) -> dict[str, tuple[int, int]]:
    """Fill a database for the service at `base_url` and write the documents. Quads and bytes of one of each kind."""
    registry = build_demo_registry(folder, base_url=base_url)
    try:
        issued = [
            registry.issue(f"benchmark-{number}", claims=_claims(number)).content for number in range(COUNT)
        ]
        documents = {"badge": _badges(registry, issued), "credential": issued}
    finally:
        registry.application.close()
    for kind, contents in documents.items():
        (folder / kind).mkdir()
        for number, content in enumerate(contents):
            (folder / kind / f"document-{number}.json").write_bytes(content)
    return {kind: (_quads(contents[0]), len(contents[0])) for kind, contents in documents.items()}


def _claims(number: int) -> dict[str, Any]:
    """Claims of the shipped example of a training, cut down to what a badge says."""
    claims = example_claims("training")
    for member in ("nameTranslations", "evidence"):
        claims.pop(member, None)
    subject = claims["credentialSubject"]
    achievement = subject["achievement"]
    for member in ("nameTranslations", "descriptionTranslations", "awardingBody", "programme", "tag"):
        achievement.pop(member, None)
    achievement["criteria"].pop("narrativeTranslations", None)
    achievement["alignment"] = achievement["alignment"][:2]
    subject["name"] = f"{subject['name']} {number}"
    return claims


def _badges(registry: DemoRegistry, issued: list[bytes]) -> list[bytes]:
    """The badge of the other measurements, with issuer and status entries of each that was issued."""
    settings = registry.application.settings
    manager = FileKeyManager(settings.keys_folder, read_settings_passphrase(settings))
    keys = {key.id: key for key in registry.application.list_keys(registry.provider)}
    badges = []
    for number, content in enumerate(issued):
        credential = parse_json_object(content)
        key = keys[credential["proof"]["verificationMethod"]]
        document = badge(credential["issuer"]["id"])
        document["id"] = f"{document['id'][:-1]}{number}"
        document["credentialStatus"] = credential["credentialStatus"]
        prepared = prepare_proof(
            "eddsa-rdfc-2022",
            document,
            verification_method=key.id,
            algorithm=key.algorithm,
            created=datetime.now(UTC),
        )
        signer = manager.get_signer(key.id, key.public_key_multibase)
        badges.append(attach_proof(prepared, signer.sign(prepared.to_be_signed)))
    return badges


def _quads(content: bytes) -> int:
    unsigned = {name: value for name, value in parse_json_object(content).items() if name != "proof"}
    canonical = canonicalise(unsigned)
    if canonical.road != "fast":
        raise RuntimeError("a measured document is meant for the fast road")
    return canonical.nquads.count(b"\n")
