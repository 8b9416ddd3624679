"""`skillcred serve`."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final

import typer
import uvicorn

from skillcred.cli.demo.cast import UNIVERSITY, engage
from skillcred.cli.demo.client import DemoClient
from skillcred.cli.demo.folder import DemoFolder
from skillcred.cli.demo.service_process import running_service
from skillcred.cli.demo.story import tell
from skillcred.cli.demo.turns import make_change
from skillcred.cli.files import write_output
from skillcred.cli.terminal import print_line
from skillcred.cli.tls import TlsOptionError, tls_files
from skillcred.errors import ConfigurationError, InputError, UnavailableError
from skillcred.settings import load_settings

ASGI_FACTORY: Final = "skillcred.web.asgi:create_asgi_app"
"""Named, not imported: the command line and the web are beside each other and know nothing of each other."""
LOOPBACK: Final = "127.0.0.1"
KEEP_ALIVE_SECONDS: Final = 5
SHUTDOWN_SECONDS: Final = 10
MAX_REQUEST_HEAD_BYTES: Final = 32 * 1024
"""Longest request line with headers. h11 is named because the faster parser is laxer: it takes a request without
Host and a header of a megabyte (SECURITY W-35)."""
MAX_CONNECTIONS: Final = 1000
"""Open connections of one process; beyond it the answer is 503."""
SERVER_OPTIONS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "http": "h11",
        "h11_max_incomplete_event_size": MAX_REQUEST_HEAD_BYTES,
        "limit_concurrency": MAX_CONNECTIONS,
        "access_log": False,
        "log_level": "warning",
        "server_header": False,
        "proxy_headers": False,
        "timeout_keep_alive": KEEP_ALIVE_SECONDS,
        "timeout_graceful_shutdown": SHUTDOWN_SECONDS,
    }
)
"""How uvicorn serves, wherever and however many."""
DEMO_FOLDER: Final = Path("var")


class DemoAddressError(InputError):
    """The demo registry vouches for invented bodies; it is not for others to reach."""

    default_code = "demo_on_loopback_only"


class OneWriterError(ConfigurationError):
    """SQLite has one writing process."""

    default_code = "one_worker_on_sqlite"


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = LOOPBACK,
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8000,
    workers: Annotated[
        int, typer.Option(help="Processes; more than one needs PostgreSQL.", min=1, max=64)
    ] = 1,
    demo: Annotated[
        bool,
        typer.Option("--demo", help="Serve a demo registry from ./var instead of what the settings name."),
    ] = False,
    tls_certificate: Annotated[
        Path | None, typer.Option(help="Certificate chain as PEM, for development.")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its private key as PEM.")] = None,
    tls_self_signed: Annotated[
        bool, typer.Option("--tls-self-signed", help="Make a certificate for localhost, for development.")
    ] = False,
) -> None:
    """Serve the HTTP interface and the pages."""
    if demo:
        if host != LOOPBACK:
            raise DemoAddressError("The demo registry is served on this machine only.")
        if tls_certificate or tls_key or tls_self_signed:
            raise TlsOptionError("The demo registry is served without TLS.")
        _serve_demo(f"http://{LOOPBACK}:{port}")
        return
    if workers > 1 and load_settings().database_address.startswith("sqlite"):
        raise OneWriterError(
            "On SQLite there is one worker. For more, set SKILLCRED_DATABASE_URL to PostgreSQL."
        )
    environment = load_settings().environment
    with tls_files(environment, tls_certificate, tls_key, self_signed=tls_self_signed) as tls:
        uvicorn.run(
            ASGI_FACTORY,
            factory=True,
            host=host,
            port=port,
            workers=workers,
            ssl_certfile=None if tls is None else tls.certificate,
            ssl_keyfile=None if tls is None else tls.key,
            **SERVER_OPTIONS,
        )


def _serve_demo(base_url: str) -> None:
    root = DEMO_FOLDER / f"demo-{base_url.rpartition(':')[2]}"
    folder = DemoFolder(root.absolute(), base_url)
    try:
        folder.credentials.mkdir(parents=True, exist_ok=True)
        folder.root.chmod(0o700)
    except OSError as error:
        raise UnavailableError(f"{root} cannot be made: {error.strerror}.", code="folder_not_made") from error
    players = engage(folder.settings())
    log = folder.root / "service.log"
    with running_service(base_url, folder.variables(), log) as process:
        with DemoClient(base_url) as client:
            told = tell(client, players)
            for turn in told.turns:
                make_change(client, players, turn, again=True)
                for paper in turn.papers:
                    write_output(folder.credentials / paper.file_name, paper.content)
            for exhibit in told.exhibits:
                write_output(folder.credentials / exhibit.file_name, exhibit.content)
        for line in (
            f"Verify a credential     {base_url}/verify",
            f"Registry                {base_url}/registry",
            f"National bodies         {base_url}/v1/registry/bodies",
            f"Accreditations          {base_url}/v1/registry/accreditations",
            f"HTTP interface          {base_url}/openapi.json",
            f"Credentials to try      {root / 'credentials'}",
            f"Log                     {root / 'service.log'}",
            f"API key to issue with   {players[UNIVERSITY].secret}  ({UNIVERSITY.name})",
            "Stop with Ctrl-C.",
        ):
            print_line(line)
        with contextlib.suppress(KeyboardInterrupt):
            process.wait()
