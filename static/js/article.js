// The article form. It saves by itself a second after the last keystroke, keeps a copy in the browser
// while the server is away, shows who else has the article open, and asks before words are left
// behind.

const form = document.querySelector("[data-article]");
const state = form.querySelector("[data-state]");
const others = form.querySelector("[data-others]");
const messages = document.querySelector("[data-messages]");
const SECOND = 1000;
/** After so long without a keystroke the form is saved. */
const PAUSE = 1 * SECOND;
/** How often the server is asked who else is here, and tried again while it is away. */
const EVERY = 15 * SECOND;

/** The article's number; empty until it has one. */
let id = form.getAttribute("action").match(/\/(\d+)$/)?.[1] ?? "";
/** What the server has, as far as this page knows: nothing of a form that it refused. */
let saved = "unsaved" in form.dataset ? null : serialised();
let timer = 0;
let saving = null;
let conflict = false;
/** Set when the form is sent by its buttons: then nothing is left behind. */
let leaving = false;

/** Copies are one person's, of one article; those of articles without a number, of one window. */
const ofUser = `article:${form.dataset.user}:`;
const copyKey = () => ofUser + (id || `new-${form.elements.page.value}`);

/** The form as it is sent, but for what belongs to this window alone. */
function serialised() {
  const fields = new URLSearchParams(new FormData(form));
  for (const name of ["csrf", "base", "page"]) fields.delete(name);
  return fields.toString();
}

const isChanged = () => serialised() !== saved;

function say(text, bad = false) {
  state.textContent = text;
  state.classList.toggle("bad", bad);
}

/** A message above the form, with buttons: [text, what it does]. */
function message(key, text, ...buttons) {
  const before = messages.querySelector(`[data-key="${key}"]`);
  // What stands there already is not said again.
  if (before?.firstChild.textContent === text) return;
  before?.remove();
  const box = document.createElement("div");
  box.className = "notice warn";
  box.dataset.key = key;
  box.setAttribute("role", "alert");
  const words = document.createElement("p");
  words.textContent = text;
  const actions = document.createElement("p");
  actions.className = "actions";
  for (const [label, act] of buttons) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.addEventListener("click", () => {
      box.remove();
      act();
    });
    actions.append(button);
  }
  box.append(words, ...(buttons.length ? [actions] : []));
  messages.append(box);
}

// The copy in the browser. A browser that keeps nothing is no reason to stop.

function keepCopy() {
  try {
    const base = form.elements.base.value;
    localStorage.setItem(copyKey(), JSON.stringify({ at: Date.now(), base, fields: serialised() }));
  } catch {
    // There is no room, or none is allowed.
  }
}

function dropCopy(key = copyKey()) {
  try {
    localStorage.removeItem(key);
  } catch {
    // Then there is none.
  }
}

/** Offers what an earlier window could not save. Until somebody decides, it is kept apart from what
    this window keeps. */
function offerCopies() {
  const earlier = ":earlier";
  let keys;
  try {
    const ofThis = id ? [copyKey()] : Object.keys(localStorage).filter((key) => key.startsWith(`${ofUser}new-`));
    for (const key of ofThis.filter((key) => !key.endsWith(earlier))) {
      localStorage.setItem(key + earlier, localStorage.getItem(key) ?? "null");
      localStorage.removeItem(key);
    }
    keys = id ? [copyKey() + earlier] : Object.keys(localStorage).filter((key) => key.startsWith(`${ofUser}new-`));
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
      // From the revision that it started from: what was saved since is not saved over.
      form.elements.base.value = copy.base;
      fill(new URLSearchParams(copy.fields));
      dropCopy(key);
    };
    message(
      "copy",
      `This browser has words that did not reach the server, from ${when}.`,
      ["Put them into the form", use],
      ["Throw them away", () => dropCopy(key)],
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
  say("Not saved yet");
  timer = setTimeout(save, PAUSE);
}

/** Saves once; a save that is under way is waited for, and what changed meanwhile saved after it. */
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
  if (isChanged() && !conflict && state.dataset.away !== "yes") timer = setTimeout(save, PAUSE);
}

async function send(again = false) {
  const fields = new URLSearchParams(new FormData(form));
  fields.set("intent", "autosave");
  const sent = serialised();
  say("Saving …");
  let response;
  let answer;
  try {
    response = await fetch(form.action, {
      method: "POST",
      body: fields,
      headers: { Accept: "application/json" },
    });
    answer = await response.json();
  } catch {
    return away("The server does not answer. Your words are kept in this browser, and saved when it is back.");
  }
  if (response.ok) {
    delete state.dataset.away;
    saved = sent;
    dropCopy();
    form.elements.base.value = answer.revision;
    if (!id) arrive(answer.id);
    say(answer.saved);
    showChecks(answer.checks);
    messages.querySelector('[data-key="away"]')?.remove();
  } else if (response.status === 409) {
    conflicted(answer.conflict);
  } else if (response.status === 400 && !again && (await renewToken())) {
    return send(true);
  } else if (response.status === 401) {
    keepCopy();
    say("Not saved: you are logged out", true);
    message("away", answer.error, ["Log in in another tab", () => window.open("/admin/login", "_blank")]);
    clearTimeout(timer);
    timer = setTimeout(save, EVERY);
  } else if (response.status >= 500) {
    away(answer.error);
  } else {
    keepCopy();
    say("Not saved", true);
    message("away", answer.error);
  }
}

/** After another login the token is another. Whether there is one now. */
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

/** The server is away: a copy is kept here, and saving is tried again. */
function away(text) {
  keepCopy();
  state.dataset.away = "yes";
  say("Not saved: kept in this browser", true);
  if (!messages.querySelector('[data-key="away"]')) message("away", text);
  clearTimeout(timer);
  timer = setTimeout(save, EVERY);
}

/** The article has a number now: from here on this page is its form. */
function arrive(number) {
  const key = copyKey();
  id = String(number);
  dropCopy(key);
  form.action = `/admin/articles/${id}`;
  history.replaceState(null, "", form.action);
  here();
}

function conflicted(who) {
  conflict = true;
  keepCopy();
  say("Not saved: there is a newer version", true);
  message(
    "conflict",
    `${who || "Somebody"} saved a newer version of this article. Your words are still here.`,
    ["Compare the two and decide", () => submitPlainly("save")],
  );
}

/** Sends the form as a page, as without a script. */
function submitPlainly(intent) {
  const button = [...form.elements].find((field) => field.name === "intent" && field.value === intent);
  leaving = true;
  form.requestSubmit(button);
}

form.addEventListener("input", changed);
form.addEventListener("change", changed);

// A button waits for a save that is under way: the form must say which revision it started from.
form.addEventListener("submit", (event) => {
  clearTimeout(timer);
  if (saving) {
    event.preventDefault();
    const { submitter } = event;
    saving.then(() => form.requestSubmit(submitter));
    return;
  }
  // Should it not be taken, the words are here.
  if (isChanged()) keepCopy();
  leaving = true;
});

addEventListener("beforeunload", (event) => {
  if (leaving || (!isChanged() && !saving)) return;
  keepCopy();
  event.preventDefault();
});
addEventListener("pagehide", () => {
  if (id) navigator.sendBeacon(`/admin/articles/${id}/leave.json`, tokenOnly());
});
addEventListener("pageshow", () => {
  leaving = false;
});
addEventListener("online", () => save());

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "s") {
    event.preventDefault();
    save();
  }
});

// Who else is here.

const tokenOnly = () => new URLSearchParams({ csrf: form.elements.csrf.value });

async function here() {
  if (!id || document.hidden) return;
  let answer;
  try {
    const response = await fetch(`/admin/articles/${id}/presence.json`, {
      method: "POST",
      body: tokenOnly(),
      headers: { Accept: "application/json" },
    });
    if (!response.ok) return;
    answer = await response.json();
  } catch {
    return;
  }
  const names = answer.others;
  others.hidden = names.length === 0;
  const text = names.length ? `${new Intl.ListFormat("en").format(names)} ${names.length > 1 ? "have" : "has"} this article open too.` : "";
  if (others.textContent !== text) others.textContent = text;
  const base = Number(form.elements.base.value);
  if (answer.newest && answer.newest.id > base && !saving && !conflict) {
    if (isChanged()) conflicted(answer.newest.who);
    else
      message("newer", `${answer.newest.who || "Somebody"} saved a newer version.`, [
        "Show it",
        () => location.reload(),
      ]);
  }
}

setInterval(here, EVERY);
document.addEventListener("visibilitychange", here);
here();

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

/** There is always one empty list to choose one more author from. */
function growAuthors() {
  const rows = form.querySelectorAll("select[name=author]");
  const last = rows[rows.length - 1];
  if (!last || !last.value) return;
  const next = last.cloneNode(true);
  next.value = "";
  next.setAttribute("aria-label", `Author ${rows.length + 1}`);
  last.after(next);
}
form.querySelector("[data-authors]")?.addEventListener("change", growAuthors);

function button(text, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "small";
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
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
  const choose = button("Choose a picture", async () => {
    const items = await window.dateline.pickMedia({ multiple: false });
    if (items?.length) show(items[0]);
  });
  const remove = button("Remove it", () => show(null));
  remove.hidden = !field.value;
  const actions = document.createElement("p");
  actions.className = "actions";
  actions.append(choose, remove);
  shown.after(actions);
  // The number is for those without a script. Links to the field lead to the picture's buttons.
  if (!field.hasAttribute("aria-invalid")) {
    field.closest(".field").hidden = true;
    choose.id = field.id;
    field.removeAttribute("id");
  }
}

function setUpAlsoRead() {
  const field = form.elements.also_read;
  field.after(
    button("Find a story", async () => {
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
