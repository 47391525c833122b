DROP INDEX addresses_redirects;
