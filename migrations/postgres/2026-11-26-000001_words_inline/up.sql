-- A search reads the words of thousands of articles. By default, PostgreSQL moves the words of rows larger than 2 kB
-- to a TOAST table, in chunks; with this target, the words of most articles stay in the row. Existing rows are not
-- moved until their article is saved again.
ALTER TABLE article_words SET (toast_tuple_target = 8160);
