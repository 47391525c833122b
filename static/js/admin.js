// Small things that every page of the newsroom gains from: what went wrong takes the focus, and what
// cannot be taken back is asked about first.

document.querySelector("[data-focus]")?.focus();

document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});

// A preview opens in a window as wide as the device that it is for.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-window]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const [width, height] = link.dataset.window.split("x");
  const opened = window.open(link.href, "", `popup,noopener,width=${width},height=${height}`);
  if (opened !== undefined) event.preventDefault();
});
