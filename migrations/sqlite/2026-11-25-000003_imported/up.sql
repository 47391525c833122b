-- What an import has taken: by it the next run finds again what is there. The digest is of what it was
-- made from.
CREATE TABLE imported (
    source     TEXT NOT NULL,
    kind       TEXT NOT NULL,
    foreign_id TEXT NOT NULL,
    target_id  BIGINT NOT NULL,
    digest     BIGINT NOT NULL,
    PRIMARY KEY (source, kind, foreign_id)
) WITHOUT ROWID;
CREATE INDEX imported_foreign ON imported (kind, foreign_id);
