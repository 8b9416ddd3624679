"""Where a wallet rests, and where the holder's browser comes back to."""

from skillcred.adapters.wallet.redirect_listener import RedirectListener
from skillcred.adapters.wallet.wallet_file import WalletFile, create_wallet_file, open_wallet_file

__all__ = ["RedirectListener", "WalletFile", "create_wallet_file", "open_wallet_file"]
