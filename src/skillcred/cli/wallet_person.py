"""The person at the terminal: is shown who asks for what, and decides."""

from __future__ import annotations

import sys
import webbrowser
from collections.abc import Sequence
from types import TracebackType

import typer

from skillcred.adapters.wallet import RedirectListener
from skillcred.cli.terminal import make_console, visible
from skillcred.errors import InputError
from skillcred.exchange.holder.offers import TxCodeRequest
from skillcred.services.wallet_ports import OfferView, PresentationView, ShownCredential


class TerminalPerson:
    """See `Person`. Everything for her goes to standard error, so that standard output holds results only. With `yes`
    she has agreed beforehand."""

    def __init__(self, *, yes: bool, tx_code: str | None = None, browser: bool = True) -> None:
        self._yes, self._tx_code, self._browser = yes, tx_code, browser
        self._listener: RedirectListener | None = None
        self._console = make_console(stderr=True)

    def __enter__(self) -> TerminalPerson:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._listener is not None:
            self._listener.close()

    def accept_offer(self, offer: OfferView) -> bool:
        """See `Person`."""
        self._say(build_offer_lines(offer))
        return self._agree("Get these credentials?")

    def give_tx_code(self, request: TxCodeRequest, origin: str) -> str | None:
        """See `Person`."""
        if self._tx_code is not None:
            return self._tx_code
        kind = "digits" if request.numeric else "characters"
        size = "" if request.length is None else f" of {request.length} {kind}"
        lines = [f"A transaction code{size} is needed. It will be sent to {visible(origin)}."]
        if request.description is not None:
            lines.append(f"The issuer says: {visible(request.description)}")
        self._say(lines)
        if not sys.stdin.isatty():
            return None
        return str(typer.prompt("Transaction code", err=True)).strip() or None

    @property
    def redirect_uri(self) -> str:
        """See `Person`."""
        return self._listening().redirect_uri

    def authorise(self, url: str) -> str:
        """See `Person`."""
        return self._listening().wait(url)

    def agree_to_present(self, view: PresentationView) -> bool:
        """See `Person`."""
        self._say(build_presentation_view_lines(view))
        return self._agree("Show exactly this?")

    def _listening(self) -> RedirectListener:
        if self._listener is None:
            self._listener = RedirectListener(self._open)
        return self._listener

    def _open(self, url: str) -> None:
        self._say(["Open this address in your browser, if it does not open by itself:", url])
        if self._browser:
            webbrowser.open(url)

    def _agree(self, question: str) -> bool:
        if self._yes:
            return True
        if not sys.stdin.isatty():
            raise InputError("Nobody can be asked; use --yes.", code="consent_needed")
        return typer.confirm(question, default=False, err=True)

    def _say(self, lines: Sequence[str]) -> None:
        for line in lines:
            self._console.print(line, markup=False)


def build_offer_lines(offer: OfferView) -> list[str]:
    """Who offers what. The address is what counts; the name is what is claimed there."""
    lines = [f"Offered by  {visible(offer.origin)}"]
    if offer.credential_issuer != offer.origin:
        lines.append(f"            {visible(offer.credential_issuer)}")
    name = "no name" if offer.issuer_name is None else f"“{visible(offer.issuer_name)}”"
    signed = "signed" if offer.metadata_signed else "not signed"
    lines.append(f"            calls itself {name} (its description of itself is {signed})")
    for credential in offer.credentials:
        title = visible(credential.name or credential.configuration_id)
        copies = "" if offer.copies == 1 else f", {offer.copies} copies"
        lines.append(f"Credential  {title} ({visible(credential.format)}{copies})")
    if offer.by_authorization:
        lines.append("You will be asked to log in there.")
    return lines


def build_presentation_view_lines(view: PresentationView) -> list[str]:
    """Who asks, how that is known, and every single value that would be shown."""
    proven = "not proven by anything" if view.proven_by is None else f"proven by {view.proven_by}"
    lines = [f"Asked by    {visible(view.client_id)} ({proven})"]
    if view.verifier_name is not None:
        lines.append(f"            calls itself “{visible(view.verifier_name)}”")
    lines.append(f"Purpose     {'not stated' if view.purpose is None else visible(view.purpose)}")
    secret = ", encrypted" if view.encrypted else ""
    lines.append(f"Goes to     {visible(view.origin)}{secret}")
    for credential in view.credentials:
        lines += _credential_lines(credential)
    return lines


def _credential_lines(credential: ShownCredential) -> list[str]:
    title = visible(credential.name or credential.credential_id)
    lines = [f"Shown of    {title}, from {visible(credential.credential_issuer)}"]
    asked: list[str] = []
    others: list[str] = []
    for place, value in credential.claims:
        wanted = any(f"{place}/".startswith(f"{pointer}/") for pointer in credential.asked)
        (asked if wanted else others).append(f"              {visible(place)}: {visible(value)}")
    if asked:
        lines += ["            asked for:", *asked]
    if others:
        lines += ["            seen in any case, because its issuer does not let it be hidden:", *others]
    if not credential.proven:
        lines.append("              without proof that it is yours")
    if credential.times_left is not None:
        lines.append(f"              uses up one copy; {credential.times_left} are left then")
    return lines
