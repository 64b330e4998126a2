// SPDX-License-Identifier: Apache-2.0
/** What a backend needs to sign a visitor's token with the shared secret, in six languages. The secret itself is never in
 * it: it comes from the environment. Each is run as it stands by tests/integration/snippets.test.mjs. */

export type Language = 'node' | 'python' | 'php' | 'ruby' | 'go' | 'java';

export interface Snippet {
  id: string;
  label: string;
  /** For the reader and for colouring. */
  syntax: 'javascript' | 'python' | 'php' | 'ruby' | 'go' | 'java' | 'html' | 'tsx' | 'shell';
  /** Where such code usually stands. */
  file: string;
  /** The command that installs what it needs; null where the language has it all. */
  install: string | null;
  code: string;
}

/** What the issuer's settings ask for, beside `sub` and `exp`. */
export interface SigningContext {
  /** What `iss` must be; null where it is not checked. */
  issuer: string | null;
  /** What `aud` must be; null where it is not checked. */
  audience: string | null;
}

/** How the secret is named in the backend's environment, in all snippets. */
export const secretVariable = 'CHATELAINE_SECRET';

/** Text in double quotes: JSON's escapes are understood by every one of these languages, once `$` and `#` are dealt with. */
const quote = (text: string) => JSON.stringify(text);
/** Text in single quotes, where no more than the quote and the backslash mean anything. */
const single = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`;
const lines = (...all: (string | false | null)[]) => `${all.filter((line) => line !== false && line !== null).join('\n')}\n`;

function node({ issuer, audience }: SigningContext): Snippet {
  return {
    id: 'node', label: 'Node.js', syntax: 'javascript', file: 'chat-token.mjs', install: 'npm install jose',
    code: lines(
      `import { randomUUID } from 'node:crypto';`,
      `import { SignJWT } from 'jose';`,
      ``,
      `const secret = new TextEncoder().encode(process.env.${secretVariable});`,
      ``,
      `// For the user who is signed in to your app, and nobody else.`,
      `export function chatToken(user) {`,
      `  return new SignJWT({ name: user.name, email: user.email })`,
      `    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })`,
      `    .setSubject(String(user.id))`,
      issuer !== null && `    .setIssuer(${single(issuer)})`,
      audience !== null && `    .setAudience(${single(audience)})`,
      `    .setJti(randomUUID())`,
      `    .setIssuedAt()`,
      `    .setExpirationTime('15m')`,
      `    .sign(secret);`,
      `}`,
    ),
  };
}

function python({ issuer, audience }: SigningContext): Snippet {
  return {
    id: 'python', label: 'Python', syntax: 'python', file: 'chat_token.py', install: 'pip install pyjwt',
    code: lines(
      `import os`,
      `import time`,
      `import uuid`,
      ``,
      `import jwt`,
      ``,
      ``,
      `def chat_token(user):`,
      `    """For the user who is signed in to your app, and nobody else."""`,
      `    now = int(time.time())`,
      `    claims = {`,
      `        "sub": str(user["id"]),`,
      `        "name": user["name"],`,
      `        "email": user["email"],`,
      issuer !== null && `        "iss": ${quote(issuer)},`,
      audience !== null && `        "aud": ${quote(audience)},`,
      `        "jti": str(uuid.uuid4()),`,
      `        "iat": now,`,
      `        "exp": now + 15 * 60,`,
      `    }`,
      `    return jwt.encode(claims, os.environ["${secretVariable}"], algorithm="HS256")`,
    ),
  };
}

function php({ issuer, audience }: SigningContext): Snippet {
  return {
    id: 'php', label: 'PHP', syntax: 'php', file: 'chat_token.php', install: null,
    code: lines(
      `<?php`,
      `// For the user who is signed in to your app, and nobody else.`,
      `function chat_token(array $user): string`,
      `{`,
      `    $part = fn (string $text) => rtrim(strtr(base64_encode($text), '+/', '-_'), '=');`,
      `    $claims = [`,
      `        'sub' => (string) $user['id'],`,
      `        'name' => $user['name'],`,
      `        'email' => $user['email'],`,
      issuer !== null && `        'iss' => ${single(issuer)},`,
      audience !== null && `        'aud' => ${single(audience)},`,
      `        'jti' => bin2hex(random_bytes(16)),`,
      `        'iat' => time(),`,
      `        'exp' => time() + 15 * 60,`,
      `    ];`,
      `    $signed = $part('{"alg":"HS256","typ":"JWT"}') . '.' . $part(json_encode($claims, JSON_THROW_ON_ERROR));`,
      `    return $signed . '.' . $part(hash_hmac('sha256', $signed, getenv('${secretVariable}'), true));`,
      `}`,
    ),
  };
}

function ruby({ issuer, audience }: SigningContext): Snippet {
  return {
    id: 'ruby', label: 'Ruby', syntax: 'ruby', file: 'chat_token.rb', install: 'gem install jwt',
    code: lines(
      `require 'jwt'`,
      `require 'securerandom'`,
      ``,
      `# For the user who is signed in to your app, and nobody else.`,
      `def chat_token(user)`,
      `  now = Time.now.to_i`,
      `  claims = {`,
      `    sub: user[:id].to_s,`,
      `    name: user[:name],`,
      `    email: user[:email],`,
      issuer !== null && `    iss: ${single(issuer)},`,
      audience !== null && `    aud: ${single(audience)},`,
      `    jti: SecureRandom.uuid,`,
      `    iat: now,`,
      `    exp: now + 15 * 60`,
      `  }`,
      `  JWT.encode(claims, ENV.fetch('${secretVariable}'), 'HS256')`,
      `end`,
    ),
  };
}

function go({ issuer, audience }: SigningContext): Snippet {
  return {
    id: 'go', label: 'Go', syntax: 'go', file: 'chattoken/chattoken.go', install: 'go get github.com/golang-jwt/jwt/v5',
    code: lines(
      `package chattoken`,
      ``,
      `import (`,
      `\t"crypto/rand"`,
      `\t"encoding/hex"`,
      `\t"os"`,
      `\t"time"`,
      ``,
      `\t"github.com/golang-jwt/jwt/v5"`,
      `)`,
      ``,
      `// For signs a token for the user who is signed in to your app, and nobody else.`,
      `func For(id, name, email string) (string, error) {`,
      `\tunique := make([]byte, 16)`,
      `\tif _, err := rand.Read(unique); err != nil {`,
      `\t\treturn "", err`,
      `\t}`,
      `\tnow := time.Now().Unix()`,
      `\ttoken := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{`,
      `\t\t"sub":   id,`,
      `\t\t"name":  name,`,
      `\t\t"email": email,`,
      issuer !== null && `\t\t"iss":   ${quote(issuer)},`,
      audience !== null && `\t\t"aud":   ${quote(audience)},`,
      `\t\t"jti":   hex.EncodeToString(unique),`,
      `\t\t"iat":   now,`,
      `\t\t"exp":   now + 15*60,`,
      `\t})`,
      `\treturn token.SignedString([]byte(os.Getenv("${secretVariable}")))`,
      `}`,
    ),
  };
}

function java({ issuer, audience }: SigningContext): Snippet {
  return {
    id: 'java', label: 'Java', syntax: 'java', file: 'ChatToken.java', install: 'Maven: com.nimbusds:nimbus-jose-jwt',
    code: lines(
      `import com.nimbusds.jose.JOSEException;`,
      `import com.nimbusds.jose.JWSAlgorithm;`,
      `import com.nimbusds.jose.JWSHeader;`,
      `import com.nimbusds.jose.crypto.MACSigner;`,
      `import com.nimbusds.jwt.JWTClaimsSet;`,
      `import com.nimbusds.jwt.SignedJWT;`,
      `import java.time.Instant;`,
      `import java.util.Date;`,
      `import java.util.UUID;`,
      ``,
      `public final class ChatToken {`,
      `    /** For the user who is signed in to your app, and nobody else. */`,
      `    public static String of(String id, String name, String email) throws JOSEException {`,
      `        Instant now = Instant.now();`,
      `        JWTClaimsSet claims = new JWTClaimsSet.Builder()`,
      `            .subject(id)`,
      `            .claim("name", name)`,
      `            .claim("email", email)`,
      issuer !== null && `            .issuer(${quote(issuer)})`,
      audience !== null && `            .audience(${quote(audience)})`,
      `            .jwtID(UUID.randomUUID().toString())`,
      `            .issueTime(Date.from(now))`,
      `            .expirationTime(Date.from(now.plusSeconds(15 * 60)))`,
      `            .build();`,
      `        SignedJWT token = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims);`,
      `        token.sign(new MACSigner(System.getenv("${secretVariable}")));`,
      `        return token.serialize();`,
      `    }`,
      `}`,
    ),
  };
}

const makers: Record<Language, (context: SigningContext) => Snippet> = { node, python, php, ruby, go, java };
export const languages = Object.keys(makers) as Language[];

export const signingSnippet = (language: Language, context: SigningContext): Snippet => makers[language](context);
export const signingSnippets = (context: SigningContext): Snippet[] => languages.map((language) => makers[language](context));
