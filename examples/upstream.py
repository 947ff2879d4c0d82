#!/usr/bin/env python3
"""A stand-in for your app: answers every request with what it was told, as JSON, and serves one form.

    python3 examples/upstream.py [PORT [DOORWARD]]

It listens on 127.0.0.1, on port 3000 unless told otherwise. DOORWARD is where browsers reach Doorward: /auth on the same
host, https://auth.example.com/auth on a sibling host.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# The script keeps the session alive while this page is open, however long the text takes to write.
FORM = """<!doctype html>
<html lang="en">
<title>A long form</title>
<script src="DOORWARD/keepalive.js" defer></script>
<h1>A long form</h1>
<form method="post" action="/submit">
<label>Text <textarea name="text"></textarea></label>
<button>Send</button>
</form>
"""


class App(BaseHTTPRequestHandler):
    """Trusts `X-Auth-*` blindly, as an app may do that only the proxy can reach."""

    protocol_version = "HTTP/1.1"

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode("utf-8", "replace")
        if self.command == "GET" and self.path == "/form":
            self.reply("text/html; charset=utf-8", FORM.replace("DOORWARD", doorward))
            return
        told = {"method": self.command, "path": self.path, "headers": self.headers.items(), "body": body}
        self.reply("application/json", json.dumps(told, indent=2) + "\n")

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def reply(self, content_type, text):
        data = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    doorward = sys.argv[2] if len(sys.argv) > 2 else "/auth"
    print(f"upstream on http://127.0.0.1:{port}", flush=True)
    ThreadingHTTPServer(("127.0.0.1", port), App).serve_forever()
