"""The `skillcred` command, as a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import skillcred
from worlds.commands import clean_environment, run_skillcred


def skill(
    *arguments: str, cwd: Path, stdin: bytes = b"", **variables: str
) -> subprocess.CompletedProcess[bytes]:
    """Run the command with those settings and no others."""
    return run_skillcred(*arguments, cwd=cwd, variables=variables, stdin=stdin)


@pytest.fixture
def files(demo_service: Any, tmp_path: Path) -> Path:
    """A folder with the credentials of the demo."""
    for exhibit in demo_service.told.exhibits:
        (tmp_path / exhibit.file_name).write_bytes(exhibit.content)
    return tmp_path


VERDICTS = [
    pytest.param("genuine.json", 0, "valid", "issuer_authorised", id="valid-0"),
    pytest.param("forged.json", 1, "invalid", "signature_wrong", id="invalid-1"),
    pytest.param("out-of-scope.json", 1, "invalid", "issuer_not_authorised", id="invalid-1-out-of-scope"),
    pytest.param("unaccredited.json", 2, "indeterminate", "issuer_not_recognised", id="indeterminate-2"),
]


@pytest.mark.parametrize(("file", "exit_code", "verdict", "reason"), VERDICTS)
def test_verify_beside_the_running_service(
    demo_service: Any, files: Path, file: str, exit_code: int, verdict: str, reason: str
) -> None:
    result = skill("verify", file, "--format", "json", cwd=files, **demo_service.folder.variables())
    report = json.loads(result.stdout)
    assert (result.returncode, report["verdict"], report["reason"]) == (exit_code, verdict, reason)
    assert result.stderr == b""
    text = skill("verify", file, "--offline", cwd=files, **demo_service.folder.variables())
    assert text.returncode == exit_code
    assert text.stdout.decode().startswith(f"{verdict.upper()}  ({reason})\n")
    assert b"\x1b" not in text.stdout


@pytest.mark.parametrize(("file", "exit_code", "verdict", "reason"), VERDICTS)
def test_replay_gives_the_same_report_byte_for_byte_anywhere(
    demo_service: Any, files: Path, tmp_path: Path, file: str, exit_code: int, verdict: str, reason: str
) -> None:
    saved = skill(
        "verify",
        file,
        "--format",
        "json",
        "--save-evidence",
        "bundle.json",
        cwd=files,
        **demo_service.folder.variables(),
    )
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "bundle.json").write_bytes((files / "bundle.json").read_bytes())
    replayed = skill("replay", "bundle.json", "--format", "json", cwd=elsewhere)
    assert (replayed.returncode, replayed.stdout) == (exit_code, saved.stdout)
    assert json.loads(replayed.stdout)["reason"] == reason
    assert [path.name for path in elsewhere.iterdir()] == ["bundle.json"]
    piped = skill("replay", "-", cwd=elsewhere, stdin=(files / "bundle.json").read_bytes())
    assert piped.stdout.decode().startswith(verdict.upper())


def test_replay_of_a_tampered_bundle_is_not_valid(demo_service: Any, files: Path) -> None:
    skill(
        "verify",
        "genuine.json",
        "--save-evidence",
        "bundle.json",
        cwd=files,
        **demo_service.folder.variables(),
    )
    bundle = json.loads((files / "bundle.json").read_bytes())
    bundle["evidence"] = []
    (files / "less.json").write_text(json.dumps(bundle))
    assert skill("replay", "less.json", cwd=files).returncode == 2


def test_verify_as_of_an_instant(demo_service: Any, files: Path) -> None:
    settings = demo_service.folder.variables()
    before = skill(
        "verify", "genuine.json", "--at", "2024-06-01T00:00:00Z", "--format", "json", cwd=files, **settings
    )
    assert before.returncode == 1
    assert json.loads(before.stdout)["evaluated_at"] == "2024-06-01T00:00:00Z"
    for wrong in ("2024-06-01", "yesterday", "2024-06-01T00:00:00"):
        assert skill("verify", "genuine.json", "--at", wrong, cwd=files, **settings).returncode == 64


def test_verify_needs_no_set_up_and_leaves_nothing(demo_service: Any, tmp_path: Path) -> None:
    """Somebody who has only the program and a file: all is checked but who vouches."""
    content = demo_service.credential("unaccredited.json")
    result = skill("verify", "-", "--offline", cwd=tmp_path, stdin=content)
    assert result.returncode == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "exit_code", "code"),
    [
        pytest.param(["verify"], 64, "usage", id="no-file"),
        pytest.param(["verify", "absent.json"], 64, "file_not_readable", id="absent-file"),
        pytest.param(["verify", "."], 64, "file_not_readable", id="folder"),
        pytest.param(["verify", "-", "--format", "xml"], 64, "usage", id="unknown-format"),
        pytest.param(["verify", "-", "--at", "soon"], 64, "invalid_datetime", id="bad-instant"),
        pytest.param(["replay", "absent.json"], 64, "file_not_readable", id="absent-bundle"),
        pytest.param(["replay", "-"], 64, "json_syntax", id="empty-bundle"),
        pytest.param(["nonsense"], 64, "usage", id="unknown-command"),
        pytest.param(["registry", "bodies"], 69, "database_unavailable", id="no-database"),
        pytest.param(["serve", "--workers", "2"], 78, "one_worker_on_sqlite", id="two-writers-on-sqlite"),
        pytest.param(
            ["serve", "--demo", "--host", "0.0.0.0"], 64, "demo_on_loopback_only", id="demo-for-others"
        ),
    ],
)
def test_faults_are_one_line_with_a_code(
    tmp_path: Path, arguments: list[str], exit_code: int, code: str
) -> None:
    result = skill(*arguments, cwd=tmp_path)
    assert (result.returncode, result.stdout) == (exit_code, b"")
    lines = result.stderr.decode().splitlines()
    assert lines[0].startswith(f"skillcred: {code}: ")
    assert len(lines) == 1
    assert "Traceback" not in lines[0]


def test_misspelt_setting_is_refused(tmp_path: Path) -> None:
    result = skill("registry", "bodies", cwd=tmp_path, SKILLCRED_DATABSE_URL="sqlite:///x")
    assert result.returncode == 78
    assert result.stderr.startswith(b"skillcred: unknown_setting: ")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff\xfe",
        b'{"a": NaN}',
        b"[" * 100_000,
        b'{"type": "VerifiableCredential"}',
        b"\x00" * 10,
    ],
    ids=["empty", "object", "array", "utf-16", "nan", "deep", "unsigned", "nul"],
)
def test_hostile_files_get_a_verdict(tmp_path: Path, content: bytes) -> None:
    result = skill("verify", "-", "--offline", "--format", "json", cwd=tmp_path, stdin=content)
    assert result.returncode in {1, 2}
    assert json.loads(result.stdout)["verdict"] in {"invalid", "indeterminate"}


def test_file_over_the_limit_is_not_read(tmp_path: Path) -> None:
    result = skill("verify", "-", cwd=tmp_path, stdin=b" " * (1024 * 1024 + 1))
    assert result.returncode == 64
    assert b"file_too_large" in result.stderr


def test_started_as_a_person_would(tmp_path: Path) -> None:
    """The other tests fork a process that has the program loaded."""
    for command in ([Path(sys.executable).with_name("skillcred")], [sys.executable, "-m", "skillcred.cli"]):
        result = subprocess.run(
            [*command, "verify", "-", "--offline", "--format", "json"],
            cwd=tmp_path,
            env=clean_environment(),
            input=b"{}",
            capture_output=True,
            timeout=120,
        )
        assert (result.returncode, result.stderr) == (1, b"")
        assert json.loads(result.stdout)["verdict"] == "invalid"


def test_version_and_help(tmp_path: Path) -> None:
    assert skill("--version", cwd=tmp_path).stdout.decode() == f"skillcred {skillcred.__version__}\n"
    result = skill("--help", cwd=tmp_path)
    assert result.returncode == 0
    for command in (
        "verify",
        "replay",
        "issue",
        "serve",
        "demo",
        "registry",
        "organisations",
        "keys",
        "api-keys",
        "db",
    ):
        assert f"\n  {command} " in result.stdout.decode()


def test_a_credential_is_baked_into_a_picture_and_verified(files: Path) -> None:
    (files / "blank.svg").write_bytes(b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>')
    baking = ["credentials", "bake", "genuine.json", "blank.svg", "--output", "badge.svg"]
    assert skill(*baking, cwd=files).returncode == 0
    report = json.loads(skill("verify", "badge.svg", "--format", "json", cwd=files).stdout)
    assert [warning["code"] for warning in report["warnings"]] == ["picture_not_checked"]
    alone = json.loads(skill("verify", "genuine.json", "--format", "json", cwd=files).stdout)
    assert (report["reason"], report["steps"][1:]) == (alone["reason"], alone["steps"][1:])
    again = skill("credentials", "bake", "genuine.json", "badge.svg", "--output", "twice.svg", cwd=files)
    assert again.returncode != 0
    assert not (files / "twice.svg").exists()
    assert "There is a credential in it already." in again.stderr.decode()
