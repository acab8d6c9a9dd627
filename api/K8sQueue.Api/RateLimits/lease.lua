-- Leases tokens of a bucket. Time is the server's own. Where its clock steps back, nothing comes in until then: what came in once stays.
-- KEYS: 1 the bucket: a hash of its credit in thousandths of a token, and the ms at which it was that
-- ARGV: 1 tokens that come in a second; 2 how many the bucket holds; 3 how many are wanted; 4 how many come back unused
-- Returns: how many are granted; how many whole ones are left; in how many ms there is one, 0 where one is left
local rate, most = tonumber(ARGV[1]), tonumber(ARGV[2]) * 1000
local wanted, returned = tonumber(ARGV[3]), tonumber(ARGV[4])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local found = redis.call('HMGET', KEYS[1], 'credit', 'at')
local credit = most
if found[1] and found[2] then
  -- Tokens a second are thousandths of a token a ms.
  credit = math.min(most, tonumber(found[1]) + math.max(0, now - tonumber(found[2])) * rate)
end
credit = math.min(most, credit + returned * 1000)
local granted = math.min(wanted, math.floor(credit / 1000))
credit = credit - granted * 1000
redis.call('HSET', KEYS[1], 'credit', string.format('%.0f', credit), 'at', string.format('%.0f', now))
-- A bucket that is full again need not be kept.
redis.call('PEXPIRE', KEYS[1], math.ceil((most - credit) / rate) + 1000)
return { granted, math.floor(credit / 1000), credit >= 1000 and 0 or math.ceil((1000 - credit) / rate) }
