// Loaded by every newsroom page: moves the focus to errors and asks for confirmation of destructive actions.

document.querySelector("[data-focus]")?.focus();

document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});

// A preview opens in a window of the size of its device.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-window]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const [width, height] = link.dataset.window.split("x");
  const opened = window.open(link.href, "", `popup,noopener,width=${width},height=${height}`);
  if (opened !== undefined) event.preventDefault();
});
