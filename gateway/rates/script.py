"""The same book as `window.py`, kept for all replicas: two Lua scripts, run where Redis is, by Redis' clock.

A hash for each thing that is counted: how much in which second. It is gone a minute after its last use.
"""

__all__ = ["SETTLE", "TAKE"]

TAKE = """
-- KEYS: requests and cost. ARGV: seconds that count, whether limits are kept, then limit and want of each; a want of -1
-- is none, and never waits.
local span, is_kept = tonumber(ARGV[1]), ARGV[2] == '1'
local time = redis.call('TIME')
local second = tonumber(time[1])
local now = second + time[2] / 1000000

local function read(key)
  local counts, used, ahead = {}, 0, 0
  local told = redis.call('HGETALL', key)
  for i = 1, #told, 2 do
    local at, count = tonumber(told[i]), tonumber(told[i + 1])
    if at > second or at + span <= second then redis.call('HDEL', key, told[i]) end
    if at > second then ahead = ahead + count
    elseif at + span > second then
      counts[#counts + 1] = {at, count}
      used = used + count
    end
  end
  if ahead > 0 then  -- the clock was set back: what was used then counts from now on
    redis.call('HINCRBY', key, time[1], ahead)
    return read(key)
  end
  table.sort(counts, function(one, other) return one[1] < other[1] end)
  return counts, used
end

local function wait(counts, used, limit, want)
  local missing = used + want - limit
  if want < 0 or missing <= 0 then return 0 end
  for _, each in ipairs(counts) do
    missing = missing - each[2]
    if missing <= 0 then return each[1] + span - now end
  end
  return span
end

local books, longest = {}, 0
for i, key in ipairs(KEYS) do
  local limit, want = tonumber(ARGV[2 * i + 1]), tonumber(ARGV[2 * i + 2])
  local counts, used = read(key)
  books[i] = {key, counts, used, want, wait(counts, used, limit, want)}
  longest = math.max(longest, books[i][5])
end

local is_granted = longest == 0 or not is_kept
local answer = {is_granted and 1 or 0, second}
for _, book in ipairs(books) do
  local key, counts, used, want, waiting = unpack(book)
  local newest = #counts > 0 and counts[#counts][1] or second - span
  if is_granted and want > 0 then
    redis.call('HINCRBY', key, time[1], want)
    redis.call('EXPIRE', key, span)
    used, newest = used + want, second
  end
  answer[#answer + 1] = used
  answer[#answer + 1] = math.ceil(1000 * math.max(0, newest + span - now))
  answer[#answer + 1] = math.ceil(1000 * waiting)
end
return answer
"""

SETTLE = """
-- KEYS: cost. ARGV: seconds that count, the second in which it was reserved, what it was more (or less) in the end.
local span, more = tonumber(ARGV[1]), tonumber(ARGV[3])
local time = redis.call('TIME')
if more > 0 then
  redis.call('HINCRBY', KEYS[1], time[1], more)
  redis.call('EXPIRE', KEYS[1], span)
else
  local reserved = tonumber(redis.call('HGET', KEYS[1], ARGV[2]) or 0)
  if reserved + more > 0 then redis.call('HINCRBY', KEYS[1], ARGV[2], ARGV[3])
  else redis.call('HDEL', KEYS[1], ARGV[2]) end
end
return 0
"""
