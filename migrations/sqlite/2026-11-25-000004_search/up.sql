-- Published articles as the search index numbers them: in the order of publication, so that walking along
-- the index is walking back in time. A number is the minutes since 1900 times 64, and a place among those
-- of the minute.
CREATE TABLE findable (
    doc        INTEGER PRIMARY KEY,
    article_id BIGINT NOT NULL UNIQUE
);

-- The words of a findable article without their endings, and of its headline alone; the rowid is `doc`.
-- Words come folded and told apart: SQLite has only to part them at blanks.
DROP TABLE article_words;
CREATE VIRTUAL TABLE article_words USING fts5 (
    words, content = '', contentless_delete = 1, tokenize = 'ascii'
);
CREATE VIRTUAL TABLE headline_words USING fts5 (
    words, content = '', contentless_delete = 1, tokenize = 'ascii'
);

-- The words that headlines and standfirsts have, as they are written: for beginnings of words and for words
-- that somebody misspelt.
CREATE TABLE known_words (
    word TEXT PRIMARY KEY
) WITHOUT ROWID;

-- Articles whose stories in the same vein are to be looked for, and, if `words` is set, whose words have to be
-- put into the index anew.
CREATE TABLE index_queue (
    article_id INTEGER PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
    words      BOOLEAN NOT NULL
);
INSERT INTO index_queue (article_id, words) SELECT id, TRUE FROM articles WHERE status = 'published';

-- Stories in the same vein, the nearest first.
CREATE TABLE related_articles (
    article_id BIGINT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    position   INTEGER NOT NULL,
    other_id   BIGINT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    PRIMARY KEY (article_id, position)
) WITHOUT ROWID;
CREATE INDEX related_articles_other ON related_articles (other_id);

-- What readers asked for in vain: paths that lead nowhere, words that nothing was found for.
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
