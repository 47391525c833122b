-- Adds the month and year of each document to the search index. A background job re-indexes the articles.
INSERT INTO index_queue (article_id, words) SELECT id, TRUE FROM articles WHERE status = 'published'
ON CONFLICT (article_id) DO UPDATE SET words = TRUE;
