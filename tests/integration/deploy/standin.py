"""Stands in for the services where the tests are about their processes: it says what it was told, and that it is ready.

`python standin.py SERVICE`. STANDIN_BROKEN names the service that cannot start.
"""

import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer


class Ready(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/readyz" else 404)
        self.end_headers()


def main(service: str) -> None:
    if os.environ.get("STANDIN_BROKEN") == service:
        sys.exit(f"{service} cannot start")
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    settings = {name: value for name, value in os.environ.items() if name.startswith(("REVEILLE_", "STANDIN_"))}
    print(json.dumps(settings), flush=True)
    HTTPServer(("127.0.0.1", int(os.environ["REVEILLE_ADMIN_PORT"])), Ready).serve_forever()


if __name__ == "__main__":
    main(sys.argv[1])
