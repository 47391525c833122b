-- Of PostgreSQL only: SQLite keeps no articles' words beside its index.
SELECT 1;
