"""A program that speaks as llama.cpp's server does, for those who have none: a real process on loopback.

It answers a prompt with the numbers that follow its last one. The name of its “model” says how it misbehaves.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

OPTIONS = dict(zip(sys.argv[1::2], sys.argv[2::2], strict=True))
MODEL = Path(OPTIONS["--model"]).stem


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/health" else 404)
        self.end_headers()

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(400 if MODEL == "refuses" else 200)
        self.end_headers()
        first, count = asked["prompt"][-1] + 1, asked["n_predict"]
        for number in range(count - (MODEL == "falls-short")):
            self._event({"index": 0, "content": " x", "tokens": [first + number], "stop": False})
        self._event({"content": "", "tokens": [], "stop": True, "timings": {}, "prompt": "x" * 1000})

    def _event(self, event: dict[str, object]) -> None:
        if MODEL == "mumbles":
            event["tokens"] = ["seven"]
        if MODEL == "babbles":
            self.wfile.write(b": " + b"x" * (1 << 20) + b"\n\n")
        self.wfile.write(b"data: " + json.dumps(event).encode() + b"\n\n")
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Not of each request."""


if MODEL == "ends":
    sys.exit("there is no such model")
ThreadingHTTPServer((OPTIONS["--host"], int(OPTIONS["--port"])), Handler).serve_forever()
