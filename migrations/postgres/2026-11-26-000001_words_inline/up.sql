-- A search looks at the words of thousands of articles, whose rows PostgreSQL would keep elsewhere, in pieces, from
-- two kilobytes on: the words of most articles fit beside their number. What was written before stays where it is
-- until the article is saved again.
ALTER TABLE article_words SET (toast_tuple_target = 8160);
