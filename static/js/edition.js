// Arranging the edition without leaving the page. Every button asks the server what the form becomes,
// as it does without this script; what is dragged is told to it in the same way. So there is one way to
// arrange, for the pointer and for the keyboard, and the page below always shows how it will look.

const form = document.querySelector("[data-edition]");
const said = document.querySelector("[data-said]");
const AT_ONCE = ["save", "breaking-on", "breaking-off"];

let latest = 0;
let touched = false;
let leaving = false;

const part = (root, name) => root.querySelector(`[data-part="${name}"]`);

function say(text) {
  said.textContent = "";
  // Another turn, so that the same words are read out again.
  setTimeout(() => (said.textContent = text), 50);
}

/** Asks the server what the form becomes when this button is pressed, and shows that. */
async function press(value, words) {
  const number = ++latest;
  const body = new URLSearchParams(new FormData(form));
  body.append("do", value);
  let answer;
  try {
    const response = await fetch(form.action, { method: "POST", body });
    answer = new DOMParser().parseFromString(await response.text(), "text/html");
    if (!answer.querySelector("[data-edition]")) throw new Error(`answered ${response.status}`);
  } catch {
    return say("The server does not answer as it should. Nothing is lost: please try again.");
  }
  if (number !== latest) return;
  const focused = document.activeElement;
  for (const name of ["messages", "list", "found", "add", "looks"]) {
    part(form, name).replaceWith(document.adoptNode(part(answer, name)));
  }
  touched = false;
  grips();
  findButton();
  focusAgain(focused, value);
  say(form.querySelector(".summary")?.textContent ?? words ?? form.querySelector("[data-says]")?.textContent ?? "");
}

/** The focus stays where it was: on the same button, or on its neighbour if that is gone or off. */
function focusAgain(focused, value) {
  if (form.contains(focused)) return;
  const [, id] = value.split(":");
  const candidates = [`button[value="${value}"]`, `button[value="up:${id}"]`, `button[value="down:${id}"]`, `#${CSS.escape(focused?.id ?? "")}`];
  for (const selector of candidates) {
    const there = selector !== "#" && form.querySelector(`${selector}:not(:disabled, [hidden])`);
    if (there) return there.focus();
  }
  form.querySelector("button.primary").focus();
}

form.addEventListener("submit", (event) => {
  const value = event.submitter?.value;
  if (!value || AT_ONCE.includes(value)) {
    leaving = true;
    return;
  }
  event.preventDefault();
  press(value);
});
form.addEventListener("input", () => (touched = true));

addEventListener("beforeunload", (event) => {
  if (!leaving && (touched || form.querySelector("[data-unsaved]"))) event.preventDefault();
});
addEventListener("pageshow", () => (leaving = false));

/** Gives each placed story something to drag it by. */
function grips() {
  for (const pin of form.querySelectorAll("[data-pin]")) {
    const grip = document.createElement("span");
    grip.className = "grip";
    grip.ariaHidden = "true";
    grip.textContent = "⠿";
    grip.title = "Drag to another place";
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
      press("show", `“${headline}”: number ${at + 1} of ${before.length} now.`);
    }
  };
  grip.addEventListener("pointermove", move);
  for (const kind of ["pointerup", "pointercancel"]) grip.addEventListener(kind, end);
}

/** Adds a story from the dialog that finds one, where the editor's script has brought it. */
function findButton() {
  const pick = window.dateline?.pickArticle;
  if (!pick) return;
  const add = part(form, "add");
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Find a story …";
  button.addEventListener("click", async () => {
    const story = await pick();
    if (!story) return;
    form.elements.add.value = story.id;
    press("show");
  });
  add.append(button);
}

grips();
findButton();
