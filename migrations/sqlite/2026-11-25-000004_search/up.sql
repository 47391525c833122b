-- Document numbers of published articles in the search index. They are ordered by publication time, so that a backward
-- index scan returns the newest articles first. A number is the minutes since 1900 times 64, plus a slot within the
-- minute.
CREATE TABLE findable (
    doc        INTEGER PRIMARY KEY,
    article_id BIGINT NOT NULL UNIQUE
);

-- The full-text indexes: the stemmed words of an article in `findable`, and those of its headline alone; the rowid is
-- `doc`. Words are folded and segmented before they are stored, so that SQLite only has to split them at spaces.
DROP TABLE article_words;
CREATE VIRTUAL TABLE article_words USING fts5 (
    words, content = '', contentless_delete = 1, tokenize = 'ascii'
);
CREATE VIRTUAL TABLE headline_words USING fts5 (
    words, content = '', contentless_delete = 1, tokenize = 'ascii'
);

-- The unstemmed words of headlines and standfirsts, for completions and for corrections of misspelt words.
CREATE TABLE known_words (
    word TEXT PRIMARY KEY
) WITHOUT ROWID;

-- Articles whose related articles have to be computed and, if `words` is set, whose words have to be re-indexed.
CREATE TABLE index_queue (
    article_id INTEGER PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
    words      BOOLEAN NOT NULL
);
INSERT INTO index_queue (article_id, words) SELECT id, TRUE FROM articles WHERE status = 'published';

-- Related articles, best match first.
CREATE TABLE related_articles (
    article_id BIGINT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    position   INTEGER NOT NULL,
    other_id   BIGINT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    PRIMARY KEY (article_id, position)
) WITHOUT ROWID;
CREATE INDEX related_articles_other ON related_articles (other_id);

-- Requests without a result: paths that were not found, and search words without matches.
CREATE TABLE misses (
    kind    TEXT NOT NULL CHECK (kind IN ('path', 'words')),
    asked   TEXT NOT NULL,
    hits    BIGINT NOT NULL,
    last_at TIMESTAMP NOT NULL,
    PRIMARY KEY (kind, asked)
) WITHOUT ROWID;
CREATE INDEX misses_hits ON misses (kind, hits);
INSERT INTO misses (kind, asked, hits, last_at) SELECT 'path', path, hits, last_at FROM missing_paths;
DROP TABLE missing_paths;
