/* Looks whether the request was answered, and shows the page anew when something has changed. Works without it, too. */
"use strict";

(() => {
  document.documentElement.classList.add("scripted");

  const PAUSE = 2000;
  const waiting = document.getElementById("ask");
  if (!waiting) {
    const verdict = document.getElementById("verdict");
    if (verdict) {
      verdict.focus();
    }
    return;
  }

  const look = async () => {
    try {
      const response = await fetch(waiting.dataset.stateUrl, { credentials: "same-origin", cache: "no-store" });
      if (response.ok && (await response.json()).state === waiting.dataset.state) {
        window.setTimeout(look, PAUSE);
        return;
      }
      if (response.ok || response.status === 404) {
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
