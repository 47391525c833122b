// A button beside a picture's id field that selects a picture from the library. The dialog is part of the body
// editor, which is loaded on the first click.

const { dialog, stylesheet } = document.currentScript.dataset;
const texts = window.dateline.texts("editor");

async function pickMedia() {
  if (!window.dateline?.pickMedia) {
    document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: stylesheet }));
    await import(dialog);
  }
  return window.dateline.pickMedia({ multiple: false });
}

for (const input of dialog ? document.querySelectorAll("[data-pick-media]") : []) {
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: texts.choose });
  button.addEventListener("click", async () => {
    const [chosen] = (await pickMedia()) ?? [];
    if (chosen) input.value = chosen.id;
  });
  input.after(button);
}
