// Imports: how much of the file is sent, and how far the import is. Without it, the browser sends the form
// by itself and the page is loaded anew every few seconds.

const EVERY = 1000;
const SENDING = "Sending the file. Keep this page open until it is there.";

const form = document.getElementById("import");
const progress = document.getElementById("progress");

if (form) sending(form);
if (progress) following(progress);

function sending(form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
}

function send(form) {
  const shown = form.querySelector("#sending");
  const bar = shown.querySelector("progress");
  const said = shown.querySelector("p");
  const button = form.querySelector("button.primary");
  const stay = (event) => event.preventDefault();
  shown.hidden = false;
  said.textContent = SENDING;
  button.disabled = true;
  window.addEventListener("beforeunload", stay);
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    bar.value = total ? loaded / total : 0;
  });
  request.addEventListener("loadend", () => {
    window.removeEventListener("beforeunload", stay);
    if (request.status === 200) {
      location.assign(request.responseURL);
      return;
    }
    button.disabled = false;
    if (request.status) {
      shown.hidden = true;
      showAnswer(form, request.responseText);
    } else {
      said.textContent = "The connection broke before everything arrived. Try again.";
    }
  });
  request.send(new FormData(form));
}

// What the server has to say stands above the form, in which the files stay chosen.
function showAnswer(form, html) {
  const answer = new DOMParser().parseFromString(html, "text/html");
  const content = answer.querySelector("main");
  const sent = content.querySelector("#import");
  if (!sent) {
    const said = document.createElement("div");
    said.className = "summary";
    said.setAttribute("role", "alert");
    said.tabIndex = -1;
    said.textContent = content.textContent.trim();
    form.before(said);
    said.focus();
    return;
  }
  for (const input of form.querySelectorAll("input[type=file]")) {
    sent.elements[input.name].files = input.files;
  }
  document.querySelector("main").replaceWith(content);
  sending(sent);
  content.querySelector("[data-focus]")?.focus();
}

function following(progress) {
  const bar = progress.querySelector("progress");
  const text = document.getElementById("progress-text");
  const look = async () => {
    try {
      const response = await fetch(progress.dataset.url, { headers: { Accept: "application/json" } });
      if (response.ok) {
        const now = await response.json();
        if (!now.running) {
          location.reload();
          return;
        }
        bar.value = now.percent;
        text.textContent = now.text;
      }
    } catch {
      // The server may just be starting anew: the next look tells.
    }
    setTimeout(look, EVERY);
  };
  setTimeout(look, EVERY);
}
