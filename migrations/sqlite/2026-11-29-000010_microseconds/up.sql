-- Times in microseconds, the precision of PostgreSQL. Commands used to write nanoseconds here, which made a copy differ
-- from its source. The fraction keeps the form that new rows have: 3 or 6 digits, or none if it is zero. Rows are only
-- written if they have nanoseconds. The times of view counts are whole hours.
DROP TRIGGER history_stays;
UPDATE articles SET published_at = CASE
    WHEN SUBSTR(published_at, 21, 6) = '000000' THEN SUBSTR(published_at, 1, 19)
    WHEN SUBSTR(published_at, 24, 3) = '000' THEN SUBSTR(published_at, 1, 23)
    ELSE SUBSTR(published_at, 1, 26) END WHERE LENGTH(published_at) > 26;
UPDATE articles SET updated_at = CASE
    WHEN SUBSTR(updated_at, 21, 6) = '000000' THEN SUBSTR(updated_at, 1, 19)
    WHEN SUBSTR(updated_at, 24, 3) = '000' THEN SUBSTR(updated_at, 1, 23)
    ELSE SUBSTR(updated_at, 1, 26) END WHERE LENGTH(updated_at) > 26;
UPDATE articles SET created_at = CASE
    WHEN SUBSTR(created_at, 21, 6) = '000000' THEN SUBSTR(created_at, 1, 19)
    WHEN SUBSTR(created_at, 24, 3) = '000' THEN SUBSTR(created_at, 1, 23)
    ELSE SUBSTR(created_at, 1, 26) END WHERE LENGTH(created_at) > 26;
UPDATE articles SET changed_at = CASE
    WHEN SUBSTR(changed_at, 21, 6) = '000000' THEN SUBSTR(changed_at, 1, 19)
    WHEN SUBSTR(changed_at, 24, 3) = '000' THEN SUBSTR(changed_at, 1, 23)
    ELSE SUBSTR(changed_at, 1, 26) END WHERE LENGTH(changed_at) > 26;
UPDATE corrections SET made_at = CASE
    WHEN SUBSTR(made_at, 21, 6) = '000000' THEN SUBSTR(made_at, 1, 19)
    WHEN SUBSTR(made_at, 24, 3) = '000' THEN SUBSTR(made_at, 1, 23)
    ELSE SUBSTR(made_at, 1, 26) END WHERE LENGTH(made_at) > 26;
UPDATE edition_slots SET until = CASE
    WHEN SUBSTR(until, 21, 6) = '000000' THEN SUBSTR(until, 1, 19)
    WHEN SUBSTR(until, 24, 3) = '000' THEN SUBSTR(until, 1, 23)
    ELSE SUBSTR(until, 1, 26) END WHERE LENGTH(until) > 26;
UPDATE history SET made_at = CASE
    WHEN SUBSTR(made_at, 21, 6) = '000000' THEN SUBSTR(made_at, 1, 19)
    WHEN SUBSTR(made_at, 24, 3) = '000' THEN SUBSTR(made_at, 1, 23)
    ELSE SUBSTR(made_at, 1, 26) END WHERE LENGTH(made_at) > 26;
UPDATE import_runs SET began_at = CASE
    WHEN SUBSTR(began_at, 21, 6) = '000000' THEN SUBSTR(began_at, 1, 19)
    WHEN SUBSTR(began_at, 24, 3) = '000' THEN SUBSTR(began_at, 1, 23)
    ELSE SUBSTR(began_at, 1, 26) END WHERE LENGTH(began_at) > 26;
UPDATE import_runs SET seen_at = CASE
    WHEN SUBSTR(seen_at, 21, 6) = '000000' THEN SUBSTR(seen_at, 1, 19)
    WHEN SUBSTR(seen_at, 24, 3) = '000' THEN SUBSTR(seen_at, 1, 23)
    ELSE SUBSTR(seen_at, 1, 26) END WHERE LENGTH(seen_at) > 26;
UPDATE import_runs SET stage_at = CASE
    WHEN SUBSTR(stage_at, 21, 6) = '000000' THEN SUBSTR(stage_at, 1, 19)
    WHEN SUBSTR(stage_at, 24, 3) = '000' THEN SUBSTR(stage_at, 1, 23)
    ELSE SUBSTR(stage_at, 1, 26) END WHERE LENGTH(stage_at) > 26;
UPDATE login_failures SET last_at = CASE
    WHEN SUBSTR(last_at, 21, 6) = '000000' THEN SUBSTR(last_at, 1, 19)
    WHEN SUBSTR(last_at, 24, 3) = '000' THEN SUBSTR(last_at, 1, 23)
    ELSE SUBSTR(last_at, 1, 26) END WHERE LENGTH(last_at) > 26;
UPDATE media SET created_at = CASE
    WHEN SUBSTR(created_at, 21, 6) = '000000' THEN SUBSTR(created_at, 1, 19)
    WHEN SUBSTR(created_at, 24, 3) = '000' THEN SUBSTR(created_at, 1, 23)
    ELSE SUBSTR(created_at, 1, 26) END WHERE LENGTH(created_at) > 26;
UPDATE misses SET last_at = CASE
    WHEN SUBSTR(last_at, 21, 6) = '000000' THEN SUBSTR(last_at, 1, 19)
    WHEN SUBSTR(last_at, 24, 3) = '000' THEN SUBSTR(last_at, 1, 23)
    ELSE SUBSTR(last_at, 1, 26) END WHERE LENGTH(last_at) > 26;
UPDATE pages SET updated_at = CASE
    WHEN SUBSTR(updated_at, 21, 6) = '000000' THEN SUBSTR(updated_at, 1, 19)
    WHEN SUBSTR(updated_at, 24, 3) = '000' THEN SUBSTR(updated_at, 1, 23)
    ELSE SUBSTR(updated_at, 1, 26) END WHERE LENGTH(updated_at) > 26;
UPDATE presences SET seen_at = CASE
    WHEN SUBSTR(seen_at, 21, 6) = '000000' THEN SUBSTR(seen_at, 1, 19)
    WHEN SUBSTR(seen_at, 24, 3) = '000' THEN SUBSTR(seen_at, 1, 23)
    ELSE SUBSTR(seen_at, 1, 26) END WHERE LENGTH(seen_at) > 26;
UPDATE preview_links SET made_at = CASE
    WHEN SUBSTR(made_at, 21, 6) = '000000' THEN SUBSTR(made_at, 1, 19)
    WHEN SUBSTR(made_at, 24, 3) = '000' THEN SUBSTR(made_at, 1, 23)
    ELSE SUBSTR(made_at, 1, 26) END WHERE LENGTH(made_at) > 26;
UPDATE preview_links SET expires_at = CASE
    WHEN SUBSTR(expires_at, 21, 6) = '000000' THEN SUBSTR(expires_at, 1, 19)
    WHEN SUBSTR(expires_at, 24, 3) = '000' THEN SUBSTR(expires_at, 1, 23)
    ELSE SUBSTR(expires_at, 1, 26) END WHERE LENGTH(expires_at) > 26;
UPDATE reset_links SET expires_at = CASE
    WHEN SUBSTR(expires_at, 21, 6) = '000000' THEN SUBSTR(expires_at, 1, 19)
    WHEN SUBSTR(expires_at, 24, 3) = '000' THEN SUBSTR(expires_at, 1, 23)
    ELSE SUBSTR(expires_at, 1, 26) END WHERE LENGTH(expires_at) > 26;
UPDATE revisions SET made_at = CASE
    WHEN SUBSTR(made_at, 21, 6) = '000000' THEN SUBSTR(made_at, 1, 19)
    WHEN SUBSTR(made_at, 24, 3) = '000' THEN SUBSTR(made_at, 1, 23)
    ELSE SUBSTR(made_at, 1, 26) END WHERE LENGTH(made_at) > 26;
UPDATE sessions SET made_at = CASE
    WHEN SUBSTR(made_at, 21, 6) = '000000' THEN SUBSTR(made_at, 1, 19)
    WHEN SUBSTR(made_at, 24, 3) = '000' THEN SUBSTR(made_at, 1, 23)
    ELSE SUBSTR(made_at, 1, 26) END WHERE LENGTH(made_at) > 26;
UPDATE sessions SET seen_at = CASE
    WHEN SUBSTR(seen_at, 21, 6) = '000000' THEN SUBSTR(seen_at, 1, 19)
    WHEN SUBSTR(seen_at, 24, 3) = '000' THEN SUBSTR(seen_at, 1, 23)
    ELSE SUBSTR(seen_at, 1, 26) END WHERE LENGTH(seen_at) > 26;
UPDATE timeline_entries SET published_at = CASE
    WHEN SUBSTR(published_at, 21, 6) = '000000' THEN SUBSTR(published_at, 1, 19)
    WHEN SUBSTR(published_at, 24, 3) = '000' THEN SUBSTR(published_at, 1, 23)
    ELSE SUBSTR(published_at, 1, 26) END WHERE LENGTH(published_at) > 26;
UPDATE told_articles SET changed_at = CASE
    WHEN SUBSTR(changed_at, 21, 6) = '000000' THEN SUBSTR(changed_at, 1, 19)
    WHEN SUBSTR(changed_at, 24, 3) = '000' THEN SUBSTR(changed_at, 1, 23)
    ELSE SUBSTR(changed_at, 1, 26) END WHERE LENGTH(changed_at) > 26;
UPDATE users SET created_at = CASE
    WHEN SUBSTR(created_at, 21, 6) = '000000' THEN SUBSTR(created_at, 1, 19)
    WHEN SUBSTR(created_at, 24, 3) = '000' THEN SUBSTR(created_at, 1, 23)
    ELSE SUBSTR(created_at, 1, 26) END WHERE LENGTH(created_at) > 26;
CREATE TRIGGER history_stays BEFORE UPDATE ON history BEGIN SELECT RAISE(ABORT, 'history is never changed'); END;
