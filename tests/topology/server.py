# SPDX-License-Identifier: MIT
"""A server on loopback, for tests: it asks a function what to answer."""

import http.server
import threading


class Server:
    """with Server(answer) as server: server.url("/path"). `answer` gets a
    handler and writes to it with reply(), or does not. `seen` counts the
    requests. With `context` it speaks TLS."""

    def __init__(self, answer, context=None, port=0):
        self.seen = 0
        self.lock = threading.Lock()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                length = int(self.headers.get("Content-Length") or 0)
                self.body = self.rfile.read(length)
                with outer.lock:
                    outer.seen += 1
                    self.number = outer.seen
                answer(self)

            do_POST = do_GET

            def log_message(self, *args):
                pass

        class Listener(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request, client_address):
                pass

        self.listener = Listener(("127.0.0.1", port), Handler)
        self.scheme = "http"
        if context is not None:
            self.scheme = "https"
            self.listener.socket = context.wrap_socket(
                self.listener.socket, server_side=True)

    def __enter__(self):
        threading.Thread(target=self.listener.serve_forever,
                         kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *args):
        self.listener.shutdown()
        self.listener.server_close()

    @property
    def port(self):
        return self.listener.server_address[1]

    def url(self, path="/", host="127.0.0.1"):
        return f"{self.scheme}://{host}:{self.port}{path}"


def reply(handler, status=200, body=b"", **headers):
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def reply_in_chunks(handler, body, size=1000):
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    for at in range(0, len(body), size):
        part = body[at:at + size]
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
    handler.wfile.write(b"0\r\n\r\n")


def hang_up(handler):
    handler.close_connection = True
    handler.connection.close()
