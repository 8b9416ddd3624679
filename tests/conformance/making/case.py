"""What one case directory holds, and writing it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CASES = Path(__file__).parents[1] / "cases"
Found = tuple[str, str | None]
"""Code and pointer of a problem."""


@dataclass(frozen=True)
class Expected:
    """What must be found: the step that notices it, its outcome, its reason code, the problems of that step (`None`
    where they are not the point)."""

    code: str
    problems: tuple[Found, ...] | None = ()
    step: str = "proof"
    outcome: str = "failed"

    @property
    def verdict(self) -> str:
        return {"failed": "invalid", "indeterminate": "indeterminate"}[self.outcome]

    def members(self) -> dict[str, Any]:
        found = {"verdict": self.verdict, "step": self.step, "outcome": self.outcome, "code": self.code}
        if self.problems is None:
            return found
        return {**found, "problems": [[code, pointer] for code, pointer in self.problems]}


def malformed(*problems: str | Found, code: str = "proof_malformed") -> Expected:
    """The proof step fails with `problems`, each a code or a code and a pointer."""
    return Expected(code, tuple((item, None) if isinstance(item, str) else item for item in problems))


def open_question(*problems: str | Found, code: str = "unsupported_proof") -> Expected:
    """The proof step cannot tell."""
    pairs = tuple((item, None) if isinstance(item, str) else item for item in problems)
    return Expected(code, pairs, outcome="indeterminate")


@dataclass(frozen=True)
class Case:
    """`inputs` by variant; a single one is called `input`, of several each is `input-<variant>`. `expected` is for
    all of them or by variant. `positive` names the case in which the same document was left alone."""

    name: str
    text: str
    inputs: Mapping[str, bytes]
    expected: Expected | Mapping[str, Expected]
    positive: str
    extension: str
    request: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)

    def file_name(self, variant: str) -> str:
        return f"input{'-' + variant if variant else ''}.{self.extension}"

    def write(self) -> None:
        folder = CASES / self.name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / "README.md").write_text(f"# {self.name}\n\n{self.text.strip()}\n", encoding="utf-8")
        for variant, content in self.inputs.items():
            (folder / self.file_name(variant)).write_bytes(content)
        for name, content in self.files.items():
            (folder / name).write_bytes(content)
        (folder / "expected.json").write_text(_text(self._expected()), encoding="utf-8")
        if self.request:
            (folder / "request.json").write_text(_text(dict(self.request)), encoding="utf-8")

    def _expected(self) -> dict[str, Any]:
        common: dict[str, Any] = {"positive": self.positive} if self.positive else {}
        if isinstance(self.expected, Expected):
            return {**common, **self.expected.members()}
        by_file = {self.file_name(variant): item.members() for variant, item in self.expected.items()}
        return {**common, "inputs": by_file}


@dataclass(frozen=True)
class Positive:
    """A document that was left alone: every step that others fail at passes here. `verdict` is `valid`, or
    `indeterminate` for the forms about which the registry has nothing to say."""

    name: str
    text: str
    content: bytes
    extension: str
    request: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    verdict: str = "valid"
    warnings: tuple[str, ...] = ()

    def write(self) -> None:
        folder = CASES / self.name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / "README.md").write_text(f"# {self.name}\n\n{self.text.strip()}\n", encoding="utf-8")
        (folder / f"input.{self.extension}").write_bytes(self.content)
        for name, content in self.files.items():
            (folder / name).write_bytes(content)
        expected: dict[str, Any] = {
            "verdict": self.verdict,
            "step": "proof",
            "outcome": "passed",
            "code": "proof_verified",
            "problems": [],
        }
        if self.warnings:
            expected["warnings"] = list(self.warnings)
        (folder / "expected.json").write_text(_text(expected), encoding="utf-8")
        if self.request:
            (folder / "request.json").write_text(_text(dict(self.request)), encoding="utf-8")


def _text(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def fail(
    name: str,
    text: str,
    inputs: bytes | Mapping[str, bytes],
    expected: Expected | Mapping[str, Expected],
    *,
    positive: str,
    extension: str,
    **more: Any,
) -> Case:
    """A case that must fail; `inputs` is one document or several by variant."""
    given = {"": inputs} if isinstance(inputs, bytes) else dict(inputs)
    return Case(f"{name}_fail", text, given, expected, positive, extension, **more)
