// Loaded by every newsroom page: moves the focus to errors, asks for confirmation of destructive actions, and provides the
// functions with which the other scripts get their texts.

{
  /** The language of the texts, without its region. */
  const language = document.documentElement.lang.split("-")[0];

  /** The texts of a script: a table of locales/newsroom, in an attribute of the element that loads the script. */
  const texts = (name) => JSON.parse(document.querySelector(`[data-texts-${name}]`).getAttribute(`data-texts-${name}`));

  /** A text with values in place of its placeholders in braces. */
  const fillIn = (text, values) => text.replace(/\{(\w+)\}/g, (placeholder, name) => values[name] ?? placeholder);

  /** The form of a text for a number, with the number in place of `{n}`. */
  const plural = (forms, n, values = {}) => {
    const form = forms[new Intl.PluralRules(language).select(n)] ?? forms.other;
    return fillIn(form, { n: n.toLocaleString(language), ...values });
  };

  window.dateline = { language, texts, fillIn, plural };
}

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
