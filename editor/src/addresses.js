// What may be linked to and embedded: the same as src/text/sanitize.rs lets through.

const EMBED_HOSTS = ["www.youtube.com", "youtube.com", "youtu.be", "vimeo.com"];

/** Whether a link may lead there. */
export function isLinkable(href) {
  const scheme = /^\s*([a-z][a-z0-9+.-]*):/i.exec(href)?.[1].toLowerCase();
  return Boolean(href.trim()) && (!scheme || ["http", "https", "mailto", "tel"].includes(scheme));
}

/** What somebody typed as the target of a link, as it should be written; `null` if it is none. */
export function linkTarget(typed) {
  const text = typed.trim();
  if (!text || /\s|^[/\\]{2}/.test(text)) return null;
  if (/^[^@/:]+@[^@/:]+\.[^@/:]+$/.test(text)) return `mailto:${text}`;
  if (/^[/#?]/.test(text)) return text;
  if (/^(mailto|tel):./i.test(text)) return text;
  const href = /^https?:/i.test(text) ? text : `https://${text}`;
  if (/^[a-z][a-z0-9+.-]*:(?!\d)/i.test(text) && href !== text) return null;
  if (!URL.canParse(href)) return null;
  const url = new URL(href);
  if (!url.hostname.includes(".") && url.hostname !== "localhost" && url.origin !== location.origin) return null;
  // What is on this site stays on it when the site moves.
  return url.origin === location.origin ? url.pathname + url.search + url.hash : href;
}

/** Whether a page may be embedded. */
export const isEmbeddable = (url) => URL.canParse(url) && new URL(url).protocol === "https:" && EMBED_HOSTS.includes(new URL(url).hostname);

/** The page of a video, in the form that the site can embed; `null` if `text` is no address of one. */
export function videoPage(text) {
  const trimmed = text.trim();
  if (/\s/.test(trimmed) || !URL.canParse(trimmed)) return null;
  const url = new URL(trimmed);
  const host = url.hostname.replace(/^(m|music)\.youtube\.com$/, "www.youtube.com").replace(/^(www|player)\.vimeo\.com$/, "vimeo.com");
  if (!/^https?:$/.test(url.protocol) || !EMBED_HOSTS.includes(host)) return null;
  const plain = (id) => /^[\w-]+$/.test(id ?? "");
  if (host === "vimeo.com") {
    const id = url.pathname.split("/").find((part) => /^\d+$/.test(part));
    return id ? `https://vimeo.com/${id}` : null;
  }
  const [, kind, inPath] = url.pathname.split("/");
  const id = host === "youtu.be" ? kind : ["shorts", "live", "embed"].includes(kind) ? inPath : url.searchParams.get("v");
  return plain(id) ? `https://www.youtube.com/watch?v=${id}` : null;
}

/** The name of the site that an embed comes from. */
export const providerOf = (url) => (/vimeo/.test(url) ? "Vimeo" : "YouTube");
