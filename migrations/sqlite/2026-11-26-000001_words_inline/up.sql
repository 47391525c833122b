-- PostgreSQL only: SQLite does not store the words of articles outside its full-text index.
SELECT 1;
