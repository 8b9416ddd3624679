"""Rules that every module keeps. They are read off the syntax tree, so a comment or a string never trips them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "skillcred"
MODULES = sorted(path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py"))

MAX_LINES = 400
EDGES = {
    "cli/__init__.py",
    "web/problems.py",
    "web/app.py",
    "web/publisher.py",
    "web/registry_updater.py",
    "web/verifying/worker.py",
    "services/verify_many.py",
}
"""Where a fault nobody foresaw is turned into an answer or a log line, or carried out of a worker process with the
number of its document; the only places that may catch everything."""
HTTP_CLIENTS = {"adapters/fetch/", "cli/demo"}
"""The one egress door, and the demo, which calls the service it has just started on this machine."""
ENVIRONMENT = {"settings.py", "cli/demo/service_process.py"}
"""Where settings are read, and where the environment is passed on to the process of the demo's service."""


@cache
def tree(module: str) -> ast.Module:
    return ast.parse((SOURCE / module).read_text(encoding="utf-8"))


def dotted(node: ast.AST) -> str:
    """`a.b.c` for names and attributes, `""` for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inner = dotted(node.value)
        return f"{inner}.{node.attr}" if inner else node.attr
    return ""


def imported_modules(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield node.module


def asserts(node: ast.AST) -> bool:
    return isinstance(node, ast.Assert)


def raises_nameless_fault(node: ast.AST) -> bool:
    if not isinstance(node, ast.Raise) or node.exc is None:
        return False
    raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    return dotted(raised) in {
        "Exception",
        "BaseException",
        "RuntimeError",
        "NotImplementedError",
        "AssertionError",
    }


def catches_everything(node: ast.AST) -> bool:
    if not isinstance(node, ast.ExceptHandler):
        return False
    if isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None:
        return False  # it tidies up and lets the fault go on
    kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    return any(kind is None or dotted(kind) in {"Exception", "BaseException"} for kind in kinds)


def swallows(node: ast.AST) -> bool:
    """An except block that does nothing at all."""
    return isinstance(node, ast.ExceptHandler) and all(isinstance(line, ast.Pass) for line in node.body)


def reads_the_clock(node: ast.AST) -> bool:
    name = dotted(node.func) if isinstance(node, ast.Call) else ""
    return name.endswith((".utcnow", ".today", "datetime.now")) or name == "time.time"


def reads_the_environment(node: ast.AST) -> bool:
    return dotted(node) in {"os.environ", "os.getenv", "environ", "getenv"}


def opens_connections(node: ast.AST) -> bool:
    return any(
        name.split(".")[0] in {"httpx2", "httpx", "requests", "aiohttp"} or name == "urllib.request"
        for name in imported_modules(node)
    )


def makes_verified_document(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and (
        dotted(node.func).split(".")[-1] == "VerifiedDocument"
        or (
            dotted(node.func) in {"replace", "dataclasses.replace", "copy.replace"}
            and "verified" in ast.unparse(node)
        )
    )


def prints(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and dotted(node.func) == "print"


RULES: list[tuple[str, Callable[[ast.AST], bool], Callable[[str], bool]]] = [
    # what is looked for, how, and where it is allowed
    ("an assert (python -O removes it)", asserts, lambda _: False),
    ("a fault without a class of its own", raises_nameless_fault, lambda _: False),
    ("a catch of everything", catches_everything, EDGES.__contains__),
    ("a swallowed fault", swallows, lambda _: False),
    ("a look at the clock", reads_the_clock, lambda module: module.startswith("adapters/clock")),
    ("a look at the environment", reads_the_environment, ENVIRONMENT.__contains__),
    ("an HTTP client", opens_connections, lambda module: module.startswith(tuple(HTTP_CLIENTS))),
    (
        "a VerifiedDocument made by hand",
        makes_verified_document,
        lambda module: module.startswith("securing/"),
    ),
    ("a print", prints, lambda module: module.startswith("cli/")),
]


@pytest.mark.parametrize(("what", "found", "allowed"), RULES, ids=[rule[0] for rule in RULES])
def test_rule_is_kept(what: str, found: Callable[[ast.AST], bool], allowed: Callable[[str], bool]) -> None:
    breaches = [
        f"{module}:{getattr(node, 'lineno', '?')}"
        for module in MODULES
        if not allowed(module)
        for node in ast.walk(tree(module))
        if found(node)
    ]
    assert not breaches, f"{what} stands in {breaches}"


BREACHES = [
    (asserts, "assert x"),
    (raises_nameless_fault, "raise RuntimeError('x')"),
    (raises_nameless_fault, "raise Exception"),
    (catches_everything, "try:\n    f()\nexcept Exception:\n    g()"),
    (catches_everything, "try:\n    f()\nexcept (KeyError, BaseException):\n    g()"),
    (catches_everything, "try:\n    f()\nexcept:\n    g()"),
    (catches_everything, "try:\n    f()\nexcept BaseException:\n    raise KeyError from None"),
    (swallows, "try:\n    f()\nexcept KeyError:\n    pass"),
    (reads_the_clock, "datetime.now(UTC)"),
    (reads_the_clock, "datetime.datetime.utcnow()"),
    (reads_the_clock, "date.today()"),
    (reads_the_environment, "os.environ['A']"),
    (opens_connections, "import httpx2"),
    (opens_connections, "from urllib.request import urlopen"),
    (makes_verified_document, "VerifiedDocument(a, b)"),
    (makes_verified_document, "dataclasses.replace(verified, document={})"),
    (prints, "print('x')"),
]


@pytest.mark.parametrize(("found", "source"), BREACHES, ids=[source for _, source in BREACHES])
def test_rule_sees_a_breach(found: Callable[[ast.AST], bool], source: str) -> None:
    assert any(found(node) for node in ast.walk(ast.parse(source)))


@pytest.mark.parametrize("module", MODULES)
def test_module_is_small_enough_to_read(module: str) -> None:
    lines = len((SOURCE / module).read_text(encoding="utf-8").splitlines())
    assert lines <= MAX_LINES, f"{module} has {lines} lines; split it by what it does"


def undocumented(module: ast.Module) -> Iterator[str]:
    """Public top-level functions, classes and their public methods without a docstring."""
    for node in module.body:
        if not isinstance(
            node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
        ) or node.name.startswith("_"):
            continue
        if not ast.get_docstring(node):
            yield node.name
        if isinstance(node, ast.ClassDef):
            for method in node.body:
                if (
                    isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef)
                    and not method.name.startswith("_")
                    and not ast.get_docstring(method)
                    and not any(
                        dotted(decorator) in {"override", "overload"} for decorator in method.decorator_list
                    )
                ):
                    yield f"{node.name}.{method.name}"


@pytest.mark.parametrize("module", MODULES)
def test_every_module_says_what_it_is_for(module: str) -> None:
    assert (ast.get_docstring(tree(module)) or "").strip(), f"{module} has no docstring"


@pytest.mark.parametrize("module", [module for module in MODULES if not module.startswith("web/")])
def test_public_members_are_documented(module: str) -> None:
    assert list(undocumented(tree(module))) == []


@pytest.mark.parametrize("module", MODULES)
def test_silencers_name_what_they_silence(module: str) -> None:
    for number, line in enumerate((SOURCE / module).read_text(encoding="utf-8").splitlines(), 1):
        where = f"{module}:{number}"
        assert "type: ignore" not in line or "type: ignore[" in line, where
        assert "noqa" not in line or "noqa: " in line, where
        assert not any(mark in line for mark in ("TODO", "FIXME", "XXX", "pragma: no cover")), where
