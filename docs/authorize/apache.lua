-- Asks Chatelaine about each request. 200: the request goes on with the identity's headers; anything else is the client's answer.
-- Replace: 127.0.0.1:8080 Chatelaine, sk_REPLACE_ME a secret key.
local http = require 'socket.http'
local ltn12 = require 'ltn12'

local address = 'http://127.0.0.1:8080/v1/authorize?cookie=app_token'
local key = 'sk_REPLACE_ME'
http.TIMEOUT = 5

-- By the path as Apache reads it: decoded, without dot segments.
local function demand_of(path)
  if path:sub(1, 8) == '/public/' then return '&anonymous=allow' end
  if path:sub(1, 7) == '/cards/' then return '&permission=card:freeze' end
  return ''
end

local function refuse(r, status, headers)
  for _, name in ipairs({ 'www-authenticate', 'retry-after' }) do
    if headers[name] then r.err_headers_out[name] = headers[name] end
  end
  return status
end

function authorize(r)
  -- Who lists our headers as the connection's own (RFC 9110, section 7.6.1) wants them dropped on the way.
  local connection = r.headers_in['Connection']
  if connection and connection:lower():find('chatelaine', 1, true) then return 400 end
  local _, status, headers = http.request({
    url = address .. demand_of(r.uri),
    redirect = false,
    sink = ltn12.sink.null(),
    headers = { ['Chatelaine-Key'] = key, Authorization = r.headers_in['Authorization'], Cookie = r.headers_in['Cookie'] },
  })
  if type(status) ~= 'number' then return 503 end -- no answer; `status` says why
  if status ~= 200 then return refuse(r, status, headers) end
  if headers['x-chatelaine-sub'] then r.headers_in['X-Chatelaine-Sub'] = headers['x-chatelaine-sub'] end
  if headers['x-chatelaine-identity'] then r.headers_in['X-Chatelaine-Identity'] = headers['x-chatelaine-identity'] end
  return apache2.DECLINED -- other checks go on
end
