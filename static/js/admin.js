// Small things that every page of the newsroom gains from: what went wrong takes the focus, and what
// cannot be taken back is asked about first.

document.querySelector("[data-focus]")?.focus();

document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});
