-- Published articles as the search index numbers them: in the order of publication, so that walking along
-- the index is walking back in time. A number is the minutes since 1900 times 64, and a place among those
-- of the minute.
CREATE TABLE findable (
    doc        BIGINT PRIMARY KEY,
    article_id BIGINT NOT NULL UNIQUE
);

-- The words of a findable article without their endings, and of its headline alone.
DROP TABLE article_words;
CREATE TABLE article_words (
    doc   BIGINT PRIMARY KEY REFERENCES findable (doc) ON DELETE CASCADE,
    words TSVECTOR NOT NULL
);
CREATE INDEX article_words_words ON article_words USING GIN (words);
CREATE TABLE headline_words (
    doc   BIGINT PRIMARY KEY REFERENCES findable (doc) ON DELETE CASCADE,
    words TSVECTOR NOT NULL
);
CREATE INDEX headline_words_words ON headline_words USING GIN (words);

-- The words that headlines and standfirsts have, as they are written: for beginnings of words and for words
-- that somebody misspelt. Compared by bytes, as SQLite does.
CREATE TABLE known_words (
    word TEXT COLLATE "C" PRIMARY KEY
);

-- Articles whose stories in the same vein are to be looked for, and, if `words` is set, whose words have to be
-- put into the index anew.
CREATE TABLE index_queue (
    article_id BIGINT PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
    words      BOOLEAN NOT NULL
);
INSERT INTO index_queue (article_id, words) SELECT id, TRUE FROM articles WHERE status = 'published';

-- Stories in the same vein, the nearest first.
CREATE TABLE related_articles (
    article_id BIGINT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    position   INTEGER NOT NULL,
    other_id   BIGINT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    PRIMARY KEY (article_id, position)
);
CREATE INDEX related_articles_other ON related_articles (other_id);

-- What readers asked for in vain: paths that lead nowhere, words that nothing was found for.
CREATE TABLE misses (
    kind    TEXT NOT NULL CHECK (kind IN ('path', 'words')),
    asked   TEXT NOT NULL,
    hits    BIGINT NOT NULL,
    last_at TIMESTAMP NOT NULL,
    PRIMARY KEY (kind, asked)
);
CREATE INDEX misses_hits ON misses (kind, hits);
INSERT INTO misses (kind, asked, hits, last_at) SELECT 'path', path, hits, last_at FROM missing_paths;
DROP TABLE missing_paths;
