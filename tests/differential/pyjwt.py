# SPDX-License-Identifier: Apache-2.0
"""Judges tokens by PyJWT, the way its documentation has it done: the key by the header's kid, then jwt.decode.
First line: the settings; then a token a line, each as a JSON string. Answers a line each: the claims' sub, or the error's name."""
import json
import sys
from datetime import datetime, timezone

import jwt
import jwt.api_jwt


def hold_clock(now):
    class Held(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.fromtimestamp(now, tz or timezone.utc)

    jwt.api_jwt.datetime = Held


class Verifier:
    def __init__(self, settings):
        self.settings = settings
        self.jwks = settings["jwks"]["keys"] if settings.get("jwks") else None
        self.read = {}

    def key_of(self, jwk):
        name = json.dumps(jwk)
        if name not in self.read:
            key_class = {"RSA": jwt.algorithms.RSAAlgorithm, "EC": jwt.algorithms.ECAlgorithm, "OKP": jwt.algorithms.OKPAlgorithm}[jwk["kty"]]
            self.read[name] = key_class.from_jwk(jwk)
        return self.read[name]

    def choose(self, token):
        if self.jwks is None:
            return bytes.fromhex(self.settings["secret"])
        header = jwt.get_unverified_header(token)
        if "kid" in header:
            named = [jwk for jwk in self.jwks if jwk.get("kid") == header["kid"]]
        else:
            kinds = {"RS": ["RSA"], "PS": ["RSA"], "Ed": ["Ed25519", "Ed448"], "ES": {"256": ["P-256"], "384": ["P-384"], "512": ["P-521"]}.get(str(header.get("alg"))[2:], [])}
            wanted = kinds.get(str(header.get("alg"))[:2], [])
            named = [jwk for jwk in self.jwks if jwk.get("crv", jwk["kty"]) in wanted]
        if len(named) != 1:
            raise LookupError("several keys" if named else "no key")
        return self.key_of(named[0])

    def judge(self, token):
        settings = self.settings
        options = {"require": ["exp", "sub"], "verify_aud": bool(settings["audiences"])}
        claims = jwt.decode(token, self.choose(token), algorithms=settings["algorithms"], options=options,
                            issuer=settings["issuer"], audience=settings["audiences"] or None, leeway=settings["leeway"])
        return {"accepted": True, "sub": claims["sub"] if isinstance(claims["sub"], str) else repr(claims["sub"])}


def main():
    lines = sys.stdin.buffer.read().decode().split("\n")
    settings = json.loads(lines[0])
    hold_clock(settings["now"])
    verifier = Verifier(settings)
    for line in lines[1:]:
        if not line:
            continue
        try:
            answer = verifier.judge(json.loads(line))
        except Exception as error:  # whatever is raised, the token is refused
            answer = {"accepted": False, "why": type(error).__name__, "message": str(error)[:200]}
        print(json.dumps(answer))


main()
