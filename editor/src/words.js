// Word count and reading time, computed as on the server (src/text/sanitize.rs, src/text/mod.rs).

// An adult's reading speed.
const WORDS_PER_MINUTE = 240;

/** The number of words of a document. Marks do not split a word; a line break does. */
export function countWords(doc) {
  let words = 0;
  doc.descendants((node) => {
    if (!node.isTextblock) return true;
    const text = node.textBetween(0, node.content.size, "", " ");
    words += text.match(/\P{White_Space}+/gu)?.length ?? 0;
    return false;
  });
  return words;
}

/** The reading time in minutes, at least one. */
export const readingMinutes = (words) => Math.max(1, Math.floor((words + WORDS_PER_MINUTE / 2) / WORDS_PER_MINUTE));
