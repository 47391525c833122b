-- Soft hyphens, zero-width spaces and joiners no longer divide words: a background job indexes all articles again.
INSERT INTO index_queue (article_id, words) SELECT id, TRUE FROM articles WHERE status = 'published'
ON CONFLICT (article_id) DO UPDATE SET words = TRUE;
