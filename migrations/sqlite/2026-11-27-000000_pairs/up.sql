-- Of PostgreSQL only: SQLite's index knows where words stand.
SELECT 1;
