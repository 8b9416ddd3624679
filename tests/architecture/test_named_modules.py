"""The modules of the OpenID Foundation's conformance suites that SECURITY names are test cases here, by their names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

CONFORMANCE: Final = Path(__file__).resolve().parents[1] / "conformance"
PLAYED: Final = (
    "test_oid4vci_issuer_modules.py",
    "test_oid4vci_fapi2_modules.py",
    "test_oid4vp_verifier_modules.py",
)
_MARKED: Final = re.compile(r"OIDF ((?:`[^`|]+`(?:, )?|[a-z0-9-]+-[a-z0-9-]+(?:, )?)+)")
"""How the catalogue names them: behind OIDF, by the end of their names."""


def named_in(catalogue: str) -> Iterator[str]:
    """The ends of names. Several with one beginning are written `a-b/-c`."""
    for found in _MARKED.findall(catalogue):
        for name in re.findall(r"[a-z0-9][a-z0-9/*_-]*[a-z0-9]", found):
            first, *others = name.split("/-")
            yield first
            yield from (f"{first.rpartition('-')[0]}-{other}" for other in others)


def played() -> frozenset[str]:
    """What the tests are called: by function or by text, both with hyphens."""
    names: set[str] = set()
    for file in PLAYED:
        text = (CONFORMANCE / file).read_text(encoding="utf-8")
        names |= {name.replace("_", "-") for name in re.findall(r"^def ([a-z0-9_]+)\(", text, re.M)}
        names |= set(re.findall(r"@module\(\"([a-z0-9-]+)\"\)", text))
    return frozenset(names)


def test_every_module_that_the_catalogue_names_is_played(shared_dir: Path) -> None:
    named = set(named_in((shared_dir / "SECURITY.md").read_text(encoding="utf-8")))
    assert len(named) >= 13
    lacking = {name for name in named if not any(each.endswith(name) for each in played())}
    assert lacking == set()


def test_there_are_as_many_as_the_catalogue_counts(shared_dir: Path) -> None:
    """Its figures are those of the plans when it was written; modules have come since."""
    text = (shared_dir / "SECURITY.md").read_text(encoding="utf-8")
    issuer = re.search(r"(\d+) `oid4vci-1_0-issuer-\*` modules \((\d+) `-fail-` ones\)", text)
    verifier = re.search(r"(\d+) `oid4vp-1final-verifier-\*` \((\d+) negative\)", text)
    assert issuer is not None
    assert verifier is not None
    vci = re.findall(r"^def (\w+)\(party: Party\) -> None", _read(PLAYED[0]), re.M)
    vp = re.findall(r"@module\(\"([a-z0-9-]+)\"\)", _read(PLAYED[2]))
    assert len(vci) >= int(issuer[1])
    assert len([name for name in vci if name.startswith("fail")]) >= int(issuer[2])
    assert len(vp) >= int(verifier[1])


def _read(file: str) -> str:
    return (CONFORMANCE / file).read_text(encoding="utf-8")
