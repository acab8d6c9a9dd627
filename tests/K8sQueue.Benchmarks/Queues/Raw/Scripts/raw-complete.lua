-- Completes the entries that the caller still owns. An entry never changes owner, and whoever ends it (its owner, or the
-- recovery of a lost owner's jobs) acknowledges and deletes it in one script. So where every XACK counts, all are owned;
-- otherwise an entry that still stands was owned by the caller, and one that is gone was not.
-- KEYS[1]  stream
-- ARGV[1]  group
-- ARGV[2+] entry ids
-- Returns how many were completed.
local ids = {unpack(ARGV, 2)}
if redis.call('XACK', KEYS[1], ARGV[1], unpack(ids)) == #ids then
  return redis.call('XDEL', KEYS[1], unpack(ids))
end
local completed = 0
for _, id in ipairs(ids) do
  completed = completed + redis.call('XDEL', KEYS[1], id)
end
return completed
