# SPDX-License-Identifier: Apache-2.0
"""libchatelaine from Python, by nothing but ctypes: what a binding for any language needs.

    verifier = Verifier({"issuers": [{"name": "acme", "mode": "hmac"}]})
    verifier.set_secrets("acme", [secret])
    identity = verifier.verify(token)          # a dict, or Refused is raised
"""
import ctypes
import json
import os
import threading

_lib = ctypes.CDLL(os.environ.get("LIBCHATELAINE", "libchatelaine.so.0"))

OK, REFUSED, INVALID, NOT_FOUND, NO_MEMORY = range(5)


class _Bytes(ctypes.Structure):
    _fields_ = [("at", ctypes.c_char_p), ("len", ctypes.c_size_t)]


_P, _S, _N = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t
for _name, _result, *_arguments in [
    ("version", _S),
    ("verifier_new_from_json", ctypes.c_int, _S, _N, ctypes.POINTER(_P), ctypes.POINTER(_P)),
    ("verifier_set_secrets", ctypes.c_int, _P, _S, ctypes.POINTER(_Bytes), _N, ctypes.POINTER(_P)),
    ("verifier_set_keys", ctypes.c_int, _P, _S, _S, _N, ctypes.POINTER(_P)),
    ("verifier_free", None, _P),
    ("verify", ctypes.c_int, _P, _S, _N, _P),
    ("result_new", _P),
    ("result_free", None, _P),
    ("result_identity_json", _S, _P),
    ("result_detail", ctypes.c_int, _P),
    ("result_explanation", _S, _P),
    ("detail_reason", ctypes.c_int, ctypes.c_int),
    ("reason_word", _S, ctypes.c_int),
    ("detail_word", _S, ctypes.c_int),
    ("detail_sentence", _S, ctypes.c_int),
    ("error_message", _S, _P),
    ("error_place", _S, _P),
    ("error_free", None, _P),
]:
    _function = getattr(_lib, "chatelaine_" + _name)
    _function.restype, _function.argtypes = _result, _arguments


class Refused(Exception):
    """`reason` and `detail` are the server's words; `explanation` is for administrators only."""

    def __init__(self, detail, explanation):
        super().__init__(_lib.chatelaine_detail_sentence(detail).decode())
        self.detail = _lib.chatelaine_detail_word(detail).decode()
        self.reason = _lib.chatelaine_reason_word(_lib.chatelaine_detail_reason(detail)).decode()
        self.explanation = explanation and explanation.decode()


def _check(status, error):
    if status == INVALID:
        place, message = _lib.chatelaine_error_place(error).decode(), _lib.chatelaine_error_message(error).decode()
        _lib.chatelaine_error_free(error)
        raise ValueError(f"{place}: {message}")
    if status == NOT_FOUND:
        raise KeyError("no issuer of that name")
    if status != OK:
        raise MemoryError


class Verifier:
    """Settings are the `signIn` object of the server's configuration. For all threads at once."""

    def __init__(self, settings):
        text, error = json.dumps(settings).encode(), _P()
        self._verifier, self._threads = _P(), threading.local()
        _check(_lib.chatelaine_verifier_new_from_json(text, len(text), self._verifier, error), error)

    def __del__(self):
        _lib.chatelaine_verifier_free(self._verifier)

    def set_secrets(self, issuer, secrets):
        array, error = (_Bytes * len(secrets))(*[_Bytes(one, len(one)) for one in secrets]), _P()
        _check(_lib.chatelaine_verifier_set_secrets(self._verifier, issuer.encode(), array, len(secrets), error), error)

    def set_keys(self, issuer, key_set):
        text, error = json.dumps(key_set).encode(), _P()
        _check(_lib.chatelaine_verifier_set_keys(self._verifier, issuer.encode(), text, len(text), error), error)

    def verify(self, token):
        result = getattr(self._threads, "result", None) or _Result()
        self._threads.result = result
        status = _lib.chatelaine_verify(self._verifier, token.encode(), len(token.encode()), result.pointer)
        if status == REFUSED:
            raise Refused(_lib.chatelaine_result_detail(result.pointer), _lib.chatelaine_result_explanation(result.pointer))
        _check(status, None)
        return json.loads(_lib.chatelaine_result_identity_json(result.pointer))


class _Result:
    """One for each thread."""

    def __init__(self):
        self.pointer = _lib.chatelaine_result_new()
        if not self.pointer:
            raise MemoryError

    def __del__(self):
        _lib.chatelaine_result_free(self.pointer)


def version():
    return _lib.chatelaine_version().decode()
