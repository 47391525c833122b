// What the newsroom's server is asked.

/** The server said no, in words for people. */
export class Refused extends Error {}

const AWAY = "The server cannot be reached. What you typed is kept.";

async function answer(response) {
  const said = await response.json().catch(() => null);
  if (response.ok && said) return said;
  throw new Refused(said?.error ?? (response.status === 401 ? "You have been signed out. What you typed is kept." : "The server did not answer as it should."));
}

async function get(path, parameters) {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value));
  const response = await fetch(`${path}?${query}`, { headers: { Accept: "application/json" } }).catch(() => {
    throw new Refused(AWAY);
  });
  return answer(response);
}

const MEDIA = "/admin/media.json";
const ARTICLES = "/admin/articles.json";

/** Pictures of the library that match the words; `before` is where the page before ended. */
export const searchMedia = (words, before) => get(MEDIA, { q: words, before });

/** Articles that match the words, the newest first; without words, those in the same vein as the article `like`. */
export const searchArticles = (words, like) => get(ARTICLES, words ? { q: words } : { like }).then(({ items }) => items);

/** Asks for things by their ids, those wanted at the same moment in one request, and remembers them. */
function lookup(path) {
  const known = new Map();
  let wanted = [];
  const ask = async () => {
    const asked = wanted;
    wanted = [];
    try {
      const { items } = await get(path, { ids: asked.map(({ id }) => id).join(",") });
      for (const { id, resolve } of asked) resolve(items.find((item) => String(item.id) === id) ?? null);
    } catch (error) {
      for (const { id, reject } of asked) {
        known.delete(id);
        reject(error);
      }
    }
  };
  return {
    /** The thing, or `null` if there is none of that id. */
    find(id) {
      if (!known.has(id)) {
        known.set(
          id,
          new Promise((resolve, reject) => {
            wanted.push({ id, resolve, reject });
            if (wanted.length === 1) setTimeout(ask, 10);
          }),
        );
      }
      return known.get(id);
    },
    /** What another answer said already. */
    remember: (items) => items.forEach((item) => known.set(String(item.id), Promise.resolve(item))),
  };
}

export const mediaById = lookup(MEDIA);
export const articlesById = lookup(ARTICLES);

/** Whether the file is a picture, as far as its name and type say. */
export const isPicture = (file) => /^image\//.test(file.type);

/** Sends a picture to the library. `progress` hears how much is there, from 0 to 1. */
export function uploadPicture(file, progress = () => {}) {
  const form = new FormData();
  form.append("csrf", document.querySelector('meta[name="csrf-token"]')?.content ?? "");
  form.append("file", file, file.name || "picture");
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", MEDIA);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", ({ loaded, total }) => progress(total ? loaded / total : 0));
    request.addEventListener("error", () => reject(new Refused(AWAY)));
    request.addEventListener("load", async () => {
      try {
        const { item } = await answer(new Response(request.responseText, { status: Math.max(request.status, 200) }));
        mediaById.remember([item]);
        resolve(item);
      } catch (error) {
        reject(error);
      }
    });
    request.send(form);
  });
}
