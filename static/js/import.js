// Imports: the progress of the upload and of the import. Without this script, the browser submits the form
// and reloads the page every few seconds.

/** The polling interval, in milliseconds. */
const POLL_INTERVAL = 1000;
const texts = window.dateline.texts("import");

const form = document.getElementById("import");
const progress = document.getElementById("progress");

if (form) setUpUpload(form);
if (progress) pollProgress(progress);

function setUpUpload(form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    upload(form);
  });
}

function upload(form) {
  const panel = form.querySelector("#upload");
  const bar = panel.querySelector("progress");
  const status = panel.querySelector("p");
  const button = form.querySelector("button.primary");
  const preventUnload = (event) => event.preventDefault();
  panel.hidden = false;
  status.textContent = texts.uploading;
  button.disabled = true;
  window.addEventListener("beforeunload", preventUnload);
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    bar.value = total ? loaded / total : 0;
  });
  request.addEventListener("loadend", () => {
    window.removeEventListener("beforeunload", preventUnload);
    if (request.status === 200) {
      location.assign(request.responseURL);
      return;
    }
    button.disabled = false;
    if (request.status) {
      panel.hidden = true;
      showResponse(form, request.responseText);
    } else {
      status.textContent = texts.connection_closed;
    }
  });
  request.send(new FormData(form));
}

// Shows the server's errors. The selected files are kept.
function showResponse(form, html) {
  const response = new DOMParser().parseFromString(html, "text/html");
  const content = response.querySelector("main");
  const newForm = content.querySelector("#import");
  if (!newForm) {
    const message = document.createElement("div");
    message.className = "summary";
    message.setAttribute("role", "alert");
    message.tabIndex = -1;
    message.textContent = content.textContent.trim();
    form.before(message);
    message.focus();
    return;
  }
  for (const input of form.querySelectorAll("input[type=file]")) {
    newForm.elements[input.name].files = input.files;
  }
  document.querySelector("main").replaceWith(content);
  setUpUpload(newForm);
  content.querySelector("[data-focus]")?.focus();
}

function pollProgress(progress) {
  const bar = progress.querySelector("progress");
  const text = document.getElementById("progress-text");
  const poll = async () => {
    try {
      const response = await fetch(progress.dataset.url, { headers: { Accept: "application/json" } });
      if (response.ok) {
        const state = await response.json();
        if (!state.running) {
          location.reload();
          return;
        }
        bar.value = state.percent;
        text.textContent = state.text;
      }
    } catch {
      // The server may be restarting: poll again.
    }
    setTimeout(poll, POLL_INTERVAL);
  };
  setTimeout(poll, POLL_INTERVAL);
}
