#!lua flags=allow-oom
-- Reads the word that bulk.lua left.
-- KEYS: 1 where
-- Returns: the word; nil where its transaction did not run
local word = redis.call('GET', KEYS[1])
redis.call('DEL', KEYS[1])
return word
