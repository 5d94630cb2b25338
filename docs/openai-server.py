#!/usr/bin/env python3
"""A server of models, for trying the provider `openai` without one.

It answers POST /v1/chat/completions. Its model names the topics whose names are in the document.

    docs/openai-server.py [port]        prints its address
    OPENAI_BASE_URL=<that address> DEFAULT_AI_PROVIDER=openai DEFAULT_AI_MODEL=parrot ./dev up
"""

import json
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Server(BaseHTTPRequestHandler):
    """One path of the API."""

    def do_POST(self):
        """Answers in the form of a chat completion."""
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.path != "/v1/chat/completions":
            return self.send(404, {"error": {"message": "no such path", "type": "invalid_request_error"}})
        message = {"role": "assistant", "content": json.dumps(answer(request)), "refusal": None}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        self.send(200, {"id": "chatcmpl-0", "object": "chat.completion", "model": request["model"], "choices": [choice]})

    def send(self, status, body):
        """Sends JSON."""
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


def answer(request):
    """The names that the schema allows and the document has."""
    properties = request["response_format"]["json_schema"]["schema"]["properties"]
    names = properties["topics"]["items"]["properties"]["name"]["enum"] if "topics" in properties else []
    document = re.search(r"BEGIN (\w+) -----\n(.*)\n----- END \1 ", request["messages"][-1]["content"], re.DOTALL)
    found = [name for name in names if name.lower() in document[2].lower()]
    return {"topics": [{"name": name, "confidence": 1} for name in found], "suggestions": []}


if __name__ == "__main__":
    with ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 8080), Server) as server:
        print(f"http://127.0.0.1:{server.server_port}/v1", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            pass
