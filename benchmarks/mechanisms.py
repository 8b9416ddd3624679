"""How often a second each mechanism signs and verifies the badge, beside other implementations on the same document.

Called by `run.py`, whose process, document and way of measuring it shares. Signing goes from the unsigned document to
the bytes that are handed out, verifying from those bytes to a `VerifiedDocument`; what the others do instead, and where
that is less, stands in docs/performance-mechanisms.md. Their figures are for what their documented functions do.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joserfc import jws
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OKPKey
from openvc.keys import Ed25519SigningKey, P256SigningKey
from openvc.proof.data_integrity import DataIntegrityProofSuite
from openvc.proof.di_ecdsa_rdfc import EcdsaRdfcProofSuite
from openvc.proof.di_jcs import EcdsaJcsProofSuite, EddsaJcsProofSuite
from openvc.proof.ecdsa_sd import EcdsaSdProofSuite
from openvc.proof.sd_jwt import SdJwtVcProofSuite
from openvc.proof.vc_jwt import VcJwtProofSuite
from peers import CONTEXTS

from skillcred.identifiers import derive_document, parse_controlled_identifier_document
from skillcred.keys.algorithms import Algorithm
from skillcred.model.documents import parse_secured_document
from skillcred.securing import (
    ASSERTION,
    EXPERIMENTAL_NAMES,
    MECHANISM_NAMES,
    ProofRequest,
    attach_proof,
    key_algorithms,
    peek_controllers,
    prepare_proof,
    secured_media_type,
    show_everything,
    verify_secured_document,
)
from skillcred.securing.jose.envelope import (
    build_header,
    build_signing_input,
    encode_compact_jws,
    parse_compact_jws,
    verify_compact_jws,
)
from skillcred.securing.sd_jwt.opening import open_sd_jwt
from worlds.pure_world import AWARDED, NOW, SoftSigner, did_document

NODE = Path(__file__).parent / "node_mechanisms"
OURS = "skillcred"
MANDATORY = ["/issuer", "/validFrom", "/validUntil", "/credentialStatus"]
"""Mandatory pointers of the selective disclosure suites, the same for all."""
DISCLOSABLE = ["awardedDate", "credentialSubject"]
"""Claims of the SD-JWT VC that are selectively disclosable, the same for all; all of them are shown."""
BARE_JWS = "bare JWS"
BARE_SD_JWT = "bare SD-JWT"
SELECTIVE = ("ecdsa-sd-2023", "bbs-2023")
SD_JWT_VC = "dc+sd-jwt"
Case = Callable[[], object]
Measure = Callable[[dict[str, Case]], dict[str, float]]
Figures = dict[str, dict[str, dict[str, float]]]
"""Mechanism → `sign` or `verify` → whose → how often a second."""


@dataclass(frozen=True)
class Subject:
    """One mechanism with a key: what it signs, and what it made of that."""

    mechanism: str
    signer: SoftSigner
    unsigned: dict[str, Any]

    def options(self) -> dict[str, Any]:
        if self.mechanism in SELECTIVE:
            return {"mandatoryPointers": MANDATORY}
        if self.mechanism == SD_JWT_VC:
            return {"disclosablePointers": [f"/{name}" for name in DISCLOSABLE]}
        return {}

    def sign(self) -> bytes:
        prepared = prepare_proof(
            self.mechanism,
            self.unsigned,
            verification_method=self.signer.verification_method,
            algorithm=self.signer.public_key.algorithm,
            created=AWARDED,
            options=self.options(),
        )
        return attach_proof(prepared, self.signer.sign(prepared.to_be_signed))

    def shown(self) -> bytes:
        return show_everything(self.sign(), self.mechanism)

    def verifying(self, content: bytes) -> Case:
        media_type = secured_media_type(self.mechanism)
        own = parse_controlled_identifier_document(
            json.dumps(did_document(self.signer)).encode(), expected_id=self.signer.did
        )
        experimental = self.mechanism in EXPERIMENTAL_NAMES

        def work() -> None:
            secured = parse_secured_document(content, media_type)
            controllers = {
                did: own if did.startswith("did:web:") else derived
                for did in peek_controllers(secured)
                if (derived := derive_document(did)) or did.startswith("did:web:")
            }
            findings = verify_secured_document(secured, ProofRequest(ASSERTION, NOW, controllers))
            good = "experimental_proof_only" if experimental else "proof_verified"
            if findings.result.code != good:
                raise RuntimeError(f"{self.mechanism} does not verify: {findings.result.code}")

        return work


def subjects(badge: Callable[[str], dict[str, Any]]) -> dict[str, Subject]:
    """One for each mechanism, with the kind of key that it likes best."""
    found = {}
    for name in (*MECHANISM_NAMES, *EXPERIMENTAL_NAMES):
        signer = SoftSigner(2, key_algorithms(name)[0])
        document = badge(signer.did)
        found[name] = Subject(name, signer, sd_jwt_claims(document) if name == SD_JWT_VC else document)
    return found


def sd_jwt_claims(document: dict[str, Any]) -> dict[str, Any]:
    """The badge as claims of an SD-JWT VC: what it says, without what makes it a W3C credential."""
    kept = {name: value for name, value in document.items() if name not in {"@context", "type", "issuer"}}
    return {
        "vct": "https://college.example.edu/types/badge",
        "iss": document["issuer"]["id"],
        "iat": int(AWARDED.timestamp()),
        **kept,
    }


def our_cases(found: Mapping[str, Subject]) -> dict[str, Case]:
    cases: dict[str, Case] = {}
    for name, subject in found.items():
        cases[f"{name}|sign|{OURS}"] = subject.sign
        cases[f"{name}|verify|{OURS}"] = subject.verifying(subject.shown())
    return cases


def jose_cases(found: Mapping[str, Subject]) -> dict[str, Case]:
    """The bare envelope, ours and joserfc's: the badge in a compact JWS, to its payload in bytes and no further."""
    cases: dict[str, Case] = {}
    document = found["vc+jwt"].unsigned
    payload = json.dumps(document).encode()
    for algorithm, name in ((Algorithm.ED25519, "EdDSA"), (Algorithm.P256, "ES256")):
        signer = SoftSigner(2, algorithm)
        key = OKPKey if algorithm is Algorithm.ED25519 else ECKey
        private = key.generate_key("Ed25519" if algorithm is Algorithm.ED25519 else "P-256")
        public = key.import_key(private.as_dict(private=False))
        protected = {"alg": name, "kid": signer.verification_method, "typ": "vc+jwt", "cty": "vc"}
        title = f"{BARE_JWS}, {name}"
        theirs = jws.serialize_compact(protected, payload, private, [name])

        def ours(signer: SoftSigner = signer, algorithm: Algorithm = algorithm) -> bytes:
            header = build_header(algorithm, typ="vc+jwt", cty="vc", kid=signer.verification_method)
            message = build_signing_input(header, payload)
            return encode_compact_jws(message, signer.sign(message))

        def check(token: bytes = ours(), key: Any = signer.public_key) -> None:
            verify_compact_jws(parse_compact_jws(token), key)

        cases[f"{title}|sign|{OURS}"] = ours
        cases[f"{title}|verify|{OURS}"] = check
        cases[f"{title}|sign|joserfc"] = lambda p=protected, k=private, n=name: jws.serialize_compact(
            p, payload, k, [n]
        )
        cases[f"{title}|verify|joserfc"] = lambda t=theirs, k=public, n=name: jws.deserialize_compact(
            t, k, [n]
        )
    return cases


def bare_sd_jwt_cases(found: Mapping[str, Subject]) -> dict[str, Case]:
    """Ours as the others do it: with the issuer's key at hand, to the claims in their places and the signature."""
    subject = found[SD_JWT_VC]
    token, key = subject.shown(), subject.signer.public_key

    def check() -> None:
        opened = open_sd_jwt(token)
        verify_compact_jws(opened.jws, key)

    return {f"{BARE_SD_JWT}|verify|{OURS}": check}


def openvc_cases(found: Mapping[str, Subject]) -> dict[str, Case]:
    """openvc-core: signs with keys of its own and verifies what it signed; with selective disclosure and Data
    Integrity, what we signed."""
    cases: dict[str, Case] = {}
    suites = {
        "eddsa-rdfc-2022": (DataIntegrityProofSuite(), Ed25519SigningKey),
        "eddsa-jcs-2022": (EddsaJcsProofSuite(), Ed25519SigningKey),
        "ecdsa-rdfc-2019": (EcdsaRdfcProofSuite(), P256SigningKey),
        "ecdsa-jcs-2019": (EcdsaJcsProofSuite(), P256SigningKey),
    }
    for name, (suite, kind) in suites.items():
        subject = found[name]
        extra = {"extra_contexts": CONTEXTS} if "rdfc" in name else {}
        signing = {"signing_key": kind.generate("key"), "created": AWARDED, **extra}
        method = subject.signer.verification_method
        shown = subject.shown()
        cases[f"{name}|sign|openvc-core"] = lambda s=suite, d=subject.unsigned, o=signing, m=method: (
            s.add_proof(d, verification_method=m, **o)
        )
        cases[f"{name}|verify|openvc-core"] = lambda s=suite, c=shown, e=extra: s.verify(
            json.loads(c), now=NOW, **e
        )
    sd, subject = EcdsaSdProofSuite(), found["ecdsa-sd-2023"]
    key, shown = P256SigningKey.generate("key"), subject.shown()
    cases["ecdsa-sd-2023|sign|openvc-core"] = lambda: sd.add_base_proof(
        subject.unsigned,
        signing_key=key,
        verification_method=subject.signer.verification_method,
        mandatory_pointers=MANDATORY,
        created=AWARDED,
        extra_contexts=CONTEXTS,
    )
    cases["ecdsa-sd-2023|verify|openvc-core"] = lambda: sd.verify(
        json.loads(shown), now=NOW, extra_contexts=CONTEXTS
    )
    vc_jwt, jwt_key = VcJwtProofSuite(), Ed25519SigningKey.generate("key")
    token = vc_jwt.sign(found["vc+jwt"].unsigned, signing_key=jwt_key)
    jwk = jwt_key.public_jwk()
    cases["vc+jwt|sign|openvc-core"] = lambda: vc_jwt.sign(found["vc+jwt"].unsigned, signing_key=jwt_key)
    cases["vc+jwt|verify|openvc-core"] = lambda: vc_jwt.verify(token, public_key_jwk=jwk)
    sd_jwt, claims = SdJwtVcProofSuite(), found[SD_JWT_VC].unsigned
    ours, issuer = found[SD_JWT_VC].shown().decode(), found[SD_JWT_VC].signer.public_key.to_jwk()
    cases[f"{BARE_SD_JWT}|verify|openvc-core"] = lambda: sd_jwt.verify(ours, public_key_jwk=issuer, now=NOW)
    cases[f"{SD_JWT_VC}|sign|openvc-core"] = lambda: sd_jwt.issue(
        claims, signing_key=key, disclosable=DISCLOSABLE
    )
    cases[f"{SD_JWT_VC}|verify|openvc-core"] = lambda: sd_jwt.verify(ours, public_key_jwk=issuer, now=NOW)
    return cases


def node_figures(found: Mapping[str, Subject]) -> tuple[Figures, str]:
    """Digital Bazaar's packages and @sd-jwt/core in a Node process of their own, and a note where there is none."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return {}, "left out: Node is not installed"
    token = found[SD_JWT_VC]
    given = {
        "contexts": CONTEXTS,
        "unsigned": found["eddsa-rdfc-2022"].unsigned,
        "mandatory": MANDATORY,
        "signed": {
            name: json.loads(found[name].shown())
            for name in ("eddsa-rdfc-2022", "ecdsa-rdfc-2019", *SELECTIVE)
        },
        "sdJwt": {
            "claims": token.unsigned,
            "disclosable": DISCLOSABLE,
            "token": token.shown().decode(),
            "issuer": token.signer.public_key.to_jwk(),
        },
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file in NODE.iterdir():
            shutil.copyfile(file, folder / file.name)
        (folder / "input.json").write_text(json.dumps(given))
        install = ["npm", "install", "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund"]
        try:
            done = subprocess.run(install, cwd=folder, capture_output=True, text=True, timeout=300)  # noqa: S603
            if done.returncode != 0:
                return {}, "left out: npm could not install the packages"
            run = subprocess.run(
                ["node", "mechanisms.mjs", "input.json"],  # noqa: S607
                cwd=folder,
                capture_output=True,
                text=True,
                timeout=300,
            )
        except subprocess.TimeoutExpired:
            return {}, "left out: npm or node did not finish within 300 s"
    if run.returncode != 0:
        return {}, f"failed: {run.stderr.strip()[-300:]}"
    figures: Figures = {}
    for mechanism, taken in json.loads(run.stdout)["milliseconds"].items():
        whose = "@sd-jwt/core (Node)" if mechanism == SD_JWT_VC else "Digital Bazaar (Node)"
        figures[mechanism] = {
            operation: {whose: 1000 / milliseconds} for operation, milliseconds in taken.items()
        }
    return figures, "measured in a process of its own, in the same way"


def mechanisms(badge: Callable[[str], dict[str, Any]], measure: Measure) -> dict[str, Any]:
    """Everything: `per_second` by mechanism, operation and implementation, and `ahead`, how many times as often as the
    quickest other one ours does it (below 1: it is behind)."""
    found = subjects(badge)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)  # joserfc about the name EdDSA
        taken = measure(our_cases(found) | jose_cases(found) | bare_sd_jwt_cases(found) | openvc_cases(found))
    figures: Figures = {}
    for case, microseconds in taken.items():
        mechanism, operation, whose = case.split("|")
        figures.setdefault(mechanism, {}).setdefault(operation, {})[whose] = 1e6 / microseconds
    node, note = node_figures(found)
    for mechanism, operations in node.items():
        for operation, theirs in operations.items():
            figures[mechanism][operation] |= theirs
            if mechanism == SD_JWT_VC and operation == "verify":
                figures[BARE_SD_JWT][operation] |= theirs
    ahead = {
        f"{mechanism}, {operation}": rates[OURS] / max(rate for whose, rate in rates.items() if whose != OURS)
        for mechanism, operations in figures.items()
        for operation, rates in operations.items()
        if len(rates) > 1
    }
    return {"per_second": figures, "ahead": ahead, "node": note}


def print_mechanisms(results: dict[str, Any]) -> None:
    """The table of `mechanisms`."""
    print(f"\n{'a second, the badge':28}{'':8}")
    for mechanism, operations in results["per_second"].items():
        for operation, rates in operations.items():
            told = "  ".join(f"{whose} {rate:,.0f}" for whose, rate in rates.items())
            ratio = results["ahead"].get(f"{mechanism}, {operation}")
            print(f"{mechanism:28}{operation:8}{told}" + ("" if ratio is None else f"  -> {ratio:.1f} x"))
    print(f"Node: {results['node']}")
