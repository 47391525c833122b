ALTER INDEX timeline_counts_pkey RENAME TO river_counts_pkey;
ALTER TABLE timeline_counts RENAME COLUMN kind TO river;
ALTER TABLE timeline_counts RENAME TO river_counts;
ALTER TABLE timeline_entries RENAME CONSTRAINT timeline_entries_article_id_fkey TO river_entries_article_id_fkey;
ALTER INDEX timeline_entries_article RENAME TO river_entries_article;
ALTER INDEX timeline_entries_pkey RENAME TO river_entries_pkey;
ALTER TABLE timeline_entries RENAME COLUMN kind TO river;
ALTER TABLE timeline_entries RENAME TO river_entries;
