-- The last site version that work in no hurry has made: readers may be sent pages of the one before it while these
-- are made anew.
ALTER TABLE site_state ADD COLUMN unhurried_version BIGINT NOT NULL DEFAULT 0;
