// Arranges the edition without reloading the page. As without this script, every button posts the form and the server
// responds with the new form and preview; a drag posts the new order in the same way.

const texts = window.dateline.texts("edition");
const form = document.querySelector("[data-edition]");
const announcement = document.querySelector("[data-announcement]");
/** The buttons that submit the form and reload the page. */
const FULL_SUBMITS = ["save", "breaking-on", "breaking-off"];

let latest = 0;
let edited = false;
let submitting = false;

const part = (root, name) => root.querySelector(`[data-part="${name}"]`);

function announce(text) {
  announcement.textContent = "";
  // After a delay, so that a screen reader reads a repeated text again.
  setTimeout(() => (announcement.textContent = text), 50);
}

/** Posts the form as if this button were pressed, and shows the response. */
async function press(value, message) {
  const request = ++latest;
  const body = new URLSearchParams(new FormData(form));
  body.append("do", value);
  let page;
  try {
    const response = await fetch(form.action, { method: "POST", body });
    page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (!page.querySelector("[data-edition]")) throw new Error(`status ${response.status}`);
  } catch {
    return announce(texts.update_failed);
  }
  if (request !== latest) return;
  const focused = document.activeElement;
  for (const name of ["messages", "list", "found", "add", "preview"]) {
    part(form, name).replaceWith(document.adoptNode(part(page, name)));
  }
  edited = false;
  addGrips();
  addFindButton();
  restoreFocus(focused, value);
  announce(form.querySelector(".summary")?.textContent ?? message ?? form.querySelector("[data-status]")?.textContent ?? "");
}

/** Restores the focus to the same button, or to a neighbour if that is gone or disabled. */
function restoreFocus(focused, value) {
  if (form.contains(focused)) return;
  const [, id] = value.split(":");
  const candidates = [`button[value="${value}"]`, `button[value="up:${id}"]`, `button[value="down:${id}"]`, `#${CSS.escape(focused?.id ?? "")}`];
  for (const selector of candidates) {
    const target = selector !== "#" && form.querySelector(`${selector}:not(:disabled, [hidden])`);
    if (target) return target.focus();
  }
  form.querySelector("button.primary").focus();
}

form.addEventListener("submit", (event) => {
  const value = event.submitter?.value;
  if (!value || FULL_SUBMITS.includes(value)) {
    submitting = true;
    return;
  }
  event.preventDefault();
  press(value);
});
form.addEventListener("input", () => (edited = true));

addEventListener("beforeunload", (event) => {
  if (!submitting && (edited || form.querySelector("[data-unsaved]"))) event.preventDefault();
});
addEventListener("pageshow", () => (submitting = false));

/** Adds a drag handle to each placed story. */
function addGrips() {
  for (const pin of form.querySelectorAll("[data-pin]")) {
    const grip = document.createElement("span");
    grip.className = "grip";
    grip.ariaHidden = "true";
    grip.textContent = "⠿";
    grip.title = texts.drag;
    pin.prepend(grip);
    grip.addEventListener("pointerdown", (event) => drag(event, grip, pin));
  }
}

function drag(down, grip, pin) {
  if (down.button !== 0) return;
  down.preventDefault();
  const list = pin.parentElement;
  const before = [...list.children];
  grip.setPointerCapture(down.pointerId);
  pin.classList.add("dragged");
  const move = ({ clientY }) => {
    const after = [...list.children].find((other) => {
      if (other === pin) return false;
      const { top, height } = other.getBoundingClientRect();
      return clientY < top + height / 2;
    });
    if (after !== pin.nextElementSibling) list.insertBefore(pin, after ?? null);
  };
  const end = (event) => {
    grip.removeEventListener("pointermove", move);
    for (const kind of ["pointerup", "pointercancel"]) grip.removeEventListener(kind, end);
    pin.classList.remove("dragged");
    if (event.type === "pointercancel") return list.replaceChildren(...before);
    const at = [...list.children].indexOf(pin);
    if (before.indexOf(pin) !== at) {
      const headline = pin.querySelector("[data-headline]").textContent.trim();
      press("show", window.dateline.fillIn(texts.moved, { headline, at: at + 1, total: before.length }));
    }
  };
  grip.addEventListener("pointermove", move);
  for (const kind of ["pointerup", "pointercancel"]) grip.addEventListener(kind, end);
}

/** Adds a button that opens the article dialog, if the editor's script is loaded. */
function addFindButton() {
  const pick = window.dateline?.pickArticle;
  if (!pick) return;
  const add = part(form, "add");
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = texts.find_story;
  button.addEventListener("click", async () => {
    const story = await pick();
    if (!story) return;
    form.elements.add.value = story.id;
    press("show");
  });
  add.append(button);
}

addGrips();
addFindButton();
