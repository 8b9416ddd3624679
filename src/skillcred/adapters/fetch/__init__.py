"""The one door through which anything is fetched from outside, and what is fetched through it."""

from skillcred.adapters.fetch.did_web_source import DidWebSource
from skillcred.adapters.fetch.egress_door import EgressDoor, Fetched
from skillcred.adapters.fetch.fetch_error import FetchError
from skillcred.adapters.fetch.holder_door import OutboundDoor
from skillcred.adapters.fetch.status_list_source import StatusListSource

__all__ = ["DidWebSource", "EgressDoor", "FetchError", "Fetched", "OutboundDoor", "StatusListSource"]
