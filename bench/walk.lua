-- SPDX-License-Identifier: Apache-2.0
-- For wrk: walks through the tokens of a file, one request after the other, and around again at its end. Prints what
-- wrk has counted as one line of JSON.
-- arguments: tokens-file first-index how-many method path body-or-dash header…    ({token} stands for the token)
local requests = {}
local at = 0

local function fill(text, token)
  return (text:gsub("{token}", function() return token end))
end

function init(arguments)
  local file, first, count = arguments[1], tonumber(arguments[2]), tonumber(arguments[3])
  local method, path, body = arguments[4], arguments[5], arguments[6]
  for token in io.lines(file) do
    local headers = {}
    for i = 7, #arguments do
      local name, value = arguments[i]:match("^([^:]+): (.*)$")
      headers[name] = fill(value, token)
    end
    requests[#requests + 1] = wrk.format(method, path, headers, body ~= "-" and fill(body, token) or nil)
    if #requests == count then break end
  end
  at = first % #requests
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local errors = summary.errors
  print(string.format('{"requests":%d,"microseconds":%d,"refused":%d,"broken":%d,"p50":%d,"p99":%d}', summary.requests,
    summary.duration, errors.status, errors.connect + errors.read + errors.write + errors.timeout, latency:percentile(50),
    latency:percentile(99)))
end
