/* Looks whether something has changed, and shows the page anew when it has. Works without it, too. */
"use strict";

(() => {
  document.documentElement.classList.add("scripted");

  const waiting = document.querySelector("[data-state-url]");
  if (!waiting) {
    const verdict = document.getElementById("verdict");
    if (verdict) {
      verdict.focus();
    }
    return;
  }

  const PAUSE = Number(waiting.dataset.pause) || 2000;
  const OVER = [401, 403, 404]; /* nobody is asked any more; the page itself says why */

  const look = async () => {
    try {
      const response = await fetch(waiting.dataset.stateUrl, { credentials: "same-origin", cache: "no-store" });
      if (response.ok && (await response.json()).state === waiting.dataset.state) {
        window.setTimeout(look, PAUSE);
        return;
      }
      if (response.ok || OVER.includes(response.status)) {
        window.location.reload();
        return;
      }
    } catch {
      /* The network may come back. */
    }
    window.setTimeout(look, PAUSE * 2);
  };

  window.setTimeout(look, PAUSE);
})();
