"""One run of all measurements: prints a table and writes `benchmarks/results.json`. Start it with `make bench`.

All figures of Python are taken in one process, in turns, and the least of many turns counts, so that a busy machine
disturbs all of them alike. Only ratios are claims; see docs/performance.md.
"""

from __future__ import annotations

import copy
import json
import os
import platform
import sys
import timeit
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "benchmarks")]

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: E402
from documents import badge, evidence_for, minimal, transcript  # noqa: E402
from http_ratio import measure_http  # noqa: E402
from many import measure_scaling  # noqa: E402
from mechanisms import mechanisms, print_mechanisms  # noqa: E402
from peers import digital_bazaar, openvc_verify, pyld_canonicalise  # noqa: E402
from registry import measure_registry, print_registry  # noqa: E402
from status import measure_status, print_status  # noqa: E402

from skillcred.identifiers import derive_document  # noqa: E402
from skillcred.linkeddata import canonicalise  # noqa: E402
from skillcred.linkeddata.canonical import canonicalise_generally  # noqa: E402
from skillcred.model.documents import parse_secured_document  # noqa: E402
from skillcred.securing import (  # noqa: E402
    ASSERTION,
    ProofRequest,
    attach_proof,
    peek_controllers,
    prepare_proof,
    verify_secured_document,
)
from skillcred.verification import verify  # noqa: E402
from worlds.pure_world import AWARDED, NOW, PureWorld  # noqa: E402

RESULTS = ROOT / "benchmarks" / "results.json"
ROUNDS = 30
SLICE_SECONDS = 0.02
"""How long one turn of one case lasts: long enough that the first calls, which find the processor's caches full of what
the case before left there, do not weigh. Of turns of 4 ms they are up to a tenth."""
Case = Callable[[], object]


def signed_with(mechanism: str, document: dict[str, Any], world: PureWorld) -> bytes:
    prepared = prepare_proof(
        mechanism,
        document,
        verification_method=world.provider.verification_method,
        algorithm=world.provider.public_key.algorithm,
        created=AWARDED,
    )
    return attach_proof(prepared, world.provider.sign(prepared.to_be_signed))


def verified_document(signed: bytes) -> Case:
    """Bytes → VerifiedDocument: strict parsing, the issuer's key, canonicalisation, signature."""

    def work() -> None:
        secured = parse_secured_document(signed)
        controllers = {did: derived for did in peek_controllers(secured) if (derived := derive_document(did))}
        if verify_secured_document(secured, ProofRequest(ASSERTION, NOW, controllers)).verified is None:
            raise RuntimeError("the credential does not verify")

    return work


def measure(cases: dict[str, Case]) -> dict[str, float]:
    """Least microseconds per call, cases in turns."""
    numbers = {}
    for name, case in cases.items():
        case()
        once = min(timeit.repeat(case, number=1, repeat=3))
        numbers[name] = max(1, round(SLICE_SECONDS / once))
    best = dict.fromkeys(cases, float("inf"))
    for _ in range(ROUNDS):
        for name, case in cases.items():
            seconds = timeit.timeit(case, number=numbers[name]) / numbers[name]
            best[name] = min(best[name], seconds * 1e6)
    return best


def cases_for(title: str, document: dict[str, Any], world: PureWorld) -> tuple[dict[str, Case], bytes]:
    evidence = evidence_for(world)
    cases: dict[str, Case] = {f"{title}: canonicalise": lambda: canonicalise(document)}
    rdfc = signed_with("eddsa-rdfc-2022", document, world)
    for mechanism, signed in (
        ("eddsa-rdfc-2022", rdfc),
        ("eddsa-jcs-2022", signed_with("eddsa-jcs-2022", document, world)),
    ):
        cases[f"{title}: bytes to VerifiedDocument, {mechanism}"] = verified_document(signed)
        cases[f"{title}: bytes to report, {mechanism}"] = lambda signed=signed: verify(
            signed, evidence=evidence, at=NOW
        )
    cases[f"{title}: canonicalise, general road"] = lambda: canonicalise_generally(document)
    cases[f"{title}: canonicalise, PyLD"] = pyld_canonicalise(copy.deepcopy(document))
    cases[f"{title}: bytes to checked proof, openvc-core"] = openvc_verify(rdfc, NOW)
    return cases, rdfc


def main() -> None:
    world = PureWorld()
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    message = bytes(64)
    signature, public = key.sign(message), key.public_key()
    cases: dict[str, Case] = {"bare": lambda: public.verify(signature, message)}
    signed: dict[str, bytes] = {}
    quads: dict[str, int] = {}
    did = world.provider.did
    for title, document in {
        "minimal": minimal(did),
        "badge": badge(did),
        "transcript": transcript(did, 400),
    }.items():
        canonical = canonicalise(document)
        if canonical.road != "fast":
            raise RuntimeError("a measured document is meant for the fast road")
        quads[title] = canonical.nquads.count(b"\n")
        more, signed[title] = cases_for(title, document, world)
        cases |= more
    large = transcript(did, 4_000)
    quads["large transcript"] = canonicalise(large).nquads.count(b"\n")
    cases["large transcript: canonicalise"] = lambda: canonicalise(large)
    microseconds = measure(cases)
    node, note = digital_bazaar(signed)
    for title, figures in node.items():
        microseconds[f"{title}: canonicalise, Digital Bazaar on Node"] = figures["canonicalise"] * 1000
        microseconds[f"{title}: checked proof, Digital Bazaar on Node"] = figures["verify"] * 1000
    same = {
        title: figures["form"].encode() == canonicalise(json.loads(_unsigned(signed[title]))).nquads
        for title, figures in node.items()
    }
    bare = microseconds.pop("bare")
    relative = {name: value / bare for name, value in microseconds.items()}
    peers = {
        name: value
        for name, value in microseconds.items()
        if name.startswith("badge: canonicalise, ") and "general" not in name
    }
    fastest = min(peers, key=lambda name: peers[name])
    ratios = {
        "canonicalise": relative["badge: canonicalise"],
        "verified_document": relative["badge: bytes to VerifiedDocument, eddsa-rdfc-2022"],
        "report": relative["badge: bytes to report, eddsa-rdfc-2022"],
        "fastest_jsonld_peer": peers[fastest] / microseconds["badge: canonicalise"],
    }
    if (os.cpu_count() or 1) > 1:
        ratios["verify_many_scaling"] = measure_scaling(signed["badge"])
    http = measure_http()
    left_out: dict[str, str] = {}
    if "ratio" in http:
        ratios["http_vs_empty_route"] = http["ratio"]
        ratios |= {f"http, {case}": value for case, value in http["ratios"].items()}
    else:
        left_out["http_vs_empty_route"] = http["left_out"]
    environment = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "node": next((figures["node"] for figures in node.values()), None),
        "packages": {name: version(name) for name in ("cryptography", "PyLD", "openvc-core", "joserfc")},
        "date": datetime.now(UTC).date().isoformat(),
    }
    results = {
        "ratios": ratios,
        "fastest_peer": fastest,
        "bare_ed25519_verify_microseconds": bare,
        "microseconds": microseconds,
        "relative": relative,
        "quads": quads,
        "digital_bazaar": note,
        "same_form_as_digital_bazaar": same,
        "mechanisms": mechanisms(badge, measure),
        "left_out": left_out,
        "http": http,
        "status": measure_status(),
        "registry": measure_registry(),
        "environment": environment,
    }
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    _print(results)
    print_mechanisms(results["mechanisms"])
    print_status(results["status"])
    print_registry(results["registry"])


def _unsigned(signed: bytes) -> str:
    return json.dumps({name: value for name, value in json.loads(signed).items() if name != "proof"})


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown"
    )


def _print(results: dict[str, Any]) -> None:
    bare = results["bare_ed25519_verify_microseconds"]
    print(f"{'bare Ed25519 verify (cryptography)':68}{bare:11.1f} us      1.00")
    for name, value in results["microseconds"].items():
        print(f"{name:68}{value:11.1f} us {results['relative'][name]:9.2f}")
    print(f"\nquads: {results['quads']}")
    print(f"Digital Bazaar: {results['digital_bazaar']}; same form: {results['same_form_as_digital_bazaar']}")
    for name, reason in results["left_out"].items():
        print(f"left out: {name}: {reason}")
    print(f"\nratios for the badge (quickest other: {results['fastest_peer']}):")
    for name, value in results["ratios"].items():
        print(f"  {name:24}{value:8.2f}")


if __name__ == "__main__":
    main()
