-- Redirects are few among the addresses of a large archive; the newsroom lists them. The condition is not
-- "kind = 'redirect'": with such an index SQLite compiles every statement anew that is given a kind.
CREATE INDEX addresses_redirects ON addresses (path) WHERE moved_to IS NOT NULL;
