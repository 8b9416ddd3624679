"""`python -m skillcred.cli` is the `skillcred` command."""

from __future__ import annotations

from skillcred.cli import main

if __name__ == "__main__":
    main()
