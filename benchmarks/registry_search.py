"""What a search costs in the records of a large registry: 10,000 providers elsewhere with ten accreditations each, on
SQLite and, where a server answers, on PostgreSQL.

`first` is the first search of a process, which reads what was signed; `then` is the least of some later ones. Run alone
it prints its table.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests")]

from skillcred.adapters.db import SqlUnitOfWorkFactory, build_engine, upgrade  # noqa: E402
from skillcred.services.accredit_provider import AccreditationRequest  # noqa: E402
from skillcred.services.ports import UnitOfWorkFactory  # noqa: E402
from skillcred.services.records import Accreditation, NationalBody  # noqa: E402
from skillcred.services.registry_reading import OpenRecordedRegistry  # noqa: E402
from skillcred.services.search_registry import RegistrySearch, SearchRegistry  # noqa: E402
from skillcred.trust import AccreditationScope  # noqa: E402
from worlds.application import fill_demo_registry, open_in_memory_application  # noqa: E402
from worlds.databases import DEFAULT_POSTGRES_URL, PostgresMissingError, scratch_database  # noqa: E402

PROVIDERS = 10_000
PER_PROVIDER = 10
BODIES = 20
TURNS = 5
START = datetime(2024, 1, 1, tzinfo=UTC)
SEARCHES = {
    "everybody": RegistrySearch(),
    "part of a name": RegistrySearch(name="number 77"),
    "country": RegistrySearch(country="KE"),
    "part of a name, field": RegistrySearch(name="number 77", field="0715"),
    "field": RegistrySearch(field="0715"),
}


def accreditations() -> Iterator[Accreditation]:
    """Copies of one that was signed, with other names in them; nobody checks their proofs here."""
    demo = fill_demo_registry(open_in_memory_application())
    scope = AccreditationScope(("training",), ("0715",), countries=("KE",))
    request = AccreditationRequest("did:web:model.example", "Model School", scope, START)
    model = demo.application.accredit_provider(demo.body, request, "model")
    text = model.content.decode()
    for number in range(PROVIDERS * PER_PROVIDER):
        provider = number % PROVIDERS
        body, did = f"did:web:body{provider % BODIES}.example", f"did:web:provider{provider}.example"
        identifier = f"https://registry.example/v1/registry/accreditations/{number}"
        content = (
            text.replace(model.id, identifier).replace(model.body_did, body).replace(model.provider_did, did)
        )
        content = content.replace("Model School", f"Provider Number {provider} of Skills")
        yield Accreditation(identifier, body, did, content.encode(), model.media_type, START, None, START)


def fill(units: UnitOfWorkFactory) -> None:
    with units(writes=True) as unit:
        for number in range(BODIES):
            body = NationalBody(f"did:web:body{number}.example", f"Body {number}", "KE", START)
            unit.registry.add_body(body)
        for accreditation in accreditations():
            unit.registry.add_accreditation(accreditation)
        unit.commit()


def measure(address: str) -> None:
    engine = build_engine(address)
    upgrade(engine)
    units = SqlUnitOfWorkFactory(engine)
    fill(units)
    search = SearchRegistry(OpenRecordedRegistry(units))
    for name, asked in SEARCHES.items():
        times = []
        for _ in range(TURNS):
            start = time.perf_counter()
            found = search(asked).total
            times.append(time.perf_counter() - start)
        first, then = times[0] * 1000, min(times[1:]) * 1000
        print(
            f"{engine.dialect.name:11} {name:22} {found:6} found  first {first:7.0f} ms  then {then:5.0f} ms"
        )
    engine.dispose()


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="skillcred-bench-") as folder:
        measure(f"sqlite:///{Path(folder) / 'search.sqlite3'}")
    server = os.environ.get("SKILLCRED_TEST_POSTGRES_URL", DEFAULT_POSTGRES_URL)
    try:
        with scratch_database(server) as address:
            measure(address)
    except PostgresMissingError as error:
        print(f"postgresql left out: {error}")


if __name__ == "__main__":
    main()
