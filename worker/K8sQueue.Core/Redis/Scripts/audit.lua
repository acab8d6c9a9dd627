#!lua flags=allow-oom
-- Keeps an act in the audit log, on a full server too: what is done there to make room is not to be missing.
-- KEYS: 1 the log
-- ARGV: 1 how many acts are kept, about; then names and values of fields
-- Returns: the entry's id
return redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', unpack(ARGV, 2))
