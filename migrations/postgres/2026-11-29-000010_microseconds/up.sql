-- SQLite only: PostgreSQL stores times in microseconds.
SELECT 1;
