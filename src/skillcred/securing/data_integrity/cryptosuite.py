"""What a Data Integrity cryptosuite is: a declaration of parts, not a class hierarchy.

Verifiable Credential Data Integrity 1.0, section 3 (Cryptographic Suites) and 4.1 (Cryptographic Suite
interface: createProof and verifyProof).

A new suite is one file that declares a `Cryptosuite`, and a line in `suites.py`. A suite whose signature covers
the whole document takes `WholeDocument` (`whole_document.py`) as its procedures and says only how it
canonicalises. A suite that works otherwise (selective disclosure) brings its own `Procedures`: an object with
the three functions of that Protocol. Around them the mechanism does what is the same for all suites:

- before `verify`: the members of the proof are read strictly (`proof.py`), its times and purpose are checked, the
  verification method is found in the document of its controller, and its algorithm is one of `hash_names`;
- after `verify`: the document *as it was given* counts as covered by the signature. So `verify` has to refuse
  (raise) whenever a member of `given.document` could be changed without its noticing. A document in which the
  holder has left out what he need not show is such a document too, as long as all that is left is covered;
- before `prepare`: the proof options are complete but for what the suite itself adds to them, and the
  algorithm is one of `hash_names`;
- after `attach`: the text that it gives becomes `proofValue`, the last member of the proof.

`verify` raises `ProofError` for what the suite itself finds (`decode_proof_value` in `proof.py` does so for the
multibase header), or lets any other `InputError` through: `LinkedDataError` becomes a finding `data_loss` or
`context_not_allowed`, `LimitError` `canonicalization_limit` (`findings.py`). It returns the road that the
canonicalisation of linked data took (`CanonicalDocument.road`), for diagnostics only, or `None`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.keys.public_key import Algorithm, PublicKey
from skillcred.linkeddata import ContextStore
from skillcred.securing.data_integrity.proof import PROOF_TYPE, ProofOptions
from skillcred.securing.mechanism import PreparedProof


class ProofToVerify(NamedTuple):
    """What a suite gets to verify one proof.

    `document` has no `proof`, unless the proof builds on others (`previousProof`): then these stand there.
    `options.members` is the proof as it came, `proofValue` included. `hash_name` is that of `hash_names` for the key.
    """

    document: JsonObject
    options: ProofOptions
    public_key: PublicKey
    hash_name: str
    contexts: ContextStore


@dataclass(frozen=True, slots=True)
class ProofToMake:
    """What a suite gets to decide the bytes to sign.

    `document` as in `ProofToVerify`. `options` are the members of the proof so far, without `proofValue`.
    `parameters` are what the caller wants of this suite beside members of the proof (for selective disclosure
    e.g. `mandatoryPointers`); a suite must refuse those that it does not know (`SecuringError`,
    `unsupported_option`).
    """

    document: JsonObject
    options: JsonObject
    algorithm: Algorithm
    hash_name: str
    contexts: ContextStore
    parameters: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ToBeSigned:
    """What a suite has decided: the final members of the proof, the bytes for the key, and what `attach` will
    need beside them, as JSON (it is stored with the reservation)."""

    options: JsonObject
    data: bytes
    extra: JsonObject = field(default_factory=dict)


class Procedures(Protocol):
    """The three procedures of a suite. Pure functions; what they need from outside is handed in."""

    def verify(self, given: ProofToVerify) -> str | None:
        """Return if the signature covers all of `given.document` and `given.options`; else raise `ProofError` or
        another `InputError`. What is returned is the road of canonicalisation, where there was one."""
        ...

    def prepare(self, given: ProofToMake) -> ToBeSigned:
        """Decide the bytes to sign. Raises `SecuringError`, `LinkedDataError` or `JcsError`."""
        ...

    def attach(self, prepared: PreparedProof, signature: bytes) -> str:
        """The `proofValue`: multibase text with the header of the suite."""
        ...


@dataclass(frozen=True, slots=True)
class ProofToDerive:
    """What a suite gets to make a derived proof. `document` has no `proof`; `options` is the base proof; `pointers`
    are JSON pointers to what the holder wants to show; `parameters` are what he wants beside it, of which a suite
    must refuse those that it does not know (`SecuringError`, `unsupported_option`)."""

    document: JsonObject
    options: ProofOptions
    pointers: tuple[str, ...]
    contexts: ContextStore
    parameters: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DerivedProof:
    """The part of the document that is shown, without `proof`, and the `proofValue` for it. The other members of the
    proof stay as they are."""

    document: JsonObject
    proof_value: str


Derive = Callable[[ProofToDerive], DerivedProof]
"""Raises `SecuringError` or `LinkedDataError`."""


@dataclass(frozen=True, slots=True)
class Cryptosuite:
    """A registered cryptosuite.

    `hash_names` gives the digest for each key algorithm that may be used, the preferred algorithm first; a key of
    another algorithm is refused. `parameters` names what one may hand in beside members of the proof.
    `proof_type` is another than `DataIntegrityProof` only for suites from before Data Integrity, whose proofs
    have no `cryptosuite`; their `name` is that type. `issues` tells whether one can sign with it here.
    An `experimental` suite follows a draft that may change or an algorithm that few have tried. Its proofs have to hold
    like all others, but say nothing about who signed: a document needs another proof beside them.
    `derive` makes what a holder shows from what the issuer handed out, where these differ: `verify` then accepts
    only the former.
    """

    name: str
    hash_names: Mapping[Algorithm, str]
    procedures: Procedures
    parameters: frozenset[str] = frozenset()
    proof_type: str = PROOF_TYPE
    issues: bool = True
    experimental: bool = False
    derive: Derive | None = None
