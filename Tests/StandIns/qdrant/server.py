"""Requests and answers over HTTP."""

import json
import re
import time
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, unquote, urlsplit

from description import READING, SHAPES, WAITING
from refusals import Refusal, malformed


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    store = None
    api_key = None
    slow = 0.0
    stall_body = 0.0
    largest_request = None

    def log_message(self, *_):
        pass

    def handle_request(self):
        started = time.perf_counter()
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length)
        if self.largest_request is not None and length > self.largest_request:
            return self.reply(413, None, {"error": "Payload too large"}, started)
        address = urlsplit(self.path)
        path = unquote(address.path).rstrip("/") or "/"
        if self.command == "GET" and path in ("/healthz", "/livez", "/readyz"):
            return self.plain(200, "all shards are ready" if path == "/readyz" else path[1:] + " check passed")
        if path != "/" and not self.is_authorized():
            given = self.headers.get("api-key") or self.headers.get("authorization")
            message = "Invalid API key or JWT" if given else "Must provide an API key or an Authorization bearer token"
            return self.plain(401, message)
        try:
            time.sleep(self.slow)
            with self.store.lock:
                result = self.answer(path, parse_qs(address.query, keep_blank_values=True), body)
            self.reply(200, result, "ok", started)
        except Refusal as refusal:
            self.reply(refusal.status, None, {"error": refusal.message}, started)

    do_GET = do_PUT = do_POST = do_DELETE = do_PATCH = handle_request

    def is_authorized(self):
        if self.api_key is None:
            return True
        bearer = (self.headers.get("authorization") or "").removeprefix("Bearer ")
        return self.api_key in (self.headers.get("api-key"), bearer)

    def answer(self, path, query, body):
        if (self.command, path) == ("GET", "/"):
            return {"title": "qdrant - vector search engine", "version": "1.19.0"}
        parts = re.fullmatch(r"/collections/([^/]+)(/.*)?", path)
        if not parts:
            raise Refusal(404, "Not found")
        name, place = parts[1], parts[2] or ""
        waiting = self.parameters(query, WAITING) if (self.command, place) in self.WRITES else None
        match self.command, place:
            case "GET", "":
                return self.store.find(name).info()
            case "PUT", "":
                return self.store.create(name, self.read(body, "create"))
            case "DELETE", "":
                return self.store.drop(name)
            case "GET", "/exists":
                return {"exists": name in self.store.collections}
            case "PUT", "/index":
                return self.index(self.store.find(name), self.read(body, "index"), waiting)
            case "PUT", "/points":
                return self.upsert(self.store.find(name), self.read(body, "upsert")["points"], waiting)
            case "POST", "/points/delete":
                collection, request = self.store.find(name), self.read(body, "delete")
                return self.store.change(collection, waiting, lambda _: collection.delete(request))
            case "POST", "/points/count":
                self.parameters(query, READING)
                request = self.read(body, "count")
                return self.store.find(name).count(request)
            case "POST", "/points/scroll":
                self.parameters(query, READING)
                request = self.read(body, "scroll")
                return self.store.find(name).scroll(request)
            case "POST", "/points/query/groups":
                self.parameters(query, READING)
                request = self.read(body, "groups")
                return self.store.find(name).groups(request)
        raise Refusal(404, "Not found")

    WRITES = {("PUT", "/index"), ("PUT", "/points"), ("POST", "/points/delete")}

    def parameters(self, query, known):
        for name, values in query.items():
            if name not in known or not re.fullmatch(known[name], values[0]):
                raise Refusal(400, f"Deserialize error in query parameters: {name}={values[0]}")
        return query.get("wait", ["false"])[0] == "true"

    def read(self, body, shape):
        if self.headers.get_content_type() != "application/json":
            raise Refusal(400, "Content type error")
        try:
            value = json.loads(body)
        except ValueError as error:
            raise malformed(str(error)) from None
        SHAPES[shape](value, "body")
        return value

    def index(self, collection, request, waiting):
        def perform(_):
            collection.indexes[request["field_name"]] = request.get("field_schema") or "keyword"

        return self.store.change(collection, waiting, perform)

    def upsert(self, collection, points, waiting):
        kept = [
            {"id": point["id"], "vector": collection.checked(point["vector"]), "payload": point.get("payload") or {}}
            for point in points
        ]

        def perform(number):
            collection.upsert([point | {"version": number} for point in kept])

        return self.store.change(collection, waiting, perform)

    def plain(self, status, message):
        self.send(status, "text/plain; charset=utf-8", message.encode())

    def reply(self, status, result, state, started):
        answer = {"result": result, "status": state, "time": time.perf_counter() - started}
        if result is None:
            del answer["result"]
        self.send(status, "application/json", json.dumps(answer).encode())

    def send(self, status, kind, body):
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.stall_body == 0:
            self.wfile.write(body)
            return
        for byte in body:
            time.sleep(self.stall_body)
            try:
                self.wfile.write(bytes([byte]))
            except OSError:
                return
