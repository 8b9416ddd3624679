"""What a wallet holds, for terminals and for programs."""

from __future__ import annotations

from skillcred.cli.terminal import visible
from skillcred.encoding.json_types import JsonObject
from skillcred.exchange.holder.held_credentials import list_shown, read_held
from skillcred.model.datetimes import format_instant
from skillcred.services.request_credentials import Received
from skillcred.services.wallet_records import HeldCredential, PendingIssuance


def build_credential_lines(credential: HeldCredential) -> list[str]:
    """All about one credential."""
    held = read_held(credential.format, credential.copies[0].content)
    lines = [
        f"Credential  {visible(credential.name or credential.configuration_id)}",
        f"Id          {credential.id}",
        f"Format      {visible(credential.format)}",
        f"Issuer      {visible(credential.credential_issuer)}",
    ]
    if credential.issuer_name is not None:
        lines.append(f"            calls itself “{visible(credential.issuer_name)}”")
    lines.append(f"Received    {format_instant(credential.received_at)}")
    if credential.one_time:
        lines.append(f"Copies      {len(credential.usable)} of {len(credential.copies)} are not used yet")
    lines.append("It says:")
    for place, value in list_shown(held.claims):
        chosen = any(f"{place}/".startswith(f"{pointer}/") for pointer in held.concealed)
        lines.append(f"  {visible(place)}: {visible(value)}{'  (only if asked for)' if chosen else ''}")
    return lines


def build_credential_json(credential: HeldCredential, *, with_claims: bool = False) -> JsonObject:
    """The same for programs."""
    value: JsonObject = {
        "id": credential.id,
        "name": credential.name,
        "format": credential.format,
        "credential_configuration_id": credential.configuration_id,
        "credential_issuer": credential.credential_issuer,
        "received_at": format_instant(credential.received_at),
        "copies": len(credential.copies),
        "usable_copies": len(credential.usable),
    }
    if with_claims:
        value["claims"] = read_held(credential.format, credential.copies[0].content).claims
    return value


def build_pending_json(pending: PendingIssuance) -> JsonObject:
    """What is waited for."""
    return {
        "id": pending.id,
        "credential_configuration_id": pending.configuration_id,
        "credential_issuer": pending.credential_issuer,
        "not_before": None if pending.not_before is None else format_instant(pending.not_before),
    }


def build_received_lines(received: Received) -> list[str]:
    """What has come, and what could not be checked about it."""
    credential = received.credential
    copies = f", {len(credential.copies)} copies" if credential.one_time else ""
    name = visible(credential.name or credential.configuration_id)
    lines = [f"Received {name} ({visible(credential.format)}{copies}) as {credential.id}."]
    lines.append("Its signature, its dates and that it is bound to your key were checked.")
    lines += [f"Not checked here: {visible(doubt)}" for doubt in received.unchecked]
    return lines


def build_received_json(received: Received) -> JsonObject:
    """The same for programs."""
    return {
        **build_credential_json(received.credential),
        "unchecked": list(received.unchecked),
        "issuer_notified": received.notified,
    }
