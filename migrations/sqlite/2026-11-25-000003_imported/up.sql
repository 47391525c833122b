-- Imported objects, so that the next import recognises those that exist already. The digest is that of the source
-- data.
CREATE TABLE imported (
    source     TEXT NOT NULL,
    kind       TEXT NOT NULL,
    foreign_id TEXT NOT NULL,
    target_id  BIGINT NOT NULL,
    digest     BIGINT NOT NULL,
    PRIMARY KEY (source, kind, foreign_id)
) WITHOUT ROWID;
CREATE INDEX imported_foreign ON imported (kind, foreign_id);
