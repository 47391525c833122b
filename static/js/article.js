// The article form. Autosaves a second after the last keystroke, keeps a copy in the browser while the server is
// unreachable, shows who else has the article open, and warns before unsaved changes are lost.

const { language, fillIn, plural } = window.dateline;
const texts = window.dateline.texts("article");
const form = document.querySelector("[data-article]");
const state = form.querySelector("[data-state]");
const others = form.querySelector("[data-others]");
const messages = document.querySelector("[data-messages]");
const SECOND = 1000;
/** The time without a keystroke after which the form is saved, in milliseconds. */
const AUTOSAVE_DELAY = 1 * SECOND;
/** The interval of presence requests, and of retries while the server is unreachable, in milliseconds. */
const POLL_INTERVAL = 15 * SECOND;

/** The article's id; empty until the first save. */
let id = form.getAttribute("action").match(/\/(\d+)$/)?.[1] ?? "";
/** The fields that the server has, as far as this page knows; `null` for a form that it rejected. */
let saved = "unsaved" in form.dataset ? null : serialised();
let timer = 0;
let saving = null;
let conflict = false;
/** Set when a button submits the form: then there is no warning about unsaved changes. */
let submitting = false;

/** Copies are per user and article; those of articles without an id, per window. */
const userPrefix = `article:${form.dataset.user}:`;
const copyKey = () => userPrefix + (id || `new-${form.elements.page.value}`);

/** The form's fields, without those that differ between windows. */
function serialised() {
  const fields = new URLSearchParams(new FormData(form));
  for (const name of ["csrf", "base", "page"]) fields.delete(name);
  return fields.toString();
}

const isChanged = () => serialised() !== saved;

function showState(text, bad = false) {
  state.textContent = text;
  state.classList.toggle("bad", bad);
}

/** Shows a message above the form, with buttons: [label, action]. */
function showMessage(key, text, ...buttons) {
  const previous = messages.querySelector(`[data-key="${key}"]`);
  // A message that is already shown is not announced again.
  if (previous?.firstChild.textContent === text) return;
  previous?.remove();
  const box = document.createElement("div");
  box.className = "notice warn";
  box.dataset.key = key;
  box.setAttribute("role", "alert");
  const paragraph = document.createElement("p");
  paragraph.textContent = text;
  const actions = document.createElement("p");
  actions.className = "actions";
  for (const [label, action] of buttons) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.addEventListener("click", () => {
      box.remove();
      action();
    });
    actions.append(button);
  }
  box.append(paragraph, ...(buttons.length ? [actions] : []));
  messages.append(box);
}

// The copy in the browser's storage. Errors are ignored: the form works without it.

function keepCopy() {
  try {
    const base = form.elements.base.value;
    localStorage.setItem(copyKey(), JSON.stringify({ at: Date.now(), base, fields: serialised() }));
  } catch {
    // The storage is full or disabled.
  }
}

function dropCopy(key = copyKey()) {
  try {
    localStorage.removeItem(key);
  } catch {
    // The storage is disabled, so there is no copy.
  }
}

/** Offers the copy of an earlier window that could not save. It is stored under a separate key until the user decides. */
function offerCopies() {
  const earlier = ":earlier";
  let keys;
  try {
    const candidates = id ? [copyKey()] : Object.keys(localStorage).filter((key) => key.startsWith(`${userPrefix}new-`));
    for (const key of candidates.filter((key) => !key.endsWith(earlier))) {
      localStorage.setItem(key + earlier, localStorage.getItem(key) ?? "null");
      localStorage.removeItem(key);
    }
    keys = id ? [copyKey() + earlier] : Object.keys(localStorage).filter((key) => key.startsWith(`${userPrefix}new-`));
  } catch {
    return;
  }
  for (const key of keys) {
    const copy = JSON.parse(localStorage.getItem(key) ?? "null");
    if (!copy || copy.fields === saved) {
      dropCopy(key);
      continue;
    }
    const when = new Date(copy.at).toLocaleString();
    const use = () => {
      // With the revision that it was based on, so that a newer one is not overwritten.
      form.elements.base.value = copy.base;
      fill(new URLSearchParams(copy.fields));
      dropCopy(key);
    };
    showMessage(
      "copy",
      fillIn(texts.copy_found, { time: when }),
      [texts.restore, use],
      [texts.discard, () => dropCopy(key)],
    );
    break;
  }
}

function fill(fields) {
  for (const field of form.elements) {
    if (!field.name || ["csrf", "base", "page"].includes(field.name) || field.type === "submit") continue;
    if (field.type === "checkbox") {
      field.checked = fields.getAll(field.name).includes(field.value);
    } else if (field.name === "author") {
      continue;
    } else if ("editor" in field.dataset) {
      field.dispatchEvent(new CustomEvent("editor:replace", { detail: fields.get(field.name) ?? "" }));
    } else if (fields.has(field.name)) {
      field.value = fields.get(field.name);
    }
  }
  const chosen = fields.getAll("author").filter(Boolean);
  for (const author of chosen) {
    const rows = [...form.querySelectorAll("select[name=author]")];
    if (rows.some((row) => row.value === author)) continue;
    const free = rows.find((row) => !row.value);
    if (free) free.value = author;
    growAuthors();
  }
  changed();
}

// Saving.

function changed() {
  if (conflict) {
    keepCopy();
    return;
  }
  clearTimeout(timer);
  if (!isChanged()) return;
  showState(texts.not_saved_yet);
  timer = setTimeout(save, AUTOSAVE_DELAY);
}

/** Saves the form. Waits for a save in progress, then saves what changed since. */
async function save() {
  clearTimeout(timer);
  if (saving) {
    await saving;
    return isChanged() && !conflict ? save() : undefined;
  }
  if (!isChanged()) return;
  saving = send();
  await saving;
  saving = null;
  if (isChanged() && !conflict && state.dataset.offline !== "yes") timer = setTimeout(save, AUTOSAVE_DELAY);
}

async function send(isRetry = false) {
  const fields = new URLSearchParams(new FormData(form));
  fields.set("intent", "autosave");
  const sent = serialised();
  showState(texts.saving);
  let response;
  let result;
  try {
    response = await fetch(form.action, {
      method: "POST",
      body: fields,
      headers: { Accept: "application/json" },
    });
    result = await response.json();
  } catch {
    return goOffline(texts.unreachable);
  }
  if (response.ok) {
    delete state.dataset.offline;
    saved = sent;
    dropCopy();
    form.elements.base.value = result.revision;
    if (!id) assignId(result.id);
    showState(result.saved);
    showChecks(result.checks);
    messages.querySelector('[data-key="save"]')?.remove();
  } else if (response.status === 409) {
    showConflict(result.conflict);
  } else if (response.status === 400 && !isRetry && (await renewToken())) {
    return send(true);
  } else if (response.status === 401) {
    keepCopy();
    showState(texts.not_saved_logged_out, true);
    showMessage("save", result.error, [texts.log_in, () => window.open("/admin/login", "_blank")]);
    clearTimeout(timer);
    timer = setTimeout(save, POLL_INTERVAL);
  } else if (response.status >= 500) {
    goOffline(result.error);
  } else {
    keepCopy();
    showState(texts.not_saved, true);
    showMessage("save", result.error);
  }
}

/** Fetches the CSRF token, which changes with each login. Returns whether there is a new one. */
async function renewToken() {
  try {
    const page = await (await fetch("/admin/account")).text();
    const token = new DOMParser().parseFromString(page, "text/html").querySelector("meta[name=csrf-token]");
    if (!token || token.content === form.elements.csrf.value) return false;
    form.elements.csrf.value = token.content;
    document.querySelector("meta[name=csrf-token]").content = token.content;
    return true;
  } catch {
    return false;
  }
}

/** The server is unreachable: keeps a copy in the browser and retries. */
function goOffline(text) {
  keepCopy();
  state.dataset.offline = "yes";
  showState(texts.not_saved_offline, true);
  if (!messages.querySelector('[data-key="save"]')) showMessage("save", text);
  clearTimeout(timer);
  timer = setTimeout(save, POLL_INTERVAL);
}

/** The first save created the article: this page is now its form. */
function assignId(number) {
  const key = copyKey();
  id = String(number);
  dropCopy(key);
  form.action = `/admin/articles/${id}`;
  history.replaceState(null, "", form.action);
  updatePresence();
}

function showConflict(who) {
  conflict = true;
  keepCopy();
  showState(texts.not_saved_newer, true);
  showMessage(
    "conflict",
    who ? fillIn(texts.conflict, { who }) : texts.conflict_unknown,
    [texts.compare, () => submitForm("save")],
  );
}

/** Submits the form as a page load, as without this script. */
function submitForm(intent) {
  const button = [...form.elements].find((field) => field.name === "intent" && field.value === intent);
  submitting = true;
  form.requestSubmit(button);
}

form.addEventListener("input", changed);
form.addEventListener("change", changed);

// A submission waits for a save in progress, because the form must name the revision that it is based on.
form.addEventListener("submit", (event) => {
  clearTimeout(timer);
  if (saving) {
    event.preventDefault();
    const { submitter } = event;
    saving.then(() => form.requestSubmit(submitter));
    return;
  }
  // A copy, in case the server rejects the form.
  if (isChanged()) keepCopy();
  submitting = true;
});

addEventListener("beforeunload", (event) => {
  if (submitting || (!isChanged() && !saving)) return;
  keepCopy();
  event.preventDefault();
});
addEventListener("pagehide", () => {
  if (id) navigator.sendBeacon(`/admin/articles/${id}/leave.json`, tokenOnly());
});
addEventListener("pageshow", () => {
  submitting = false;
});
addEventListener("online", () => save());

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "s") {
    event.preventDefault();
    save();
  }
});

// Presence: who else has the article open.

const tokenOnly = () => new URLSearchParams({ csrf: form.elements.csrf.value });

async function updatePresence() {
  if (!id || document.hidden) return;
  let presence;
  try {
    const response = await fetch(`/admin/articles/${id}/presence.json`, {
      method: "POST",
      body: tokenOnly(),
      headers: { Accept: "application/json" },
    });
    if (!response.ok) return;
    presence = await response.json();
  } catch {
    return;
  }
  const names = presence.others;
  others.hidden = names.length === 0;
  const list = new Intl.ListFormat(language).format(names);
  const text = names.length ? plural(texts.also_open, names.length, { names: list }) : "";
  if (others.textContent !== text) others.textContent = text;
  const base = Number(form.elements.base.value);
  if (presence.newest && presence.newest.id > base && !saving && !conflict) {
    const { who } = presence.newest;
    if (isChanged()) showConflict(who);
    else
      showMessage("newer", who ? fillIn(texts.newer, { who }) : texts.newer_unknown, [
        texts.load_newer,
        () => location.reload(),
      ]);
  }
}

setInterval(updatePresence, POLL_INTERVAL);
document.addEventListener("visibilitychange", updatePresence);
updatePresence();

// Checks, authors, pictures, links to other stories.

function showChecks(checks) {
  const list = form.querySelector("[data-checks]");
  list.replaceChildren(
    ...checks.map((check) => {
      const item = document.createElement("li");
      if (check.blocks) item.className = "blocks";
      const link = document.createElement("a");
      link.href = `#field-${check.field}`;
      link.textContent = check.text;
      item.append(link);
      return item;
    }),
  );
}

/** Keeps one empty drop-down list at the end, for another author. */
function growAuthors() {
  const rows = form.querySelectorAll("select[name=author]");
  const last = rows[rows.length - 1];
  if (!last || !last.value) return;
  const next = last.cloneNode(true);
  next.value = "";
  next.setAttribute("aria-label", fillIn(texts.author, { n: rows.length + 1 }));
  last.after(next);
}
form.querySelector("[data-authors]")?.addEventListener("change", growAuthors);

function button(text, action) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "small";
  element.textContent = text;
  element.addEventListener("click", action);
  return element;
}

function setUpLead() {
  const field = form.elements.lead_media;
  const shown = form.querySelector("[data-lead]");
  const show = (item) => {
    field.value = item?.id ?? "";
    shown.replaceChildren();
    if (item) {
      const image = new Image();
      image.src = item.src;
      image.alt = item.alt;
      shown.append(image);
    }
    remove.hidden = !item;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const choose = button(texts.choose_picture, async () => {
    const items = await window.dateline.pickMedia({ multiple: false });
    if (items?.length) show(items[0]);
  });
  const remove = button(texts.remove, () => show(null));
  remove.hidden = !field.value;
  const actions = document.createElement("p");
  actions.className = "actions";
  actions.append(choose, remove);
  shown.after(actions);
  // The id field is for browsers without scripts. Links to it now lead to the button.
  if (!field.hasAttribute("aria-invalid")) {
    field.closest(".field").hidden = true;
    choose.id = field.id;
    field.removeAttribute("id");
  }
}

function setUpAlsoRead() {
  const field = form.elements.also_read;
  field.after(
    button(texts.find_story, async () => {
      const item = await window.dateline.pickArticle();
      if (!item?.path) return;
      field.value = [...field.value.split("\n").filter(Boolean), item.path].join("\n");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }),
  );
}

if (window.dateline?.pickMedia) setUpLead();
if (window.dateline?.pickArticle) setUpAlsoRead();

offerCopies();
if (isChanged()) changed();
