"""The end of the demo: a holder claims her credential into a wallet and shows it to an employer.

Everything goes over the HTTP interface and the two protocols; the wallet is the one of `skillcred wallet`, with a
file of its own, and knows nothing about the service but what the protocols tell it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from skillcred.adapters.wallet import create_wallet_file, open_wallet_file
from skillcred.bootstrap.wallet import Wallet, build_wallet, read_trust
from skillcred.cli.demo.cast import EMPLOYER, UNIVERSITY, Part, Player
from skillcred.cli.demo.client import DemoClient, ServiceRefusedError
from skillcred.cli.demo.folder import DemoFolder
from skillcred.cli.demo.turns import load_claims
from skillcred.cli.terminal import print_line, visible
from skillcred.cli.wallet_person import build_offer_lines, build_presentation_view_lines
from skillcred.encoding.json_types import JsonObject, as_list
from skillcred.errors import SkillcredError
from skillcred.exchange.holder.offers import TxCodeRequest
from skillcred.services.accept_offer import AcceptOptions
from skillcred.services.wallet_ports import OfferView, PresentationView

PROFILE = "qualification"
DID = "decentralized_identifier"
"""The employer is who its DID says: the certificate of a developer's machine proves nothing to anybody."""
NAME = "/credentialSubject/name"
EXPECTED = ("valid", "issuer_authorised_then")
"""Meanwhile the university was suspended; what it awarded before stays good."""


@dataclass
class Holder:
    """Somebody who agrees, and says aloud what she was shown."""

    tx_code: str | None = None
    shown: list[PresentationView] = field(default_factory=list)

    @property
    def redirect_uri(self) -> str:
        """See `Person`; nothing here goes by way of a browser."""
        raise ServiceRefusedError("The service wants a browser, which nobody offered.")

    def authorise(self, url: str) -> str:
        """See `redirect_uri`."""
        raise ServiceRefusedError(f"The service wants a browser at {url}.")

    def accept_offer(self, offer: OfferView) -> bool:
        """See `Person`."""
        _say(build_offer_lines(offer))
        return True

    def give_tx_code(self, request: TxCodeRequest, origin: str) -> str | None:  # noqa: ARG002
        """See `Person`."""
        return self.tx_code

    def agree_to_present(self, view: PresentationView) -> bool:
        """See `Person`."""
        _say(_build_short_view_lines(view))
        self.shown.append(view)
        return True


@dataclass(frozen=True)
class HolderWallet:
    """Her wallet: an encrypted file in the folder of the demo, and what opens it."""

    folder: DemoFolder
    passphrase: bytes = field(default_factory=lambda: secrets.token_urlsafe(32).encode("ascii"), repr=False)

    @contextmanager
    def opened(self, holder: Holder) -> Iterator[Wallet]:
        """It, in her hands, until the end of the block."""
        with open_wallet_file(self.folder.root / "wallet", self.passphrase) as store:
            yield build_wallet(store, holder, read_trust(None, local=True))


def claim_into_wallet(
    client: DemoClient, players: Mapping[Part, Player], folder: DemoFolder
) -> HolderWallet | None:
    """The wallet with the credential in it; `None` where that did not work."""
    print_line("")
    print_line("── A wallet: the holder claims her credential", "bold")
    wallet = HolderWallet(folder)
    try:
        offer = client.offer(players[UNIVERSITY].secret, PROFILE, load_claims(PROFILE), "demo-wallet")
        print_line(
            f"   {UNIVERSITY.name} offers it; the transaction code reaches her by another way than the link."
        )
        create_wallet_file(folder.root / "wallet", wallet.passphrase)
        with wallet.opened(Holder(str(offer["tx_code"]))) as opened:
            [received] = opened.accept_offer(str(offer["offer_uri_by_reference"]), AcceptOptions()).received
    except SkillcredError as error:
        _tell_failure(error)
        return None
    kind = visible(received.credential.format)
    print_line(f"   Her wallet checked it and keeps it, bound to a key of hers ({kind}).")
    return wallet


def present_to_employer(
    client: DemoClient, players: Mapping[Part, Player], wallet: HolderWallet | None
) -> bool:
    """Whether she showed no more than was asked for, and the employer's verdict is as expected."""
    print_line("")
    print_line("── At last: she shows it to an employer, from her wallet", "bold")
    if wallet is None:
        print_line("   There is nothing to show.", "bold red")
        return False
    holder = Holder()
    employer = players[EMPLOYER].secret
    try:
        asked = client.ask(employer, {"purpose": PROFILE, "client_id_prefix": DID})
        with wallet.opened(holder) as opened:
            opened.present_credentials(str(asked["link"]))
        view = client.look(employer, str(asked["id"]))
    except SkillcredError as error:
        _tell_failure(error)
        return False
    return _judge(view, holder)


def _tell_failure(error: SkillcredError) -> None:
    print_line(f"   It ended with {error.code}: {visible(error.message)}", "bold red")


def _judge(view: JsonObject, holder: Holder) -> bool:
    result = view.get("result")
    reports = [] if not isinstance(result, dict) else _reports(result)
    verdicts = [(str(report.get("verdict")), str(report.get("reason"))) for report in reports]
    for verdict, reason in verdicts:
        print_line(f"   The employer sees: {verdict.upper()}  ({reason}), and that it is hers.")
    shown = {
        place for each in holder.shown for credential in each.credentials for place, _ in credential.claims
    }
    name_kept = bool(shown) and NAME not in shown
    if name_kept:
        print_line("   Her name was not asked for, and was not shown.")
    if view.get("state") == "verified" and verdicts == [EXPECTED] and name_kept:
        return True
    print_line(f"   Expected was: {EXPECTED[0]} ({EXPECTED[1]}), and her name not shown", "bold red")
    return False


def _reports(result: JsonObject) -> list[JsonObject]:
    """The reports on the credentials that were presented."""
    found: list[JsonObject] = []
    for presentation in as_list(result.get("presentations", [])):
        outer = presentation.get("report") if isinstance(presentation, dict) else None
        for credential in as_list(outer.get("credentials", [])) if isinstance(outer, dict) else []:
            report = credential.get("report") if isinstance(credential, dict) else None
            if isinstance(report, dict):
                found.append(report)
    return found


def _build_short_view_lines(view: PresentationView) -> list[str]:
    """Who asks, and what for; `skillcred wallet present` shows every single value."""
    lines = build_presentation_view_lines(replace(view, credentials=()))
    for credential in view.credentials:
        lines.append("Asked for   " + ", ".join(visible(place) for place in credential.asked))
        lines.append(f"            of {len(credential.claims)} values that are shown in all")
    return lines


def _say(lines: list[str]) -> None:
    for line in lines:
        print_line(f"   {line}")
