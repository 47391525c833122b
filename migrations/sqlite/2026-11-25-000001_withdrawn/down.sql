ALTER TABLE site_state DROP COLUMN withdrawn_version;
