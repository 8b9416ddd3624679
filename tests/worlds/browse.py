"""A browser for commands that open one (`BROWSER`): follows links, and answers the one form that asks for a transaction
code with what `SKILLCRED_TEST_TX_CODE` says."""

from __future__ import annotations

import os
import re
import sys
from html import unescape
from urllib.parse import urlencode, urljoin

import httpx2


def browse(url: str) -> int:
    with httpx2.Client(trust_env=False, follow_redirects=True, timeout=30) as client:
        page = client.get(url)
        form = re.search(r'<form[^>]*method="post"[^>]*>(.*?)</form>', page.text, re.DOTALL)
        if form is not None and 'name="tx_code"' in form[1]:
            action = re.search(r'action="([^"]*)"', form[0].split(">")[0])
            hidden = re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form[1])
            fields = {name: unescape(value) for name, value in hidden}
            fields["tx_code"] = os.environ["SKILLCRED_TEST_TX_CODE"]
            target = urljoin(str(page.url), unescape(action[1]) if action else "")
            page = client.post(
                target,
                content=urlencode(fields),
                headers={"Content-Type": "application/x-www-form-urlencoded"},
            )
        return 0 if page.is_success else 1


if __name__ == "__main__":
    sys.exit(browse(sys.argv[1]))
