-- `http-request lua.chatelaine QUERY`: asks /v1/authorize?QUERY. 200: the request goes on with the identity's headers; anything
-- else is the client's answer, with its reason. Replace: 127.0.0.1:8080 Chatelaine, sk_REPLACE_ME a secret key.
local address = 'http://127.0.0.1:8080/v1/authorize?'
local key = 'sk_REPLACE_ME'

local headers_out = { 'x-chatelaine-sub', 'x-chatelaine-identity' }
local headers_back = { 'content-type', 'www-authenticate', 'retry-after' }

local function refuse(txn, status, from)
  local reply = txn:reply({ status = status })
  reply:add_header('cache-control', 'no-store')
  for _, name in ipairs(headers_back) do
    local values = from.headers and from.headers[name]
    if values then reply:add_header(name, values[0]) end
  end
  reply:set_body(from.body or '')
  txn:done(reply)
end

core.register_action('chatelaine', { 'http-req' }, function(txn, query)
  local asked = { ['chatelaine-key'] = { key } }
  local headers = txn.http:req_get_headers()
  for _, name in ipairs({ 'authorization', 'cookie' }) do
    local values = headers[name]
    if values then
      asked[name] = {}
      for i = 0, #values do asked[name][i + 1] = values[i] end
    end
  end
  local answer = core.httpclient():get({ url = address .. query, headers = asked, timeout = 5000 })
  if not answer or not answer.status or answer.status < 200 then return refuse(txn, 503, {}) end
  if answer.status ~= 200 then return refuse(txn, answer.status, answer) end
  for _, name in ipairs(headers_out) do
    local values = answer.headers[name]
    if values then txn.http:req_set_header(name, values[0]) end
  end
  txn:set_var('txn.chatelaine', 'ok') -- the configuration lets nobody pass without: an error in here opens nothing
end, 1)
