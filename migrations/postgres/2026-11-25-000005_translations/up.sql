-- The article in other languages, one per line: a language tag, a space, an absolute URL.
ALTER TABLE articles ADD COLUMN translations TEXT NOT NULL DEFAULT '';
