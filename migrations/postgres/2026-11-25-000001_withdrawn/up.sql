-- The site version of the last withdrawal: pages rendered before it must never be served again, not even while the
-- database is unavailable.
ALTER TABLE site_state ADD COLUMN withdrawn_version BIGINT NOT NULL DEFAULT 0;
