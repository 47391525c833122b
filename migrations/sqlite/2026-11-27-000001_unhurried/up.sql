-- The site version of the last deferred write: pages of the version before it may be served while they are
-- re-rendered.
ALTER TABLE site_state ADD COLUMN unhurried_version BIGINT NOT NULL DEFAULT 0;
