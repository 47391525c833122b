-- Of which of the newest articles the WebSub hub was told, as they were at that time.
CREATE TABLE told_articles (
    article_id BIGINT PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
    changed_at TIMESTAMP NOT NULL
);
