-- The search index says of which month and year a document is. The background puts that in.
INSERT INTO index_queue (article_id, words) SELECT id, TRUE FROM articles WHERE status = 'published'
ON CONFLICT (article_id) DO UPDATE SET words = TRUE;
