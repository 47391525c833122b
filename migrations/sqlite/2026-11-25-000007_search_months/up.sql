-- Of PostgreSQL only: SQLite finds the newest documents of a word by itself.
SELECT 1;
