-- A GIN index stores no positions: a search for a phrase of words that most texts contain rechecked each of these
-- texts, which took seconds. Therefore the index also contains pairs of adjacent words (pairs.rs). A background job
-- adds them to existing articles.
DROP INDEX article_words_words;
ALTER TABLE article_words ADD COLUMN pairs SMALLINT[] NOT NULL DEFAULT '{}';
CREATE INDEX article_words_words ON article_words USING GIN (words, pairs);
DROP INDEX headline_words_words;
ALTER TABLE headline_words ADD COLUMN pairs SMALLINT[] NOT NULL DEFAULT '{}';
CREATE INDEX headline_words_words ON headline_words USING GIN (words, pairs);
INSERT INTO index_queue (article_id, words) SELECT id, TRUE FROM articles WHERE status = 'published'
ON CONFLICT (article_id) DO UPDATE SET words = TRUE;
