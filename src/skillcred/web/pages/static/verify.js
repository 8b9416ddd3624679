/* Makes the pages quicker to use. Everything works without it. */
"use strict";

(() => {
  document.documentElement.classList.add("scripted");

  const verdict = document.getElementById("verdict");
  if (verdict) {
    verdict.focus();
  }

  window.addEventListener("beforeprint", () => {
    for (const part of document.querySelectorAll(".checks details")) {
      part.open = true;
    }
  });

  const form = document.getElementById("verify-form");
  if (!form) {
    return;
  }
  const drop = document.getElementById("drop");
  const file = document.getElementById("file");
  const text = document.getElementById("text");

  const holdsFile = (event) => event.dataTransfer && event.dataTransfer.types.includes("Files");

  window.addEventListener("dragover", (event) => {
    if (holdsFile(event)) {
      event.preventDefault();
      drop.classList.add("over");
    }
  });
  window.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) {
      drop.classList.remove("over");
    }
  });
  window.addEventListener("drop", (event) => {
    if (holdsFile(event)) {
      event.preventDefault();
      drop.classList.remove("over");
      if (event.dataTransfer.files.length === 1) {
        file.files = event.dataTransfer.files;
        form.requestSubmit();
      }
    }
  });

  /* Pasting anywhere on the page fills the field; a pasted file is handed in like a dropped one. */
  document.addEventListener("paste", (event) => {
    if (event.clipboardData.files.length === 1) {
      event.preventDefault();
      file.files = event.clipboardData.files;
      form.requestSubmit();
      return;
    }
    const pasted = event.clipboardData.getData("text/plain");
    if (event.target !== text && pasted.trimStart().startsWith("{")) {
      event.preventDefault();
      text.value = pasted;
      text.focus();
    }
  });

  /* The last thing given counts: choosing a file empties the text field, and typing lets go of the file. */
  file.addEventListener("change", () => {
    if (file.files.length > 0) {
      text.value = "";
    }
  });
  text.addEventListener("input", () => {
    if (text.value !== "") {
      file.value = "";
    }
  });
})();
