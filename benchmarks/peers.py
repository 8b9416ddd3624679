"""Other JSON-LD implementations, set to the same work on the same document."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from openvc.proof.data_integrity import DataIntegrityProofSuite
from pyld import jsonld

from skillcred.linkeddata import BUNDLED_CONTEXTS

NODE = Path(__file__).parent / "node"
CONTEXTS = {url: json.loads(BUNDLED_CONTEXTS.content(url)) for url in BUNDLED_CONTEXTS.urls()}


def pyld_canonicalise(document: dict[str, Any]) -> Callable[[], bytes]:
    """PyLD's own road, contexts in memory."""

    def load(url: str, _: object) -> dict[str, Any]:
        return {"contextUrl": None, "documentUrl": url, "document": CONTEXTS[url]}

    options = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": load}
    return lambda: str(jsonld.normalize(document, options)).encode()


def openvc_verify(signed: bytes, at: datetime) -> Callable[[], object]:
    """openvc-core: bytes → checked proof."""
    suite = DataIntegrityProofSuite()
    return lambda: suite.verify(json.loads(signed), now=at, extra_contexts=CONTEXTS)


def digital_bazaar(documents: dict[str, bytes]) -> tuple[dict[str, dict[str, Any]], str]:
    """Milliseconds of Digital Bazaar's packages on Node by document, and a note where that is not possible."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return {}, "left out: Node is not installed"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file in NODE.iterdir():
            shutil.copyfile(file, folder / file.name)
        install = ["npm", "install", "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund"]
        try:
            done = subprocess.run(install, cwd=folder, capture_output=True, text=True, timeout=300)  # noqa: S603
        except subprocess.TimeoutExpired:
            return {}, "left out: npm did not finish within 300 s"
        if done.returncode != 0:
            return {}, "left out: npm could not install the packages"
        results = {}
        for title, signed in documents.items():
            (folder / "input.json").write_text(
                json.dumps({"contexts": CONTEXTS, "signed": json.loads(signed)})
            )
            run = subprocess.run(
                ["node", "peer.mjs", "input.json"],  # noqa: S607
                cwd=folder,
                capture_output=True,
                text=True,
                timeout=300,
            )
            if run.returncode != 0:
                return results, f"failed on {title}: {run.stderr.strip()[-300:]}"
            results[title] = json.loads(run.stdout)
        return results, "measured in a process of its own"
