-- A GIN index knows no places: for a phrase of words that most texts have, each of these texts was looked at, which
-- took seconds. So it knows as well which words stand side by side (pairs.rs). The background puts that in.
DROP INDEX article_words_words;
ALTER TABLE article_words ADD COLUMN pairs SMALLINT[] NOT NULL DEFAULT '{}';
CREATE INDEX article_words_words ON article_words USING GIN (words, pairs);
DROP INDEX headline_words_words;
ALTER TABLE headline_words ADD COLUMN pairs SMALLINT[] NOT NULL DEFAULT '{}';
CREATE INDEX headline_words_words ON headline_words USING GIN (words, pairs);
INSERT INTO index_queue (article_id, words) SELECT id, TRUE FROM articles WHERE status = 'published'
ON CONFLICT (article_id) DO UPDATE SET words = TRUE;
