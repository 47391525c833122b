ALTER TABLE timeline_counts RENAME COLUMN kind TO river;
ALTER TABLE timeline_counts RENAME TO river_counts;
ALTER TABLE timeline_entries RENAME COLUMN kind TO river;
ALTER TABLE timeline_entries RENAME TO river_entries;
