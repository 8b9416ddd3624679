"""What a reader of linked data puts up with beyond what is accepted everywhere else.

Both are off in every policy of the product. The surface for interoperability tests needs them, because examples of
the specifications have such values; a report that rests on one says so.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from skillcred.encoding.json_types import JsonValue, pointer_token

DIRECTION_NOT_SIGNED: Final = "direction_not_signed"
FRACTION_NOT_EXACT: Final = "fraction_not_exact"


@dataclass(frozen=True, slots=True)
class Tolerance:
    """`directions`: a text may have an `@direction`, which its signature does not cover, since RDF has no place for it
    (JSON-LD 1.1 API section 8.2.2, `rdfDirection` null). `fractions`: a number may have a fraction, of which the
    canonical form of xsd:double is signed (JSON-LD 1.1 API section 8.2.2, step 10)."""

    directions: bool = False
    fractions: bool = False


STRICT: Final = Tolerance()
FOR_EXAMPLES: Final = Tolerance(directions=True, fractions=True)


def is_fraction(value: object) -> bool:
    """Whether `value` is a finite number that is not whole. `1.0` and `1e3` are whole numbers in a second spelling, so
    they are none, and nobody tolerates them."""
    return isinstance(value, float) and math.isfinite(value) and not value.is_integer()


def tolerated_values(document: JsonValue, root: str = "") -> Iterator[tuple[str, str]]:
    """JSON pointer and code (`direction_not_signed`, `fraction_not_exact`) of each value in `document` that only some
    `Tolerance` accepts, in the order of the document."""
    pending: list[tuple[JsonValue, str]] = [(document, root)]
    while pending:
        value, pointer = pending.pop()
        if isinstance(value, dict):
            if "@value" in value and "@direction" in value:
                yield f"{pointer}/@direction", DIRECTION_NOT_SIGNED
            inner = [(item, f"{pointer}/{pointer_token(name)}") for name, item in value.items()]
            pending += reversed(inner)
        elif isinstance(value, list):
            pending += reversed([(item, f"{pointer}/{index}") for index, item in enumerate(value)])
        elif is_fraction(value):
            yield pointer, FRACTION_NOT_EXACT
