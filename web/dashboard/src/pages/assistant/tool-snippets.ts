// SPDX-License-Identifier: Apache-2.0
/** What a tool's backend does first: it verifies that a call is from this server, with a library of Standard Webhooks. The secret comes
 * from the backend's environment, never from here. */
import type { Snippet } from '../../snippets/sign';

export const toolSecretVariable = 'CHATELAINE_TOOL_SECRET';

const lines = (...all: string[]): string => `${all.join('\n')}\n`;

/** `path`: where the tool is called, such as "/tools/balance". */
export function toolSnippets(path: string): Snippet[] {
  const at = /^\/[\w\-./~]*$/.test(path) && path.length > 1 ? path : '/tools/balance';
  return [
    {
      id: 'node', label: 'Node.js', syntax: 'javascript', file: 'tools.mjs', install: 'npm install express standardwebhooks',
      code: lines(
        `import express from 'express';`,
        `import { Webhook } from 'standardwebhooks';`,
        ``,
        `const webhook = new Webhook(process.env.${toolSecretVariable}); // whsec_…`,
        `const app = express();`,
        ``,
        `app.post('${at}', express.text({ type: '*/*' }), (request, response) => {`,
        `  let call;`,
        `  try {`,
        `    call = webhook.verify(request.body, request.headers); // the body exactly as it came`,
        `  } catch {`,
        `    return response.status(401).end();`,
        `  }`,
        `  // call.user is the verified visitor; bound arguments come from their token.`,
        `  response.json({ balance: balanceOf(call.user.sub) });`,
        `});`,
      ),
    },
    {
      id: 'python', label: 'Python', syntax: 'python', file: 'tools.py', install: 'pip install flask standardwebhooks',
      code: lines(
        `import os`,
        `from flask import Flask, abort, request`,
        `from standardwebhooks.webhooks import Webhook, WebhookVerificationError`,
        ``,
        `webhook = Webhook(os.environ["${toolSecretVariable}"])  # whsec_…`,
        `app = Flask(__name__)`,
        ``,
        ``,
        `@app.post("${at}")`,
        `def tool():`,
        `    try:`,
        `        call = webhook.verify(request.get_data(), dict(request.headers))  # the body exactly as it came`,
        `    except WebhookVerificationError:`,
        `        abort(401)`,
        `    # call["user"] is the verified visitor; bound arguments come from their token.`,
        `    return {"balance": balance_of(call["user"]["sub"])}`,
      ),
    },
    {
      id: 'php', label: 'PHP', syntax: 'php', file: 'tool.php', install: 'composer require standard-webhooks/standard-webhooks',
      code: lines(
        `<?php`,
        `require 'vendor/autoload.php';`,
        ``,
        `$webhook = new \\StandardWebhooks\\Webhook(getenv('${toolSecretVariable}')); // whsec_…`,
        `$headers = array_change_key_case(getallheaders());`,
        `try {`,
        `    $call = $webhook->verify(file_get_contents('php://input'), $headers); // the body exactly as it came`,
        `} catch (\\Exception) {`,
        `    http_response_code(401);`,
        `    exit;`,
        `}`,
        `// $call['user'] is the verified visitor; bound arguments come from their token.`,
        `header('Content-Type: application/json');`,
        `echo json_encode(['balance' => balance_of($call['user']['sub'])]);`,
      ),
    },
    {
      id: 'ruby', label: 'Ruby', syntax: 'ruby', file: 'tools.rb', install: 'gem install sinatra rackup puma standardwebhooks',
      code: lines(
        `require 'json'`,
        `require 'sinatra'`,
        `require 'standardwebhooks'`,
        ``,
        `webhook = StandardWebhooks::Webhook.new(ENV.fetch('${toolSecretVariable}')) # whsec_…`,
        ``,
        `post '${at}' do`,
        `  headers = %w[id timestamp signature].to_h { |one| ["webhook-#{one}", request.env["HTTP_WEBHOOK_#{one.upcase}"]] }`,
        `  begin`,
        `    call = webhook.verify(request.body.read, headers) # the body exactly as it came`,
        `  rescue StandardWebhooks::WebhookVerificationError`,
        `    halt 401`,
        `  end`,
        `  # call["user"] is the verified visitor; bound arguments come from their token.`,
        `  content_type :json`,
        `  { balance: balance_of(call["user"]["sub"]) }.to_json`,
        `end`,
      ),
    },
    {
      id: 'go', label: 'Go', syntax: 'go', file: 'tools.go', install: 'go get github.com/standard-webhooks/standard-webhooks/libraries',
      code: lines(
        `import standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go" // and encoding/json, io, net/http, os`,
        ``,
        `var webhook, _ = standardwebhooks.NewWebhook(os.Getenv("${toolSecretVariable}")) // whsec_…`,
        ``,
        `func tool(w http.ResponseWriter, r *http.Request) { // http.HandleFunc("POST ${at}", tool)`,
        `	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))`,
        `	if err != nil || webhook.Verify(body, r.Header) != nil {`,
        `		w.WriteHeader(http.StatusUnauthorized)`,
        `		return`,
        `	}`,
        `	var call struct {`,
        `		Arguments map[string]any`,
        `		User      struct{ Sub string } // the verified visitor`,
        `	}`,
        `	if json.Unmarshal(body, &call) != nil {`,
        `		w.WriteHeader(http.StatusBadRequest)`,
        `		return`,
        `	}`,
        `	w.Header().Set("Content-Type", "application/json")`,
        `	json.NewEncoder(w).Encode(map[string]any{"balance": balanceOf(call.User.Sub)})`,
        `}`,
      ),
    },
  ];
}
