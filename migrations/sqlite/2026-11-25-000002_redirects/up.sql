-- Redirects are few among the addresses of a large archive; the newsroom lists them.
CREATE INDEX addresses_redirects ON addresses (path) WHERE kind = 'redirect';
