"""Templates, languages and assets of the pages."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from skillcred.web.middleware.security_headers import PAGE_POLICY
from skillcred.web.pages import recognition_labels, registry_labels
from skillcred.web.pages.assets import load_assets
from skillcred.web.pages.labels import PROFILES
from skillcred.web.pages.languages import Language, load_languages
from skillcred.web.problems import ProblemDocument

TEMPLATES: Final = Path(__file__).resolve().parent / "templates"

PROBLEM_TEXTS: Final[Mapping[int, tuple[str, str]]] = MappingProxyType(
    {
        403: (
            "This is not permitted",
            "The key that was used does not allow it, or the form came from somewhere else.",
        ),
        404: ("There is no such page", "The address may be mistyped."),
        405: ("This page cannot be used in that way", "Go back to the first page and start again."),
        413: (
            "The file is too large",
            "A credential is a small file, at most 1 MiB. Choose the .json file itself.",
        ),
        429: ("Too many requests from your network", "Please wait a minute and try again."),
        503: ("The service is not available now", "Please try again in a few minutes."),
    }
)
OTHER_CLIENT_FAULT: Final = (
    "The request could not be understood",
    "Go back to the first page and start again.",
)
OTHER_SERVER_FAULT: Final = (
    "Something went wrong on our side",
    "Please try again. If it happens again, tell us the number below.",
)


def is_for_staff(path: str) -> bool:
    """Whether somebody must be signed in to see the page at `path`."""
    return path == "/offers" or path.startswith("/offers/")


def entry_path(kind: str, did: str) -> str:
    """Path of the page of somebody in the registry; `kind` is `bodies` or `providers`."""
    return f"/registry/{kind}/{quote(did, safe=':')}"


class Pages:
    """Renders pages. Made once per server."""

    def __init__(self) -> None:
        self.assets = load_assets()
        self.languages = load_languages()
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals["labels"] = registry_labels
        self._environment.globals["recognition_labels"] = recognition_labels
        self._environment.globals["profile_names"] = PROFILES

    def language_of(self, request: Request) -> Language:
        """The language for this request. It is neither stored nor logged (SECURITY PR-16)."""
        header = request.headers.get("accept-language", "")
        return self.languages.choose(request.query_params.get("lang"), header)

    def suffix_of(self, request: Request) -> str:
        """What keeps the language in the addresses of other pages, where the address of this one names it."""
        asked = request.query_params.get("lang") or ""
        return "?" + urlencode({"lang": asked}) if asked in self.languages.by_code else ""

    def render(
        self,
        request: Request,
        template: str,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **values: object,
    ) -> HTMLResponse:
        """The page `template` with `values`, in the language of the request."""
        language = self.language_of(request)
        kept = [] if template == "problem.html" else request.query_params.multi_items()
        kept = [(name, value) for name, value in kept if name != "lang"]
        content = self._environment.get_template(template).render(
            t=language.text,
            h=language.html,
            language=language,
            languages=tuple(self.languages.by_code.values()),
            suffix=self.suffix_of(request),
            in_language=lambda code: "?" + urlencode([*kept, ("lang", code)]),
            asset=self._asset_address,
            entry=entry_path,
            path=quote(request.scope["path"], safe="/:") if template != "problem.html" else "/",
            **values,
        )
        sent = {
            "Content-Security-Policy": PAGE_POLICY,
            "Content-Language": language.code,
            "Vary": "Accept-Language",
        }
        return HTMLResponse(content, status, {**sent, **(headers or {})})

    def render_problem(self, request: Request, problem: ProblemDocument, request_id: str) -> HTMLResponse:
        """A problem as a page."""
        other = OTHER_SERVER_FAULT if problem.status >= 500 else OTHER_CLIENT_FAULT
        title, advice = PROBLEM_TEXTS.get(problem.status, other)
        return self.render(
            request,
            "problem.html",
            status=problem.status,
            headers=problem.headers,
            title=title,
            advice=advice,
            request_id=request_id,
            for_staff=problem.status == 403 and is_for_staff(request.url.path),
        )

    def _asset_address(self, name: str) -> str:
        return f"/static/{name}?v={self.assets[name].version}"
