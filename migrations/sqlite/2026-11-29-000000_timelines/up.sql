-- Renames `river_*` to `timeline_*` and their column `river` to `kind`. Only the catalog changes: no row is copied.
-- SQLite cannot rename an index, and rebuilding `river_entries_article` would read every row, so it keeps its name.
ALTER TABLE river_entries RENAME TO timeline_entries;
ALTER TABLE timeline_entries RENAME COLUMN river TO kind;
ALTER TABLE river_counts RENAME TO timeline_counts;
ALTER TABLE timeline_counts RENAME COLUMN river TO kind;
