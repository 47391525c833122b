-- The site version at which something was withdrawn last: no page from before it may be shown again, not
-- even while the database is away.
ALTER TABLE site_state ADD COLUMN withdrawn_version BIGINT NOT NULL DEFAULT 0;
