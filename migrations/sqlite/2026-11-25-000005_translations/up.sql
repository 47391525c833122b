-- The same story in other languages, a line each: a language tag, a blank, a whole address.
ALTER TABLE articles ADD COLUMN translations TEXT NOT NULL DEFAULT '';
