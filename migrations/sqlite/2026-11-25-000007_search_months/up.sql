-- PostgreSQL only: SQLite finds the newest documents that contain a word without indexed dates.
SELECT 1;
