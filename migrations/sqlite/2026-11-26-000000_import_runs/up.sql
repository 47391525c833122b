-- Imports started in the newsroom: their progress and results. Only one runs at a time, across all processes.
CREATE TABLE import_runs (
    id         INTEGER PRIMARY KEY,
    user_id    BIGINT REFERENCES users (id) ON DELETE SET NULL,
    file_name  TEXT NOT NULL,
    is_trial   BOOLEAN NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('running', 'done', 'stopped', 'failed', 'broken')),
    began_at   TIMESTAMP NOT NULL,
    -- The time of the last heartbeat of its process.
    seen_at    TIMESTAMP NOT NULL,
    stage      TEXT NOT NULL CHECK (stage IN ('looking', 'pictures', 'taking')),
    stage_at   TIMESTAMP NOT NULL,
    done       BIGINT NOT NULL,
    whole      BIGINT NOT NULL,
    articles   BIGINT NOT NULL,
    stop_asked BOOLEAN NOT NULL,
    -- The reason why it ended early.
    failure    TEXT NOT NULL,
    -- The result, as JSON.
    report     TEXT NOT NULL
);
CREATE UNIQUE INDEX import_runs_running ON import_runs (state) WHERE state = 'running';
