"""Which conditions and levels the data know, so that a misspelt one is refused instead of silently not being heard."""

from __future__ import annotations

from collections.abc import Iterable

from skillcred.errors import InputError
from skillcred.profiles import Level
from skillcred.recognition.agreements import list_party_conditions
from skillcred.recognition.records import RecognitionData
from skillcred.recognition.without_papers import INTERVIEWED, PAPERS_MISSING, REFUGEE


class UnknownCodeError(InputError):
    """A question names what no rule speaks of. Codes: `recognition_unknown_condition`, `recognition_unknown_level`."""

    default_code = "recognition_unknown_condition"


def require_conditions(codes: Iterable[tuple[str, str]], data: RecognitionData) -> None:
    """Raises `UnknownCodeError` for the first code that no rule looks at. Each comes with its JSON pointer."""
    known = _list_conditions(data)
    for pointer, code in codes:
        if code not in known:
            raise UnknownCodeError("No rule speaks of this condition.", pointer=pointer)


def require_level(level: Level, data: RecognitionData, pointer: str) -> None:
    """Raises `UnknownCodeError` (`recognition_unknown_level`) for a framework, or a level of it, that is not in the
    data. Of some frameworks the levels are not known; then any is taken."""
    framework = data.frameworks.get(level.framework)
    if framework is None:
        raise UnknownCodeError(
            "There is no such framework.", code="recognition_unknown_level", pointer=f"{pointer}/framework"
        )
    codes = {known.code for known in framework.levels}
    if codes and level.code not in codes:
        raise UnknownCodeError(
            "The framework has no such level.", code="recognition_unknown_level", pointer=f"{pointer}/code"
        )


def _list_conditions(data: RecognitionData) -> frozenset[str]:
    found = {REFUGEE, PAPERS_MISSING, INTERVIEWED}
    for agreement in data.agreements.values():
        found.update(condition.code for condition in agreement.conditions)
        for party in agreement.parties:
            found.update(list_party_conditions(party))
    return frozenset(found)
