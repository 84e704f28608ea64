"""A language model's provider on loopback: it speaks OpenAI's and Anthropic's protocols and keeps what it was asked."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

INPUT_TOKENS = 321
OUTPUT_TOKENS = 45


class Provider:
    """answer: what the model says. status: what every call is answered with. retry_after: with that header."""

    def __init__(self) -> None:
        self.answer = ""
        self.status = 200
        self.retry_after: int | None = None
        self.asked: list[tuple[str, dict[str, Any]]] = []
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
                provider.asked.append((self.path, asked))
                body = json.dumps(provider.reply(self.path)).encode()
                self.send_response(provider.status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                if provider.retry_after is not None:
                    self.send_header("retry-after", str(provider.retry_after))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *arguments: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def reply(self, path: str) -> dict[str, Any]:
        if self.status != 200:
            return {"error": {"type": "overloaded_error", "message": "overloaded"}}
        return self._message() if path.endswith("/messages") else self._completion()

    def _message(self) -> dict[str, Any]:
        return {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "a-model",
            "content": [{"type": "text", "text": self.answer}],
            "stop_reason": "end_turn",
            "stop_sequence": None,
            "usage": {"input_tokens": INPUT_TOKENS, "output_tokens": OUTPUT_TOKENS},
        }

    def _completion(self) -> dict[str, Any]:
        message = {"role": "assistant", "content": self.answer}
        used = {"prompt_tokens": INPUT_TOKENS, "completion_tokens": OUTPUT_TOKENS, "total_tokens": 366}
        return {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": "a-model",
            "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
            "usage": used,
        }
