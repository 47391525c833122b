-- Renames `river_*` to `timeline_*` and their column `river` to `kind`. Only the catalog changes: no row is copied.
ALTER TABLE river_entries RENAME TO timeline_entries;
ALTER TABLE timeline_entries RENAME COLUMN river TO kind;
ALTER INDEX river_entries_pkey RENAME TO timeline_entries_pkey;
ALTER INDEX river_entries_article RENAME TO timeline_entries_article;
ALTER TABLE timeline_entries RENAME CONSTRAINT river_entries_article_id_fkey TO timeline_entries_article_id_fkey;
ALTER TABLE river_counts RENAME TO timeline_counts;
ALTER TABLE timeline_counts RENAME COLUMN river TO kind;
ALTER INDEX river_counts_pkey RENAME TO timeline_counts_pkey;
