#!lua flags=no-writes,allow-oom
-- Dead letters, newest first.
-- ARGV: 1 offset; 2 how many
-- Returns: five a letter: header, payload, reason, error, when in ms
local found = redis.call('ZREVRANGE', DEAD, ARGV[1], text(tonumber(ARGV[1]) + tonumber(ARGV[2]) - 1), 'WITHSCORES')
local result = {}
for i = 1, #found, 2 do
  local ulid = found[i]
  for _, value in ipairs(redis.call('HMGET', DEAD_JOBS, ulid .. ':h', ulid .. ':p', ulid .. ':r', ulid .. ':x')) do
    result[#result + 1] = value or ''
  end
  result[#result + 1] = found[i + 1]
end
return result
