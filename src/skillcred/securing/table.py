"""The one table of securing mechanisms, one for each form of documents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.keys.public_key import Algorithm
from skillcred.linkeddata import BUNDLED_CONTEXTS, ContextStore
from skillcred.model.documents import Form, SecuredDocument
from skillcred.securing.cose.mechanism import CoseMechanism
from skillcred.securing.data_integrity.mechanism import DataIntegrityMechanism
from skillcred.securing.data_integrity.suites import CRYPTOSUITES
from skillcred.securing.jose.mechanism import JoseMechanism
from skillcred.securing.jose.token import LEGACY_MECHANISM
from skillcred.securing.mechanism import (
    PreparedProof,
    ProofFindings,
    ProofRequest,
    SecuringError,
    SecuringMechanism,
)
from skillcred.securing.sd_jwt.mechanism import SdJwtMechanism
from skillcred.securing.sd_jwt.opening import peek_certified

MECHANISMS: Final[tuple[SecuringMechanism, ...]] = (
    DataIntegrityMechanism(),
    JoseMechanism(),
    CoseMechanism(),
    SdJwtMechanism(),
)
EXPERIMENTAL_NAMES: Final = tuple(sorted(DataIntegrityMechanism.experimental_names))
"""What one can put beside another proof, and not issue with alone: a verifier would not know who signed."""
WALLET_NAMES: Final = (LEGACY_MECHANISM,)
"""What is issued into wallets that ask for it, and not otherwise: an older form, kept for their sake."""
MECHANISM_NAMES: Final = tuple(
    sorted(
        name
        for mechanism in MECHANISMS
        for name in mechanism.names
        if name not in (*EXPERIMENTAL_NAMES, *WALLET_NAMES)
    )
)
"""What one can issue with."""
_BY_FORM: Final = {mechanism.form: mechanism for mechanism in MECHANISMS}
_BY_NAME: Final = {name: mechanism for mechanism in MECHANISMS for name in mechanism.names}
ASSERTION: Final = "assertionMethod"
"""The proof purpose of credentials."""


def key_algorithms(name: str) -> tuple[Algorithm, ...]:
    """The kinds of key that can sign with mechanism `name`. Raises `SecuringError`."""
    return _mechanism_named(name).key_algorithms(name)


def peek_controllers(secured: SecuredDocument) -> tuple[str, ...]:
    """The DIDs whose documents verification will need. Read from *unverified* data."""
    return _BY_FORM[secured.form].peek_controllers(secured)


def needs_trust_anchors(secured: SecuredDocument) -> bool:
    """Whether the document names its issuer by a certificate. Read from *unverified* data."""
    return secured.form is Form.SD_JWT and peek_certified(secured.content)


def verify_secured_document(secured: SecuredDocument, request: ProofRequest) -> ProofFindings:
    """Check the proofs of a document with the mechanism that it uses."""
    return _BY_FORM[secured.form].verify(secured, request)


def prepare_proof(
    name: str,
    document: JsonObject,
    *,
    verification_method: str,
    algorithm: Algorithm,
    created: datetime,
    purpose: str = ASSERTION,
    contexts: ContextStore = BUNDLED_CONTEXTS,
    options: Mapping[str, JsonValue] | None = None,
) -> PreparedProof:
    """Decide what a key of `algorithm` is to sign; for `options` see the Protocol. Raises `SecuringError`,
    `LinkedDataError` or `JcsError`."""
    return _mechanism_named(name).prepare(
        name,
        document,
        verification_method=verification_method,
        algorithm=algorithm,
        created=created,
        purpose=purpose,
        contexts=contexts,
        options=options,
    )


def attach_proof(prepared: PreparedProof, signature: bytes) -> bytes:
    """The secured document, as it will be stored and handed out."""
    return _mechanism_named(prepared.mechanism).attach(prepared, signature)


def secured_media_type(name: str, purpose: str = ASSERTION) -> str:
    """The media type of documents secured with mechanism `name`. Raises `SecuringError`."""
    return _mechanism_named(name).media_type(name, purpose)


def takes_second_proof(name: str) -> bool:
    """Whether a document that is secured with mechanism `name` can carry one more proof. Envelopes have one; from
    proofs for selective disclosure others are derived, which the second one would not fit."""
    suite = CRYPTOSUITES.get(name)
    return suite is not None and suite.issues and suite.derive is None and not suite.experimental


def _mechanism_named(name: str) -> SecuringMechanism:
    mechanism = _BY_NAME.get(name)
    if mechanism is None:
        raise SecuringError("There is no securing mechanism of that name.")
    return mechanism
