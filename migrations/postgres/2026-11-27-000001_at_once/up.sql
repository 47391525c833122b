-- The site version at which something changed last that the next reader has to see: of what has changed since,
-- readers may be sent pages as they were while these are made anew.
ALTER TABLE site_state ADD COLUMN at_once_version BIGINT NOT NULL DEFAULT 0;
UPDATE site_state SET at_once_version = version;
