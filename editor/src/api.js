// Requests to the newsroom's JSON endpoints.

import { texts } from "./texts.js";

/** A failed request. Its message is shown to the user. */
export class RequestError extends Error {}

async function parseResponse(response) {
  const data = await response.json().catch(() => null);
  if (response.ok && data) return data;
  throw new RequestError(data?.error ?? (response.status === 401 ? texts.logged_out : texts.unexpected_response));
}

async function get(path, parameters) {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value));
  const response = await fetch(`${path}?${query}`, { headers: { Accept: "application/json" } }).catch(() => {
    throw new RequestError(texts.unreachable);
  });
  return parseResponse(response);
}

const MEDIA = "/admin/media.json";
const ARTICLES = "/admin/articles.json";

/** A page of the library's pictures that match the words; `before` is the `next` of the previous page. */
export const searchMedia = (words, before) => get(MEDIA, { q: words, before });

/** Articles that match the words, newest first; without words, articles similar to the article `like`. */
export const searchArticles = (words, like) => get(ARTICLES, words ? { q: words } : { like }).then(({ items }) => items);

/** Loads and caches items by id. Calls within 10 ms share one request. */
function lookup(path) {
  const cache = new Map();
  let queue = [];
  const load = async () => {
    const batch = queue;
    queue = [];
    try {
      const { items } = await get(path, { ids: batch.map(({ id }) => id).join(",") });
      for (const { id, resolve } of batch) resolve(items.find((item) => String(item.id) === id) ?? null);
    } catch (error) {
      for (const { id, reject } of batch) {
        cache.delete(id);
        reject(error);
      }
    }
  };
  return {
    /** The item, or `null` if there is none with that id. */
    find(id) {
      if (!cache.has(id)) {
        cache.set(
          id,
          new Promise((resolve, reject) => {
            queue.push({ id, resolve, reject });
            if (queue.length === 1) setTimeout(load, 10);
          }),
        );
      }
      return cache.get(id);
    },
    /** Caches the items of another response. */
    remember: (items) => items.forEach((item) => cache.set(String(item.id), Promise.resolve(item))),
  };
}

export const mediaById = lookup(MEDIA);
export const articlesById = lookup(ARTICLES);

/** Whether the file's media type is that of a picture. */
export const isPicture = (file) => /^image\//.test(file.type);

/** Uploads a picture to the library. `progress` is called with the part that was sent, from 0 to 1. */
export function uploadPicture(file, progress = () => {}) {
  const form = new FormData();
  form.append("csrf", document.querySelector('meta[name="csrf-token"]')?.content ?? "");
  form.append("file", file, file.name || "picture");
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", MEDIA);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", ({ loaded, total }) => progress(total ? loaded / total : 0));
    request.addEventListener("error", () => reject(new RequestError(texts.unreachable)));
    request.addEventListener("load", async () => {
      try {
        const { item } = await parseResponse(new Response(request.responseText, { status: Math.max(request.status, 200) }));
        mediaById.remember([item]);
        resolve(item);
      } catch (error) {
        reject(error);
      }
    });
    request.send(form);
  });
}
