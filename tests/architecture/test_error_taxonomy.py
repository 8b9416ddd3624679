"""Every fault has a class, a stable code and a sentence; nothing else is raised on purpose."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator

import pytest

import skillcred
from skillcred import errors
from skillcred.errors import SkillcredError


def all_modules() -> list[str]:
    return ["skillcred"] + [
        found.name
        for found in pkgutil.walk_packages(skillcred.__path__, "skillcred.")
        if "_shipped" not in found.name
    ]


def exception_classes() -> Iterator[type[BaseException]]:
    seen: set[type] = set()
    for name in all_modules():
        for _, member in inspect.getmembers(importlib.import_module(name), inspect.isclass):
            if issubclass(member, BaseException) and member.__module__ == name and member not in seen:
                seen.add(member)
                yield member


CLASSES = sorted(exception_classes(), key=lambda cls: cls.__qualname__)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__qualname__)
def test_class_follows_the_taxonomy(cls: type[BaseException]) -> None:
    assert issubclass(cls, SkillcredError)
    assert cls.__name__.rstrip("_").endswith("Error")
    assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", cls.default_code)
    assert inspect.getdoc(cls)


def test_roots_are_what_callers_can_act_on() -> None:
    """A new direct child of `SkillcredError` needs an answer in `web/problems.py`; elsewhere one subclasses a root."""
    roots = {cls for cls in CLASSES if SkillcredError in cls.__bases__}
    assert {cls.__module__ for cls in roots} == {errors.__name__}


def test_code_can_be_more_exact_than_the_class() -> None:
    fault = errors.ConflictError("Taken.", code="slug_taken", pointer="/slug")
    assert (fault.code, fault.pointer, str(fault)) == ("slug_taken", "/slug", "Taken.")
    assert errors.ConflictError("Taken.").code == "conflict"
