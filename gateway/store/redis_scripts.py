"""What Redis does in one step for the store. Each script may happen twice and comes to the same.

Keys, each after the deployment's prefix and `:store:`:

    owner:<owner>         a process that lives; it expires by itself
    write:<id>            a hash: body, owner, likeness, began, over (empty while it is not)
    open                  a hash: the owner of each write that is not over
    alike:<likeness>      a sorted set: ids of writes, by when they began
    job:<id>              a hash: body, owner, over, cancelled
    open-jobs, jobs       as `open`; a sorted set: ids of jobs, by when they were made
    jobs-of:<caller>      the same of one caller
    callers               a hash: whose each job is
    items:<job>           a hash: bodies of items by number
    came:<job>            a hash: outcomes of items by number, empty while there is none
    of:<job>:<outcome>    a sorted set: numbers of items that came to it
    outcomes:<job>        a set: outcomes that items have come to
    numbers:<job>         a sorted set: numbers of items

The first key of each script is the prefix of them all. Redis refuses a script for want of memory only before it has
written anything, so that none is left half done.
"""

__all__ = [
    "ALIKE",
    "CANCEL_JOB",
    "ITEMS",
    "ORPHANED_JOBS",
    "ORPHANS",
    "PURGE_JOBS",
    "PUT_ITEMS",
    "PUT_JOB",
    "PUT_WRITE",
    "RELEASE",
    "TAKE_JOB",
    "TAKE_WRITE",
    "TALLY",
]

PUT_WRITE = """
local p, how, id, owner, likeness, began, over, body = KEYS[1], unpack(ARGV, 1, 7)
local too_old, kept, alike_from, alike_kept = unpack(ARGV, 8, 11)
local key, alike = p .. 'write:' .. id, p .. 'alike:' .. likeness
local there = redis.call('HMGET', key, 'body', 'owner', 'over')
local is_over = there[1] and there[3] ~= ''
if there[1] and not (is_over and tonumber(there[3]) <= tonumber(too_old)) then
  if how == 'claim' then return {there[1], there[2]} end
  if how == 'intend' and (is_over or there[2] ~= owner) then return 'overtaken' end
end
redis.call('HSET', key, 'body', body, 'owner', owner, 'over', over, 'likeness', likeness, 'began', began)
if over == '' then
  redis.call('PERSIST', key)
  redis.call('HSET', p .. 'open', id, owner)
else
  redis.call('HDEL', p .. 'open', id)
  redis.call('PEXPIRE', key, kept)
end
redis.call('ZREMRANGEBYSCORE', alike, '-inf', alike_from)
redis.call('ZADD', alike, began, id)
redis.call('PEXPIRE', alike, alike_kept)
return false
"""
"""Arguments: claim, intend or finish; id, owner, likeness, when it began, when it was over or nothing, body; what was
over by then counts as gone; milliseconds to keep it; the same for what it is alike to. The answer is the record that
is there if it must stay, and its owner."""

TAKE_WRITE = """
local p, id, owner = KEYS[1], ARGV[1], ARGV[2]
local there = redis.call('HMGET', p .. 'write:' .. id, 'body', 'owner', 'over')
if not there[1] or there[3] ~= '' or redis.call('EXISTS', p .. 'owner:' .. there[2]) == 1 then return false end
redis.call('HSET', p .. 'write:' .. id, 'owner', owner)
redis.call('HSET', p .. 'open', id, owner)
return there[1]
"""

RELEASE = """
local p, id, owner, began = KEYS[1], unpack(ARGV)
local there = redis.call('HMGET', p .. 'write:' .. id, 'owner', 'over', 'likeness', 'began')
if there[1] ~= owner or there[2] ~= '' or (began ~= '' and began ~= there[4]) then return false end
redis.call('DEL', p .. 'write:' .. id)
redis.call('HDEL', p .. 'open', id)
redis.call('ZREM', p .. 'alike:' .. there[3], id)
return false
"""
"""Arguments: id, owner, and when it began; nothing where that is all the same."""

ALIKE = """
local p, found = KEYS[1], {}
for _, id in ipairs(redis.call('ZREVRANGEBYSCORE', p .. 'alike:' .. ARGV[1], '+inf', ARGV[2], 'LIMIT', 0, ARGV[3])) do
  local there = redis.call('HMGET', p .. 'write:' .. id, 'body', 'owner', 'likeness')
  if there[1] and there[3] == ARGV[1] then found[#found + 1] = {there[1], there[2]} end
end
return found
"""

_DEAD = """
local p, most, lives, found = KEYS[1], tonumber(ARGV[1]), {}, {}
local function is_dead(owner)
  if lives[owner] == nil then lives[owner] = redis.call('EXISTS', p .. 'owner:' .. owner) == 1 end
  return not lives[owner]
end
local open = redis.call('HGETALL', p .. %(open)s)
for i = 1, #open, 2 do
  if #found >= most then break end
  if is_dead(open[i + 1]) then
    local there = redis.call('HMGET', p .. %(kind)s .. open[i], 'body', 'owner')
    if there[1] then found[#found + 1] = %(told)s else redis.call('HDEL', p .. %(open)s, open[i]) end
  end
end
return found
"""
ORPHANS = _DEAD % {"open": "'open'", "kind": "'write:'", "told": "there"}
ORPHANED_JOBS = _DEAD % {"open": "'open-jobs'", "kind": "'job:'", "told": "open[i]"}

_EXPIRE = """
local function expire(p, id, kept)
  for _, outcome in ipairs(redis.call('SMEMBERS', p .. 'outcomes:' .. id)) do
    redis.call('PEXPIRE', p .. 'of:' .. id .. ':' .. outcome, kept)
  end
  for _, kind in ipairs({'job:', 'items:', 'came:', 'outcomes:', 'numbers:'}) do
    redis.call('PEXPIRE', p .. kind .. id, kept)
  end
end
"""

PUT_JOB = (
    _EXPIRE
    + """
local p, how, id, owner, created, over, body, cancelled, kept, caller = KEYS[1], unpack(ARGV)
local key, there = p .. 'job:' .. id, redis.call('HGET', p .. 'job:' .. id, 'owner')
if how == 'save' then
  if not there then return false end
  if owner ~= '' and there ~= owner then return 'overtaken' end
else
  redis.call('HSET', key, 'cancelled', cancelled)
end
redis.call('HSET', key, 'body', body, 'owner', owner, 'over', over)
redis.call('ZADD', p .. 'jobs', created, id)
redis.call('ZADD', p .. 'jobs-of:' .. caller, created, id)
redis.call('HSET', p .. 'callers', id, caller)
if over == '' then
  redis.call('HSET', p .. 'open-jobs', id, owner)
else
  redis.call('HDEL', p .. 'open-jobs', id)
  expire(p, id, kept)
end
return false
"""
)
"""Arguments: add or save; id, owner, when it was made, when it was over or nothing, body, whether it is cancelled;
milliseconds to keep it; whose it is."""

TAKE_JOB = """
local p, id, owner = KEYS[1], ARGV[1], ARGV[2]
local there = redis.call('HMGET', p .. 'job:' .. id, 'body', 'owner', 'over', 'cancelled')
if not there[1] or there[3] ~= '' or redis.call('EXISTS', p .. 'owner:' .. there[2]) == 1 then return false end
redis.call('HSET', p .. 'job:' .. id, 'owner', owner)
redis.call('HSET', p .. 'open-jobs', id, owner)
return {there[1], there[4]}
"""

CANCEL_JOB = """
local key = KEYS[1] .. 'job:' .. ARGV[1]
if redis.call('HGET', key, 'over') ~= '' then return 0 end
redis.call('HSET', key, 'cancelled', 1)
return 1
"""

PUT_ITEMS = (
    _EXPIRE
    + """
local p, id = KEYS[1], ARGV[1]
if redis.call('EXISTS', p .. 'job:' .. id) == 0 then return false end
for i = 2, #ARGV, 3 do
  local number, outcome, body = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local before = redis.call('HGET', p .. 'came:' .. id, number)
  if before and before ~= outcome then redis.call('ZREM', p .. 'of:' .. id .. ':' .. before, number) end
  redis.call('ZADD', p .. 'of:' .. id .. ':' .. outcome, number, number)
  redis.call('SADD', p .. 'outcomes:' .. id, outcome)
  redis.call('HSET', p .. 'came:' .. id, number, outcome)
  redis.call('HSET', p .. 'items:' .. id, number, body)
  redis.call('ZADD', p .. 'numbers:' .. id, number, number)
end
local kept = redis.call('PTTL', p .. 'job:' .. id)
if kept > 0 then expire(p, id, kept) end
return false
"""
)
"""Arguments: the job, then for each item its number, its outcome or nothing, and its body."""

ITEMS = """
local p, id, from, limit, found = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3]), {}
local numbers = {}
for i = 4, #ARGV do
  for _, number in ipairs(redis.call('ZRANGEBYSCORE', p .. ARGV[i], from, '+inf', 'LIMIT', 0, limit)) do
    numbers[#numbers + 1] = tonumber(number)
  end
end
table.sort(numbers)
for i = 1, math.min(#numbers, limit) do
  found[i] = redis.call('HGET', p .. 'items:' .. id, string.format('%d', numbers[i]))
end
return found
"""
"""Arguments: the job, the first number, how many at most, then the sets of numbers to look in."""

TALLY = """
local p, id, found = KEYS[1], ARGV[1], {}
for _, outcome in ipairs(redis.call('SMEMBERS', p .. 'outcomes:' .. id)) do
  found[#found + 1] = {outcome, redis.call('ZCARD', p .. 'of:' .. id .. ':' .. outcome)}
end
return found
"""

PURGE_JOBS = """
local p, too_old, kept = KEYS[1], tonumber(ARGV[1]), 0
local ids = redis.call('ZRANGEBYSCORE', p .. 'jobs', '-inf', too_old, 'LIMIT', ARGV[2], ARGV[3])
for _, id in ipairs(ids) do
  local over = redis.call('HGET', p .. 'job:' .. id, 'over')
  if over and (over == '' or tonumber(over) > too_old) then
    kept = kept + 1
  else
    for _, outcome in ipairs(redis.call('SMEMBERS', p .. 'outcomes:' .. id)) do
      redis.call('UNLINK', p .. 'of:' .. id .. ':' .. outcome)
    end
    for _, kind in ipairs({'job:', 'items:', 'came:', 'outcomes:', 'numbers:'}) do
      redis.call('UNLINK', p .. kind .. id)
    end
    redis.call('ZREM', p .. 'jobs', id)
    local caller = redis.call('HGET', p .. 'callers', id)
    if caller then redis.call('ZREM', p .. 'jobs-of:' .. caller, id) end
    redis.call('HDEL', p .. 'callers', id)
  end
end
return {#ids, kept}
"""
"""Arguments: what was over by then is dropped; how many of the oldest jobs to pass over, how many to look at. The
answer: how many there were, and how many of them are kept."""
