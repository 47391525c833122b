// Counting as the server does (src/text/sanitize.rs, src/text/mod.rs).

// What adults read of news text in a minute.
const WORDS_A_MINUTE = 240;

/** How many words a document says. Emphasis and links may stand inside a word; a line break ends one. */
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

/** How long reading takes, in whole minutes, at least one. */
export const readingMinutes = (words) => Math.max(1, Math.floor((words + WORDS_A_MINUTE / 2) / WORDS_A_MINUTE));
