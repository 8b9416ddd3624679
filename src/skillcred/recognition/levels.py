"""Levels of two frameworks next to each other, only as sources say; equal numbers say nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from skillcred.profiles import Level
from skillcred.recognition.case import Answer, LevelFinding
from skillcred.recognition.records import RecognitionData, Standing

EQF: Final = "EQF"
COMPARABLE: Final = "comparable"


def compare_level(data: RecognitionData, held: Level, framework: str) -> tuple[LevelFinding, ...]:
    """What `held` compares to in `framework`: direct comparisons, or else through the EQF. Several findings are
    alternatives, and say so. Empty: nothing is known."""
    found = list(dict.fromkeys(_direct(data, held, framework)))
    if not found and framework != held.framework:
        found = list(_through_eqf(data, held, framework))
    several = sum(finding.relation == COMPARABLE for finding in found) > 1
    return tuple(
        replace(finding, one_of_several=several and finding.relation == COMPARABLE) for finding in found
    )


def compare_with_country(
    data: RecognitionData, levels: Iterable[Level], country: str, sought: Level | None = None
) -> tuple[LevelFinding, ...]:
    """What `levels` compare to in the frameworks of `country` and in that of `sought`, with how far they are from
    it."""
    names = [framework.id for framework in data.frameworks.values() if framework.country == country]
    if sought is not None and sought.framework not in names:
        names.append(sought.framework)
    found = [item for level in levels for name in names for item in compare_level(data, level, name)]
    return tuple(dict.fromkeys(_with_steps(data, item, sought) for item in found))


def count_steps(data: RecognitionData, framework: str, code: str, sought: str) -> int | None:
    """How many levels `code` is above `sought` in one framework; `None` where the order is not known."""
    levels = data.frameworks[framework].levels if framework in data.frameworks else ()
    ranks = {level.code: level.rank for level in levels}
    if code not in ranks or sought not in ranks:
        return None
    shared = [level.code for level in levels if level.rank == ranks[code]]
    if ranks[code] == ranks[sought] and code != sought and len(shared) > 1:
        return None
    return ranks[code] - ranks[sought]


def judge_level(data: RecognitionData, levels: Iterable[Level], sought: Level) -> tuple[Answer, bool]:
    """Whether one of `levels` reaches `sought`, by what sources compare; and whether that took a framework in
    between."""
    answers = [_reaches(data, level, sought) for level in levels]
    for wanted in ((Answer.MET, False), (Answer.MET, True), (Answer.UNKNOWN, False)):
        if wanted in answers:
            return wanted
    return answers[0] if answers else (Answer.UNKNOWN, False)


def _reaches(data: RecognitionData, level: Level, sought: Level) -> tuple[Answer, bool]:
    if level.framework == sought.framework:
        steps = count_steps(data, level.framework, level.code, sought.code)
        if level == sought or (steps is not None and steps >= 0):
            return Answer.MET, False
        return (Answer.UNKNOWN if steps is None else Answer.NOT_MET), False
    direct = [f for f in _direct(data, level, sought.framework) if f.relation == COMPARABLE]
    steps_of = [
        count_steps(data, sought.framework, f.level, sought.code) for f in direct if f.level is not None
    ]
    known = [steps for steps in steps_of if steps is not None]
    if known and len(known) == len(steps_of):
        if min(known) >= 0:
            return Answer.MET, False
        return (Answer.NOT_MET if max(known) < 0 else Answer.UNKNOWN), False
    mine, wanted = _eqf(data, level), _eqf(data, sought)
    if not mine or not wanted:
        return Answer.UNKNOWN, False
    if min(mine) >= max(wanted):
        return Answer.MET, True
    return (Answer.NOT_MET, True) if max(mine) < min(wanted) else (Answer.UNKNOWN, False)


def _eqf(data: RecognitionData, level: Level) -> set[str]:
    if level.framework == EQF:
        return {level.code}
    return {f.level for f in _direct(data, level, EQF) if f.relation == COMPARABLE and f.level is not None}


def _with_steps(data: RecognitionData, found: LevelFinding, sought: Level | None) -> LevelFinding:
    if sought is None or found.level is None or found.framework != sought.framework:
        return found
    if found.relation != COMPARABLE:
        return found
    return replace(found, steps=count_steps(data, found.framework, found.level, sought.code))


def _through_eqf(data: RecognitionData, held: Level, framework: str) -> Iterator[LevelFinding]:
    for middle in _direct(data, held, EQF):
        if middle.relation != COMPARABLE or middle.level is None:
            yield middle
            continue
        target = data.frameworks.get(framework)
        for level in target.levels if target else ():
            if level.eqf == middle.level:
                yield LevelFinding(
                    held,
                    framework,
                    level.code,
                    COMPARABLE,
                    True,
                    (*middle.sources, *level.sources),
                    min(middle.as_of, level.as_of),
                    middle.caveats,
                )


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
        yield LevelFinding(held, framework, other, relation, False, row.sources, row.as_of, row.caveats)
