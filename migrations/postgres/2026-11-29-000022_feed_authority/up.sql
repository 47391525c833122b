-- The host in the ids of feeds and their items. Empty until the first start stores that of the site's address, and never
-- changed afterwards: feed readers take an item with another id for a new one.
ALTER TABLE site_state ADD COLUMN feed_authority TEXT NOT NULL DEFAULT '';
