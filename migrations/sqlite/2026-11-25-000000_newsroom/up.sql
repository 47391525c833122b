-- An article may be incomplete: a section is required only for published articles. SQLite cannot relax a constraint,
-- so the table is rebuilt (foreign keys are not enforced during migrations).
CREATE TABLE articles_new (
    id                 INTEGER PRIMARY KEY,
    status             TEXT NOT NULL CHECK (status IN ('draft', 'review', 'published', 'trashed')),
    kicker             TEXT NOT NULL,
    headline           TEXT NOT NULL,
    standfirst         TEXT NOT NULL,
    dateline_place     TEXT NOT NULL,
    dateline_date      DATE,
    dateline_agency    TEXT NOT NULL,
    section_id         BIGINT REFERENCES sections (id),
    lead_media_id      BIGINT REFERENCES media (id),
    published_at       TIMESTAMP,
    updated_at         TIMESTAMP,
    created_at         TIMESTAMP NOT NULL,
    word_count         INTEGER NOT NULL,
    search_title       TEXT NOT NULL DEFAULT '',
    search_description TEXT NOT NULL DEFAULT '',
    -- The owner: the user who created the article.
    owner_id           BIGINT REFERENCES users (id),
    -- The time of the last change in the newsroom.
    changed_at         TIMESTAMP NOT NULL,
    -- The newest revision and the published revision.
    revision_id        BIGINT,
    live_revision_id   BIGINT,
    CHECK (status <> 'published' OR (published_at IS NOT NULL AND section_id IS NOT NULL))
);
INSERT INTO articles_new (id, status, kicker, headline, standfirst, dateline_place, dateline_date, dateline_agency,
    section_id, lead_media_id, published_at, updated_at, created_at, word_count, changed_at)
SELECT id, status, kicker, headline, standfirst, dateline_place, dateline_date, dateline_agency,
    section_id, lead_media_id, published_at, updated_at, created_at, word_count, COALESCE(updated_at, published_at, created_at)
FROM articles;
DROP TABLE articles;
ALTER TABLE articles_new RENAME TO articles;

-- Indexes for the lists of the newsroom.
CREATE INDEX articles_changed ON articles (changed_at, id);
CREATE INDEX articles_status_changed ON articles (status, changed_at, id);
CREATE INDEX articles_section_changed ON articles (section_id, changed_at, id);
CREATE INDEX articles_owner_changed ON articles (owner_id, changed_at, id);
CREATE INDEX articles_published ON articles (published_at, id) WHERE published_at IS NOT NULL;
CREATE INDEX articles_lead_media ON articles (lead_media_id) WHERE lead_media_id IS NOT NULL;
CREATE INDEX corrections_made ON corrections (made_at, id);

ALTER TABLE media ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE media ADD COLUMN bytes BIGINT NOT NULL DEFAULT 0;
ALTER TABLE media ADD COLUMN focal_x INTEGER NOT NULL DEFAULT 500;
ALTER TABLE media ADD COLUMN focal_y INTEGER NOT NULL DEFAULT 500;
ALTER TABLE media ADD COLUMN webp BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE media ADD COLUMN state TEXT NOT NULL DEFAULT 'ready' CHECK (state IN ('new', 'ready'));
ALTER TABLE media ADD COLUMN user_id BIGINT REFERENCES users (id);
CREATE INDEX media_state ON media (state) WHERE state <> 'ready';

-- A user with a secret needs a second factor to log in. `totp_step` is the time step of the last accepted code, so
-- that no code is accepted twice.
ALTER TABLE users ADD COLUMN disabled BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE users ADD COLUMN totp_secret TEXT;
ALTER TABLE users ADD COLUMN totp_step BIGINT NOT NULL DEFAULT 0;

-- The full content of every save. The newest revision is the working copy of the newsroom. A revision that was
-- published has a version, counted from 1, and is kept permanently.
CREATE TABLE revisions (
    id         INTEGER PRIMARY KEY,
    article_id BIGINT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    user_id    BIGINT REFERENCES users (id),
    made_at    TIMESTAMP NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('original', 'save', 'autosave', 'restore', 'conflict')),
    version    INTEGER,
    -- Identifies the open form that sent the revision, so that a form whose response was lost does not conflict with
    -- itself.
    page       TEXT NOT NULL,
    content    TEXT NOT NULL
);
CREATE INDEX revisions_article ON revisions (article_id, id);
CREATE INDEX revisions_page ON revisions (page) WHERE page <> '';

-- Links to other articles, shown below the text.
CREATE TABLE article_also_read (
    article_id BIGINT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    position   INTEGER NOT NULL,
    other_id   BIGINT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    PRIMARY KEY (article_id, position)
) WITHOUT ROWID;
CREATE INDEX article_also_read_other ON article_also_read (other_id);

-- The users who have an article open, and the time of their last heartbeat.
CREATE TABLE presences (
    article_id BIGINT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    user_id    BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    seen_at    TIMESTAMP NOT NULL,
    PRIMARY KEY (article_id, user_id)
) WITHOUT ROWID;

-- Links that show unpublished articles without a login. Only the hashed token is stored.
CREATE TABLE preview_links (
    id         INTEGER PRIMARY KEY,
    article_id BIGINT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    token_hash TEXT NOT NULL UNIQUE,
    user_id    BIGINT REFERENCES users (id),
    made_at    TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX preview_links_article ON preview_links (article_id);

-- Login sessions. Only the hashed token of the cookie is stored. `verified` is false between the password and the
-- second factor.
CREATE TABLE sessions (
    id         INTEGER PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    user_id    BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    verified   BOOLEAN NOT NULL,
    persistent BOOLEAN NOT NULL,
    made_at    TIMESTAMP NOT NULL,
    seen_at    TIMESTAMP NOT NULL,
    address    TEXT NOT NULL,
    user_agent TEXT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);

-- Single-use codes that replace the second factor if the phone is lost. Only hashes are stored.
CREATE TABLE recovery_codes (
    user_id   BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    code_hash TEXT NOT NULL,
    PRIMARY KEY (user_id, code_hash)
) WITHOUT ROWID;

-- Single-use links for setting a new password. Only the hashed token is stored.
CREATE TABLE reset_links (
    token_hash TEXT PRIMARY KEY,
    user_id    BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    expires_at TIMESTAMP NOT NULL
) WITHOUT ROWID;
CREATE INDEX reset_links_user ON reset_links (user_id);

-- Failed logins per account and IP address.
CREATE TABLE login_failures (
    account  TEXT NOT NULL,
    address  TEXT NOT NULL,
    failures INTEGER NOT NULL,
    last_at  TIMESTAMP NOT NULL,
    PRIMARY KEY (account, address)
) WITHOUT ROWID;
CREATE INDEX login_failures_address ON login_failures (address, last_at);

-- Views of all articles in the hour that starts at `hour`.
CREATE TABLE site_hours (
    hour  TIMESTAMP PRIMARY KEY,
    views BIGINT NOT NULL
) WITHOUT ROWID;
INSERT INTO site_hours (hour, views) SELECT hour, CAST(SUM(views) AS BIGINT) FROM view_hours GROUP BY hour;

-- Views per referring site and day (UTC).
CREATE TABLE referrer_days (
    day   DATE NOT NULL,
    host  TEXT NOT NULL,
    views BIGINT NOT NULL,
    PRIMARY KEY (day, host)
) WITHOUT ROWID;

-- Requested paths that were not found.
CREATE TABLE missing_paths (
    path    TEXT PRIMARY KEY,
    hits    BIGINT NOT NULL,
    last_at TIMESTAMP NOT NULL
) WITHOUT ROWID;
CREATE INDEX missing_paths_hits ON missing_paths (hits);

-- The audit log: which user did what to which object, and when. Rows are never updated or deleted.
CREATE TABLE history (
    id        INTEGER PRIMARY KEY,
    made_at   TIMESTAMP NOT NULL,
    user_id   BIGINT REFERENCES users (id),
    who       TEXT NOT NULL,
    action    TEXT NOT NULL,
    kind      TEXT NOT NULL,
    object_id BIGINT,
    object    TEXT NOT NULL,
    detail    TEXT NOT NULL
);
CREATE INDEX history_object ON history (kind, object_id, id);
CREATE INDEX history_user ON history (user_id, id);
CREATE TRIGGER history_stays BEFORE UPDATE ON history BEGIN SELECT RAISE(ABORT, 'history is never changed'); END;
CREATE TRIGGER history_is_kept BEFORE DELETE ON history BEGIN SELECT RAISE(ABORT, 'history is never deleted'); END;
