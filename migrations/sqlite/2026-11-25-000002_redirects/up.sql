-- For the list of redirects in the newsroom: only a small part of the addresses of a large archive are redirects. The
-- condition is not "kind = 'redirect'", because with such an index SQLite recompiles every statement that has a kind
-- as a parameter.
CREATE INDEX addresses_redirects ON addresses (path) WHERE moved_to IS NOT NULL;
