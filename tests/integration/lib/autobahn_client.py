# SPDX-License-Identifier: Apache-2.0
"""Autobahn as a client of an echo server: messages, fragments, UTF-8, pings and close codes. usage: autobahn_client.py URL"""
import sys

from autobahn.asyncio.websocket import WebSocketClientFactory, WebSocketClientProtocol
import asyncio

TEXTS = [
    "",
    "hello",
    "κόσμε",
    "\u0000\u007f\u0080\u07ff\u0800\uffff\U00010000\U0010ffff",
    "x" * 125,
    "x" * 126,
    "x" * 127,
    "x" * 65535,
    "é" * 32768,
]
FRAGMENT_SIZES = [1, 2, 3, 7, 100, 4096]
CLOSES = [(1000, None), (1000, "ok"), (3000, "ok"), (4999, "x" * 123)]

passed = 0
failures = []


def check(holds, what):
    global passed
    if holds:
        passed += 1
    else:
        failures.append(what)


class Client(WebSocketClientProtocol):
    def onOpen(self):
        self.todo = [(text, None) for text in TEXTS]
        # Each fragment size with a text that has characters of one to four bytes: they are cut in the middle.
        self.todo += [("aé€🔑" * 60, size) for size in FRAGMENT_SIZES]
        self.next()

    def next(self):
        if not self.todo:
            self.sendPing(b"ping with a payload")
            return
        text, size = self.todo[0]
        self.sendMessage(text.encode("utf8"), isBinary=False, fragmentSize=size)

    def onMessage(self, payload, isBinary):
        text, size = self.todo.pop(0)
        check(not isBinary and payload.decode("utf8") == text, f"{len(text)} characters in fragments of {size}")
        self.next()

    def onPong(self, payload):
        check(payload == b"ping with a payload", "the pong's payload")
        code, reason = self.factory.closing
        self.sendClose(code, reason)

    def onClose(self, wasClean, code, reason):
        check(wasClean and code == self.factory.closing[0], f"close {self.factory.closing}: {wasClean} {code} {reason}")
        self.factory.finished.set_result(None)


async def main(url):
    loop = asyncio.get_running_loop()
    for closing in CLOSES:
        factory = WebSocketClientFactory(url)
        factory.setProtocolOptions(openHandshakeTimeout=5, closeHandshakeTimeout=5)
        factory.protocol = Client
        factory.closing = closing
        factory.finished = loop.create_future()
        await loop.create_connection(factory, factory.host, factory.port)
        await asyncio.wait_for(factory.finished, 20)


asyncio.run(main(sys.argv[1]))
for failure in failures:
    print("failed:", failure)
print(passed, "checks passed")
sys.exit(1 if failures or passed != len(CLOSES) * (len(TEXTS) + len(FRAGMENT_SIZES) + 2) else 0)
