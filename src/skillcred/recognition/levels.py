"""Levels of two frameworks next to each other, only as sources say; equal numbers say nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from skillcred.profiles import Level
from skillcred.recognition.case import Answer, LevelFinding
from skillcred.recognition.records import RecognitionData, Standing

EQF = "EQF"
COMPARABLE = "comparable"


def compare_level(data: RecognitionData, held: Level, framework: str) -> tuple[LevelFinding, ...]:
    """What `held` compares to in `framework`: direct comparisons, or else through the EQF. Several findings are
    alternatives. Empty: nothing is known."""
    direct = tuple(dict.fromkeys(_direct(data, held, framework)))
    if direct or framework == held.framework:
        return direct
    found: list[LevelFinding] = []
    for middle in _direct(data, held, EQF):
        if middle.relation != COMPARABLE or middle.level is None:
            found.append(middle)
            continue
        target = data.frameworks.get(framework)
        for level in target.levels if target else ():
            if level.eqf == middle.level:
                found.append(
                    LevelFinding(
                        held,
                        framework,
                        level.code,
                        COMPARABLE,
                        True,
                        (*middle.sources, *level.sources),
                        min(middle.as_of, level.as_of),
                    )
                )
    return tuple(found)


def compare_with_country(
    data: RecognitionData, levels: Iterable[Level], country: str
) -> tuple[LevelFinding, ...]:
    """What `levels` compare to in the frameworks of `country`."""
    frameworks = [framework.id for framework in data.frameworks.values() if framework.country == country]
    return tuple(
        dict.fromkeys(
            found for level in levels for name in frameworks for found in compare_level(data, level, name)
        )
    )


def judge_level(data: RecognitionData, levels: Iterable[Level], sought: Level) -> Answer:
    """Whether one of `levels` reaches `sought`, by the European level where sources give one for both."""
    answers = {_reaches(data, level, sought) for level in levels}
    for answer in (Answer.MET, Answer.UNKNOWN, Answer.NOT_MET):
        if answer in answers:
            return answer
    return Answer.UNKNOWN


def _reaches(data: RecognitionData, level: Level, sought: Level) -> Answer:
    if level == sought:
        return Answer.MET
    findings = _direct(data, level, sought.framework)
    if any(f.relation == COMPARABLE and f.level == sought.code for f in findings):
        return Answer.MET
    mine, wanted = _eqf(data, level), _eqf(data, sought)
    if not mine or not wanted:
        return Answer.UNKNOWN
    if min(mine) >= max(wanted):
        return Answer.MET
    return Answer.NOT_MET if max(mine) < min(wanted) else Answer.UNKNOWN


def _eqf(data: RecognitionData, level: Level) -> set[str]:
    if level.framework == EQF:
        return {level.code}
    return {f.level for f in _direct(data, level, EQF) if f.relation == COMPARABLE and f.level is not None}


def _direct(data: RecognitionData, held: Level, framework: str) -> Iterator[LevelFinding]:
    mine = data.frameworks.get(held.framework)
    if framework == EQF and mine is not None:
        for level in mine.levels:
            if level.code == held.code and level.eqf is not None:
                yield LevelFinding(held, EQF, level.eqf, COMPARABLE, False, level.sources, level.as_of)
    if held.framework == EQF:
        target = data.frameworks.get(framework)
        for level in target.levels if target else ():
            if level.eqf == held.code:
                yield LevelFinding(held, framework, level.code, COMPARABLE, False, level.sources, level.as_of)
    for row in data.comparisons:
        if (row.from_framework, row.from_level, row.to_framework) == (held.framework, held.code, framework):
            other = row.to_level
        elif (row.to_framework, row.to_level, row.from_framework) == (held.framework, held.code, framework):
            other = row.from_level
        else:
            continue
        agreed = row.standing is Standing.AGREED
        relation = COMPARABLE if agreed else row.standing.value
        yield LevelFinding(held, framework, other, relation, False, row.sources, row.as_of)
