// The media library: uploads by drag and drop or button, each with its progress, and the focal point set by a
// click on the picture. Without this script, plain forms do the same.

/** The maximum number of concurrent uploads. */
const MAX_CONCURRENT = 2;

const texts = window.dateline.texts("media");
const form = document.getElementById("upload");
const picture = document.getElementById("picture");

if (form) setUpUploads(form);
if (picture && document.getElementById("field-focal_x")) setUpFocalPoint(picture);

function setUpUploads(form) {
  const input = form.querySelector("input[type=file]");
  const list = document.getElementById("uploads");
  const status = document.getElementById("upload-status");
  const tiles = document.getElementById("tiles");
  const waiting = [];
  let running = 0;
  let done = 0;
  let failed = 0;

  form.querySelector("button").hidden = true;
  form.classList.add("scripted");
  form.querySelector("label strong").textContent = texts.drop;
  input.addEventListener("change", () => {
    add(input.files);
    input.value = "";
  });

  let depth = 0;
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  document.addEventListener("dragenter", (event) => {
    if (carriesFiles(event) && ++depth) form.classList.add("over");
  });
  document.addEventListener("dragleave", (event) => {
    if (carriesFiles(event) && --depth <= 0) form.classList.remove("over");
  });
  document.addEventListener("dragover", (event) => {
    if (carriesFiles(event)) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth = 0;
    form.classList.remove("over");
    add(event.dataTransfer.files);
  });
  window.addEventListener("beforeunload", (event) => {
    if (running) event.preventDefault();
  });

  function add(files) {
    if (files.length) list.hidden = false;
    for (const file of files) waiting.push(row(file));
    next();
  }

  function row(file) {
    const item = document.createElement("li");
    const name = document.createElement("span");
    name.className = "upload-name";
    name.textContent = file.name;
    const progress = document.createElement("progress");
    progress.max = 1;
    progress.value = 0;
    progress.setAttribute("aria-label", file.name);
    const status = document.createElement("span");
    status.className = "upload-status soft";
    status.textContent = texts.waiting;
    item.append(name, progress, status);
    list.append(item);
    return { file, item, progress, status };
  }

  function next() {
    while (running < MAX_CONCURRENT && waiting.length) {
      running += 1;
      send(waiting.shift());
    }
    if (!running && done + failed) {
      status.textContent = window.dateline.plural(failed ? texts.done_some_failed : texts.done, done, { failed });
    }
  }

  function send(upload) {
    const body = new FormData();
    body.append("csrf", form.elements.csrf.value);
    body.append("file", upload.file, upload.file.name);
    const request = new XMLHttpRequest();
    request.open("POST", "/admin/media.json");
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      upload.progress.value = total ? loaded / total : 0;
      upload.status.textContent = loaded < total ? texts.uploading : texts.processing;
    });
    request.addEventListener("loadend", () => {
      running -= 1;
      const result = parseJson(request.responseText);
      if (request.status === 201 && result) showSuccess(upload, result);
      else showFailure(upload, result?.error ?? texts.connection_closed);
      next();
    });
    request.send(body);
  }

  function showSuccess(upload, { item, new: isNew }) {
    done += 1;
    if (isNew && "newest" in tiles.dataset) {
      upload.item.remove();
      tiles.prepend(tile(item));
      document.getElementById("empty")?.remove();
    } else {
      upload.progress.remove();
      const link = document.createElement("a");
      link.href = `/admin/media/${item.id}`;
      link.textContent = isNew ? texts.open : texts.already_there;
      upload.status.replaceChildren(link);
    }
    list.hidden = !list.children.length;
  }

  function showFailure(upload, reason) {
    failed += 1;
    upload.progress.remove();
    upload.item.classList.add("failed");
    upload.status.className = "upload-status error";
    upload.status.textContent = reason;
    const retry = document.createElement("button");
    retry.type = "button";
    retry.className = "small";
    retry.textContent = texts.try_again;
    retry.addEventListener("click", () => {
      failed -= 1;
      upload.item.remove();
      add([upload.file]);
    });
    upload.item.append(retry);
  }
}

function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function tile(item) {
  const entry = document.createElement("li");
  const link = document.createElement("a");
  link.className = "tile";
  link.href = `/admin/media/${item.id}`;
  const image = document.createElement("img");
  image.src = item.thumb;
  image.alt = item.alt;
  const name = document.createElement("span");
  name.className = "tile-name";
  name.textContent = item.name;
  const note = document.createElement("span");
  note.className = "tile-note";
  note.textContent = `${item.width} × ${item.height} `;
  if (!item.alt) {
    const tag = document.createElement("span");
    tag.className = "tag warn";
    tag.textContent = texts.no_alt;
    note.append(tag);
  }
  link.append(image, name, note);
  entry.append(link);
  return entry;
}

function setUpFocalPoint(picture) {
  const [width, height] = [Number(picture.dataset.width), Number(picture.dataset.height)];
  const fields = [document.getElementById("field-focal_x"), document.getElementById("field-focal_y")];
  const mark = document.getElementById("focal-mark");
  document.querySelector("[data-scripted]").hidden = false;
  picture.classList.add("scripted");

  picture.addEventListener("click", (event) => {
    const box = picture.getBoundingClientRect();
    const percent = (at, size) => Math.round(Math.min(Math.max(at / size, 0), 1) * 1000) / 10;
    fields[0].value = percent(event.clientX - box.left, box.width);
    fields[1].value = percent(event.clientY - box.top, box.height);
    draw();
  });
  for (const field of fields) field.addEventListener("input", draw);

  function draw() {
    const [x, y] = fields.map((field) => Number(field.value.replace(",", ".")) / 100);
    if (![x, y].every((n) => n >= 0 && n <= 1)) return;
    mark.setAttribute("transform", `translate(${x * width} ${y * height})`);
    for (const crop of document.querySelectorAll(".crop")) {
      const { width: across, height: down } = crop.viewBox.baseVal;
      const left = Math.min(Math.max(x * width - across / 2, 0), width - across);
      const top = Math.min(Math.max(y * height - down / 2, 0), height - down);
      crop.setAttribute("viewBox", `${left} ${top} ${across} ${down}`);
    }
  }
}
