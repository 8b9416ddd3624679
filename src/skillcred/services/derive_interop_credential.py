"""A test suite has a credential derived, as a holder's wallet would do it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from skillcred.encoding.json_types import JsonObject
from skillcred.securing import SecuringError
from skillcred.verification import VerificationPolicy


@dataclass(frozen=True, slots=True)
class DeriveInteropCredential:
    """The use case."""

    policy: VerificationPolicy

    def __call__(self, credential: JsonObject, selective_pointers: Sequence[str]) -> bytes:
        """`credential` with a derived proof, showing what its issuer made mandatory and what is selected.

        Raises `SecuringError` and `InputError` for a credential from which nothing can be derived.
        """
        del credential, selective_pointers
        raise SecuringError("Nothing can be derived from this proof.", code="unsupported_mechanism")
