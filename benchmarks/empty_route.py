"""What is measured against: a route of FastAPI that parses a JSON body and answers `{}`, served as ours is."""

from __future__ import annotations

import sys
from typing import Any

import uvicorn
from fastapi import FastAPI

from skillcred.cli.serving import SERVER_OPTIONS

app = FastAPI()


@app.post("/")
async def nothing(body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    """Parsed by FastAPI, and that is all."""
    return {}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), **SERVER_OPTIONS)
