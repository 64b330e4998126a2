"""A backend (WSGI) behind a front that asks Chatelaine: who is it? Listens where only the front can reach it."""
import base64
import json
from wsgiref.simple_server import make_server


def visitor_of(environ):
    """The visitor's identity, or None for one who is not signed in."""
    encoded = environ.get("HTTP_X_CHATELAINE_IDENTITY")
    return json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))) if encoded else None


def application(environ, start_response):
    visitor = visitor_of(environ)
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return [f"Hello {visitor.get('name', visitor['sub'])}.\n".encode() if visitor else b"Hello.\n"]


if __name__ == "__main__":
    make_server("127.0.0.1", 9000, application).serve_forever()
