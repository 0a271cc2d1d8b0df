"""The limits of one account as all replicas keep them together: one Lua script, run where Redis is, by Redis' clock.

One run tells what this replica's calls came to since the last one, asks for places, and learns how everybody is doing.
Times are milliseconds. Arguments and answer are named in `commons.py`, in the order in which they stand here.
"""

__all__ = ["TOGETHER"]

TOGETHER = """
local state, held, ended, live, waiting, valid = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local me, known_epoch = ARGV[1], ARGV[2]
local function arg(i) return tonumber(ARGV[i]) end
local first, want, lag, returning, known, full, farewell = arg(3), arg(4), arg(5), arg(6), arg(7), arg(8), arg(9)
local concurrency, calls, window, burst = arg(10), arg(11), arg(12), arg(13)
local lease, settling_time, period = arg(14), arg(15), arg(16)
local cut, retry_after, age, first_pause = arg(17), arg(18), arg(19), arg(20)
local longest_pause, least, step, changing_time, running = arg(21), arg(22), arg(23), arg(24), arg(25)

-- What is known. Where Redis' clock is set back this one goes on: else all that is written would lie in the future.
local s = redis.call('HMGET', state, 'epoch', 'tokens', 'at', 'factor', 'raised', 'pause', 'cut', 'streak',
  'from', 'settles', 'expected', 'changes', 'ahead')
local function past(i, default) return tonumber(s[i] or default) end
local time = redis.call('TIME')
local reading = time[1] * 1000 + time[2] / 1000
local now = math.max(reading + past(13, 0), past(3, 0))
local ahead = now - reading
local function text(number) return string.format('%.3f', number) end
local function is_mine(member, owner) return string.sub(member, 1, #owner + 1) == owner .. ':' end

local function to_ended(member, at)
  redis.call('ZREM', held, member)
  if calls >= 0 then redis.call('ZADD', ended, 'NX', text(at), member) end
end

local function release(owner, kept)
  for _, member in ipairs(redis.call('ZRANGE', held, 0, -1)) do
    if is_mine(member, owner) and not kept[member] then to_ended(member, now) end
  end
end

local function forget(replica)
  redis.call('ZREM', live, replica)
  redis.call('ZREM', waiting, replica)
  redis.call('ZREM', valid, replica)
  release(replica, {})
end

-- All as it was, or a new beginning.
local epoch = s[1] or (text(now) .. me)
local factor, raised, pause = past(4, 1), past(5, now), past(6, 0)
local cut_at, streak = past(7, 0), past(8, 0)
local from, settles, expected, changes = past(9, 0), past(10, 0), past(11, 0), past(12, 0)

-- Who is here. Whoever has not been heard of for a lease has died, and its places come free.
for _, replica in ipairs(redis.call('ZRANGEBYSCORE', live, '-inf', text(now - lease))) do forget(replica) end
local is_stranger = known_epoch ~= '' and known_epoch ~= epoch
local must_tell = is_stranger and full < 2
if farewell == 1 then forget(me)
elseif must_tell then redis.call('ZADD', live, text(now - lease / 2), me)  -- here, but does not count as back
else redis.call('ZADD', live, text(now), me) end

-- What became of this replica's calls.
local place = 26
if full > 0 then
  local kept = {}
  for i = place, place + running - 1 do
    local member = me .. ':' .. ARGV[i]
    kept[member] = true
    redis.call('ZADD', held, 'NX', text(now), member)
  end
  release(me, kept)
end
place = place + running
while ARGV[place] do
  local since = arg(place + 1)
  if since < window then to_ended(me .. ':' .. ARGV[place], now - since)
  else redis.call('ZREM', held, me .. ':' .. ARGV[place]) end
  place = place + 2
end
if calls >= 0 then redis.call('ZREMRANGEBYSCORE', ended, '-inf', text(now - window)) end

-- After a time apart everybody keeps to a part of the limits until all are back or have had the time. Then, for as long
-- as it takes everybody to hear of it, nobody is let in, so that all that was done apart is told before it is over.
if returning == 1 or is_stranger then
  if settles == 0 then from, settles, expected = now, now + settling_time, known
  else expected = math.max(expected, known) end
end
if settles > 0 and (now >= settles or redis.call('ZCOUNT', live, text(from), '+inf') >= expected) then
  settles = 0
  changes = expected > 1 and now + changing_time or now
end
local is_apart = settles > 0
local is_changing = is_apart or now < changes

-- Throttling: half as much, and back step by step.
if factor < 1 and now >= raised + period then
  local steps = math.floor((now - raised) / period)
  factor, raised, streak = math.min(1, factor + steps * step), raised + steps * period, 0
end
if cut == 1 then
  local seconds = math.max(retry_after, 0)
  if now - age > cut_at then
    factor, cut_at = math.max(least, factor / 2), now
    if retry_after < 0 then seconds = math.min(longest_pause, first_pause * 2 ^ math.min(streak, 10)) end
    streak = streak + 1
  end
  pause = math.max(pause, now + seconds)
  raised = pause
end

-- The guards: at once, in a window, and evenly.
local at_once, in_window, rate, tokens = concurrency, 0, 0, 0
if calls < 0 then at_once = math.max(1, math.floor(concurrency * factor))
else
  local size = math.max(1, burst * factor)
  in_window = math.max(1, math.floor(calls * factor))
  rate = (calls - (burst - 1)) / window * factor
  tokens = math.min(size, past(2, size) + math.max(0, now - past(3, now)) * rate)
end
local holding = redis.call('ZCARD', held)
local used = holding + redis.call('ZCARD', ended)
-- What was taken out of the parts of the bucket while apart is not known: as much of it is left as of the window.
if (is_changing or now == changes) and calls >= 0 then
  tokens = math.min(tokens, math.max(0, in_window - used) / in_window * math.max(1, burst * factor))
end

-- The order among replicas: who has waited longest, or is in a hurry, is before me.
for _, replica in ipairs(redis.call('ZRANGEBYSCORE', valid, '-inf', text(now))) do
  redis.call('ZREM', waiting, replica)
  redis.call('ZREM', valid, replica)
end
local ticket = math.min(tonumber(redis.call('ZSCORE', waiting, me) or now + lag), now + lag)
local before = redis.call('ZCOUNT', waiting, '-inf', '(' .. text(ticket))

local places = at_once - holding
if calls >= 0 then places = math.min(places, in_window - used, math.floor(tokens + 1e-9)) end
if now < pause or is_changing or must_tell or farewell == 1 then places = 0 end
local granted = math.max(0, math.min(want, places - before))
for i = 1, granted do redis.call('ZADD', held, text(now), me .. ':' .. string.format('%d', first + i - 1)) end
tokens, holding, used = tokens - granted, holding + granted, used + granted

-- When it is worth asking again.
local wait = 0
if granted < want then
  local needed = before + 1
  wait = math.max(10, pause - now)
  if is_changing then wait = math.max(wait, 50) end
  if calls >= 0 then
    if tokens < needed then wait = math.max(wait, (needed - tokens) / rate) end
    local missing = used + needed - in_window
    if missing > 0 then
      local last = redis.call('ZRANGE', ended, missing - 1, missing - 1, 'WITHSCORES')
      wait = math.max(wait, last[2] and last[2] + window - now or window)
    end
  end
  if granted > 0 then ticket = now + lag end
  redis.call('ZADD', waiting, text(ticket), me)
  redis.call('ZADD', valid, text(now + wait + 1000), me)
else
  redis.call('ZREM', waiting, me)
  redis.call('ZREM', valid, me)
end

local free_in = 0
if calls >= 0 then
  local last = redis.call('ZRANGE', ended, -1, -1, 'WITHSCORES')
  free_in = last[2] and last[2] + window - now or 0
end

redis.call('HSET', state, 'epoch', epoch, 'tokens', text(tokens), 'at', text(now), 'factor', tostring(factor),
  'raised', text(raised), 'pause', text(pause), 'cut', text(cut_at), 'streak', streak,
  'from', text(from), 'settles', text(settles), 'expected', expected, 'changes', text(changes), 'ahead', text(ahead))
if full > 0 then
  local kept = string.format('%d', math.max(window, lease) * 2 + 120000)
  for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, kept) end
end

local replicas, index = redis.call('ZRANGE', live, 0, -1), 0
for _, replica in ipairs(replicas) do if replica < me then index = index + 1 end end
return {granted, math.ceil(wait), #replicas, index, at_once - holding, in_window - used, math.floor(tokens * 1000),
  math.floor(factor * 1000000 + 0.5), math.ceil(math.max(0, pause - now)),
  math.ceil(math.max(0, free_in)), must_tell and 1 or 0, is_apart and 1 or 0, epoch}
"""
