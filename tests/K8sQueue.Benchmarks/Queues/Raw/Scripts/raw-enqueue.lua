-- Adds jobs.
-- KEYS[1]  stream
-- ARGV     payloads
-- Returns how many were added.
for i = 1, #ARGV do
  redis.call('XADD', KEYS[1], '*', 'payload', ARGV[i])
end
return #ARGV
