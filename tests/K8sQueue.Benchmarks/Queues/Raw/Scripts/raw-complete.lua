-- Completes the entries that the caller still owns: an entry never changes owner, so XACK answering 1 is the proof.
-- KEYS[1]  stream
-- ARGV[1]  group
-- ARGV[2+] entry ids
-- Returns how many were completed.
local completed = 0
for i = 2, #ARGV do
  if redis.call('XACK', KEYS[1], ARGV[1], ARGV[i]) == 1 then
    redis.call('XDEL', KEYS[1], ARGV[i])
    completed = completed + 1
  end
end
return completed
