// The addresses that can be linked and embedded: the same as in src/text/sanitize.rs.

const EMBED_HOSTS = ["www.youtube.com", "youtube.com", "youtu.be", "vimeo.com"];

/** Whether `href` is allowed as the target of a link. */
export function isLinkable(href) {
  const scheme = /^\s*([a-z][a-z0-9+.-]*):/i.exec(href)?.[1].toLowerCase();
  return Boolean(href.trim()) && (!scheme || ["http", "https", "mailto", "tel"].includes(scheme));
}

/** Whether `id` is one of a text: as in src/text/structure.rs, none of the page. */
export const isAnchor = (id) => /^text-[\p{Alphabetic}\p{Number}_-]{1,80}$/u.test(id);

/** The id for the input of a name, such as `Our method` or `#our-method`; `null` if it is empty. */
export function anchorOf(input) {
  const name = input
    .trim()
    .replace(/^#?(text-)?/, "")
    .replace(/[^\p{Alphabetic}\p{Number}_-]+/gu, "-")
    .slice(0, 80);
  return name ? `text-${name}` : null;
}

/** Normalises the input of a link's target; `null` if it is not an address. */
export function linkTarget(input) {
  const text = input.trim();
  if (!text || /\s|^[/\\]{2}/.test(text)) return null;
  if (/^[^@/:]+@[^@/:]+\.[^@/:]+$/.test(text)) return `mailto:${text}`;
  if (/^[/#?]/.test(text)) return text;
  if (/^(mailto|tel):./i.test(text)) return text;
  const href = /^https?:/i.test(text) ? text : `https://${text}`;
  if (/^[a-z][a-z0-9+.-]*:(?!\d)/i.test(text) && href !== text) return null;
  if (!URL.canParse(href)) return null;
  const url = new URL(href);
  if (!url.hostname.includes(".") && url.hostname !== "localhost" && url.origin !== location.origin) return null;
  // Links within this site are relative, so they survive a change of the domain.
  return url.origin === location.origin ? url.pathname + url.search + url.hash : href;
}

/** Whether the page can be embedded. */
export const isEmbeddable = (url) => URL.canParse(url) && new URL(url).protocol === "https:" && EMBED_HOSTS.includes(new URL(url).hostname);

/** The canonical URL of a video's page; `null` if `text` is not one. */
export function videoPage(text) {
  const trimmed = text.trim();
  if (/\s/.test(trimmed) || !URL.canParse(trimmed)) return null;
  const url = new URL(trimmed);
  const host = url.hostname.replace(/^(m|music)\.youtube\.com$/, "www.youtube.com").replace(/^(www|player)\.vimeo\.com$/, "vimeo.com");
  if (!/^https?:$/.test(url.protocol) || !EMBED_HOSTS.includes(host)) return null;
  const isVideoId = (id) => /^[\w-]+$/.test(id ?? "");
  if (host === "vimeo.com") {
    const id = url.pathname.split("/").find((part) => /^\d+$/.test(part));
    return id ? `https://vimeo.com/${id}` : null;
  }
  const [, kind, inPath] = url.pathname.split("/");
  const id = host === "youtu.be" ? kind : ["shorts", "live", "embed"].includes(kind) ? inPath : url.searchParams.get("v");
  return isVideoId(id) ? `https://www.youtube.com/watch?v=${id}` : null;
}

/** The name of an embed's provider. */
export const providerOf = (url) => (/vimeo/.test(url) ? "Vimeo" : "YouTube");
