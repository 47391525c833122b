-- Times are UTC, stored as text 'YYYY-MM-DD HH:MM:SS', so that text order is chronological order.

-- One row: a counter that is incremented by every change visible to readers.
CREATE TABLE site_state (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    version BIGINT NOT NULL
);
INSERT INTO site_state (id, version) VALUES (1, 1);

CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE menu_items (
    id       INTEGER PRIMARY KEY,
    menu     TEXT NOT NULL CHECK (menu IN ('header', 'footer')),
    position INTEGER NOT NULL,
    label    TEXT NOT NULL,
    path     TEXT NOT NULL
);

CREATE TABLE media (
    id         INTEGER PRIMARY KEY,
    hash       TEXT NOT NULL UNIQUE,
    width      INTEGER NOT NULL,
    height     INTEGER NOT NULL,
    widths     TEXT NOT NULL,
    alt        TEXT NOT NULL,
    caption    TEXT NOT NULL,
    credit     TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE sections (
    id          INTEGER PRIMARY KEY,
    parent_id   BIGINT REFERENCES sections (id),
    slug        TEXT NOT NULL,
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    position    INTEGER NOT NULL
);

CREATE TABLE topics (
    id          INTEGER PRIMARY KEY,
    slug        TEXT NOT NULL UNIQUE,
    name        TEXT NOT NULL,
    description TEXT NOT NULL
);

CREATE TABLE authors (
    id           INTEGER PRIMARY KEY,
    slug         TEXT NOT NULL UNIQUE,
    name         TEXT NOT NULL,
    title        TEXT NOT NULL,
    biography    TEXT NOT NULL,
    email        TEXT NOT NULL,
    portrait_id  BIGINT REFERENCES media (id),
    social_links TEXT NOT NULL
);

CREATE INDEX authors_name ON authors (name);

CREATE TABLE users (
    id            INTEGER PRIMARY KEY,
    email         TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    role          TEXT NOT NULL CHECK (role IN ('admin', 'editor', 'author', 'contributor')),
    author_id     BIGINT REFERENCES authors (id),
    created_at    TIMESTAMP NOT NULL
);

-- The fields that cards show. The text is in `bodies`, so that lists never read it.
CREATE TABLE articles (
    id               INTEGER PRIMARY KEY,
    status           TEXT NOT NULL CHECK (status IN ('draft', 'published')),
    kicker           TEXT NOT NULL,
    headline         TEXT NOT NULL,
    standfirst       TEXT NOT NULL,
    dateline_place   TEXT NOT NULL,
    dateline_date    DATE,
    dateline_agency  TEXT NOT NULL,
    section_id       BIGINT NOT NULL REFERENCES sections (id),
    lead_media_id    BIGINT REFERENCES media (id),
    published_at     TIMESTAMP,
    updated_at       TIMESTAMP,
    created_at       TIMESTAMP NOT NULL,
    word_count       INTEGER NOT NULL,
    CHECK (status <> 'published' OR published_at IS NOT NULL)
);

CREATE TABLE bodies (
    article_id INTEGER PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
    html       TEXT NOT NULL
);

CREATE TABLE article_authors (
    article_id BIGINT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    position   INTEGER NOT NULL,
    author_id  BIGINT NOT NULL REFERENCES authors (id),
    PRIMARY KEY (article_id, position)
) WITHOUT ROWID;
CREATE INDEX article_authors_author ON article_authors (author_id);

-- Additional sections; the primary section is in `articles`.
CREATE TABLE article_sections (
    article_id BIGINT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    section_id BIGINT NOT NULL REFERENCES sections (id),
    PRIMARY KEY (article_id, section_id)
) WITHOUT ROWID;
CREATE INDEX article_sections_section ON article_sections (section_id);

CREATE TABLE article_topics (
    article_id BIGINT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    position   INTEGER NOT NULL,
    topic_id   BIGINT NOT NULL REFERENCES topics (id),
    PRIMARY KEY (article_id, position)
) WITHOUT ROWID;
CREATE INDEX article_topics_topic ON article_topics (topic_id);

CREATE TABLE corrections (
    id         INTEGER PRIMARY KEY,
    article_id BIGINT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    kind       TEXT NOT NULL CHECK (kind IN ('correction', 'clarification', 'update')),
    placement  TEXT NOT NULL CHECK (placement IN ('above', 'below')),
    text       TEXT NOT NULL,
    made_at    TIMESTAMP NOT NULL
);
CREATE INDEX corrections_article ON corrections (article_id, made_at);

CREATE TABLE pages (
    id         INTEGER PRIMARY KEY,
    title      TEXT NOT NULL,
    html       TEXT NOT NULL,
    updated_at TIMESTAMP NOT NULL
);

-- Every path that resolves to a page or a redirect. One path of each target is canonical; the others answer with 301.
CREATE TABLE addresses (
    path      TEXT PRIMARY KEY,
    kind      TEXT NOT NULL CHECK (kind IN ('article', 'section', 'author', 'topic', 'page', 'redirect')),
    target_id BIGINT,
    moved_to  TEXT,
    canonical BOOLEAN NOT NULL,
    CHECK ((kind = 'redirect') = (target_id IS NULL)),
    CHECK ((kind = 'redirect') = (moved_to IS NOT NULL))
) WITHOUT ROWID;
CREATE UNIQUE INDEX addresses_canonical ON addresses (kind, target_id) WHERE canonical;

-- The articles that an editor placed at the top of the front page (section_id NULL) and of sections; position 0 is the
-- lead.
CREATE TABLE edition_slots (
    id         INTEGER PRIMARY KEY,
    section_id BIGINT REFERENCES sections (id),
    position   INTEGER NOT NULL,
    article_id BIGINT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    until      TIMESTAMP
);
CREATE INDEX edition_slots_section ON edition_slots (section_id, position);

-- Timelines: the published articles of the site, a section with its subsections, an author or a topic, newest first.
-- Updated from the tables above whenever an article changes, so that every list is a single index range scan,
-- regardless of the size of the archive. The `river_*` tables are renamed to `timeline_*` later.
CREATE TABLE river_entries (
    river        TEXT NOT NULL,
    owner_id     BIGINT NOT NULL,
    published_at TIMESTAMP NOT NULL,
    article_id   BIGINT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    PRIMARY KEY (river, owner_id, published_at, article_id)
) WITHOUT ROWID;
CREATE INDEX river_entries_article ON river_entries (article_id);

-- The number of entries of a timeline in a year (2023), month (202312) or day (20231215) of the site's time zone, and
-- in total (0). With these counts, page 10,000 is found without scanning the pages before it.
CREATE TABLE river_counts (
    river    TEXT NOT NULL,
    owner_id BIGINT NOT NULL,
    period   INTEGER NOT NULL,
    entries  BIGINT NOT NULL,
    PRIMARY KEY (river, owner_id, period)
) WITHOUT ROWID;

-- Views of an article in the hour that starts at `hour`, and in total.
CREATE TABLE view_hours (
    hour       TIMESTAMP NOT NULL,
    article_id BIGINT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    views      BIGINT NOT NULL,
    PRIMARY KEY (hour, article_id)
) WITHOUT ROWID;
CREATE INDEX view_hours_article ON view_hours (article_id);

CREATE TABLE view_totals (
    article_id INTEGER PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
    views      BIGINT NOT NULL
);
CREATE INDEX view_totals_views ON view_totals (views, article_id);

-- The full-text index of the published articles; the rowid is the article's id.
CREATE VIRTUAL TABLE article_words USING fts5 (
    headline, standfirst, body,
    content = '', contentless_delete = 1, prefix = '3'
);
