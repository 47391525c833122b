-- PostgreSQL only: SQLite's full-text index stores the positions of words.
SELECT 1;
