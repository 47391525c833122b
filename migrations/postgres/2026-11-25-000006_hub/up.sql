-- Those of the newest articles that the WebSub hub was notified of, with the time of their last change as of the
-- notification.
CREATE TABLE told_articles (
    article_id BIGINT PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
    changed_at TIMESTAMP NOT NULL
);
