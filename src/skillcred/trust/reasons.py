"""Why a chain does not authorise: stable codes, and a sentence for each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from skillcred.model.outcomes import Problem
from skillcred.trust.chains import ChainState, LinkState
from skillcred.trust.standing import Standing

_STANDINGS: Final = {
    Standing.NOT_YET: ("accredited_later", "The issuer was accredited only after the award date."),
    Standing.EXPIRED: ("accreditation_expired", "The accreditation had run out on the award date."),
    Standing.SUSPENDED: ("accreditation_suspended", "The accreditation was suspended on the award date."),
    Standing.ENDED: ("accreditation_ended", "The accreditation had ended before the award date."),
    Standing.WITHDRAWN: (
        "accreditation_withdrawn",
        "The accreditation was withdrawn with effect for the award date.",
    ),
    Standing.SUCCEEDED: (
        "accreditation_succeeded",
        "The issuer had been followed by another before the award date.",
    ),
}
_ABOVE: Final = {
    Standing.NOT_YET: ("authority_later", "A body in the chain was accredited only after the award date."),
    Standing.EXPIRED: ("authority_expired", "The accreditation of a body in the chain had run out."),
    Standing.SUSPENDED: ("authority_suspended", "A body in the chain was suspended on the award date."),
    Standing.ENDED: (
        "authority_ended",
        "The authority of a body in the chain had ended before the award date.",
    ),
    Standing.WITHDRAWN: ("authority_withdrawn", "The authority of a body in the chain was withdrawn."),
    Standing.SUCCEEDED: ("authority_succeeded", "A body in the chain had been followed by another."),
}
LIMITS: Final = {
    "profile_out_of_scope": "The accreditation does not cover this kind of credential.",
    "field_out_of_scope": "The accreditation does not cover this field of study.",
    "occupation_out_of_scope": "The accreditation does not cover this occupation.",
    "level_out_of_scope": "The accreditation does not cover this level.",
    "country_out_of_scope": "The accreditation does not cover awards in this country.",
    "language_out_of_scope": "The accreditation does not cover awards in this language.",
    "campus_out_of_scope": "The accreditation does not cover this campus.",
    "programme_out_of_scope": "The accreditation does not cover this programme.",
    "profile_not_determinable": "The credential is of a kind that this service cannot tell.",
    "field_not_determinable": "The credential does not state its field closely enough.",
    "occupation_not_determinable": "The credential does not state its occupation closely enough.",
    "level_not_determinable": "The credential does not state its level in the accreditation's framework.",
    "country_not_determinable": "The credential does not state the country of the award.",
    "language_not_determinable": "The credential does not state the language of the award closely enough.",
    "campus_not_determinable": "The credential does not state the campus.",
    "programme_not_determinable": "The credential does not state the programme.",
    "schema_not_determinable": "The accreditation asks for a schema that this service does not have.",
    "nothing_may_be_issued": "The accreditation does not allow the issuer to issue anything.",
}

REASONS: Final = dict(_STANDINGS.values()) | dict(_ABOVE.values()) | LIMITS
"""The sentence for every code that `explain` gives."""


def explain(state: ChainState) -> Iterator[Problem]:
    """What speaks against a chain, from the issuer upwards."""
    *above, last = state.links
    yield from _limits(last)
    if last.state.standing in _STANDINGS:
        yield Problem(*_STANDINGS[last.state.standing])
    for link in reversed(above):
        yield from _limits(link)
        if link.state.standing in _ABOVE:
            yield Problem(*_ABOVE[link.state.standing])


def lapse_code(state: ChainState) -> str:
    """The code of what ended a chain that authorised before: that of its first link that is not in force."""
    for place, link in enumerate(state.links):
        if link.state.standing is not Standing.IN_FORCE:
            issuers_own = place == len(state.links) - 1
            return f"{'accreditation' if issuers_own else 'authority'}_{link.state.standing.value}"
    return "accreditation_narrowed"


def _limits(link: LinkState) -> Iterator[Problem]:
    for code in link.coverage.limits:
        yield Problem(code, LIMITS[code])
