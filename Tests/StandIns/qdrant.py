"""Stands in for a Qdrant server where none can be had: the part of its REST interface that Fuze speaks.

    python3 qdrant.py [--port 0] [--api-key KEY] [--storage FILE] [--slow SECONDS]

Written from Qdrant's OpenAPI description (1.11 to 1.19) and the error texts of its source. It is stricter than the real
server: a field that the description does not name, or a value of another type, is refused, also where the real one
would ignore it. It searches exactly, where the real one may miss some of what is near. Writes without `wait=true` are
acknowledged and take effect half a second later. The first line of its output is its address; it ends when its standard
input does.
"""

import argparse
import json
import math
import os
import re
import sys
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit


class Refusal(Exception):
    """An error answer."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status
        self.message = message


def malformed(message):
    return Refusal(400, f"Format error in JSON body: {message}")


# ---- The shapes of the description. A shape takes a value and its place, and complains or returns nothing.


def integer(least=None, most=2**63 - 1, refused_below=None):
    def check(value, place):
        if not isinstance(value, int) or isinstance(value, bool):
            raise malformed(f"invalid type at {place}: expected an integer")
        if least is not None and value < least or value > most:
            raise malformed(f"invalid value at {place}: {value}")
        if refused_below is not None and value < refused_below:
            text = f"[{place}: value {value} invalid, must be {refused_below} or larger]"
            raise Refusal(422, f"Validation error in JSON body: {text}")

    return check


def number(value, place):
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not math.isfinite(value):
        raise malformed(f"invalid type at {place}: expected f32")


def text(value, place):
    if not isinstance(value, str):
        raise malformed(f"invalid type at {place}: expected a string")


def boolean(value, place):
    if not isinstance(value, bool):
        raise malformed(f"invalid type at {place}: expected a boolean")


def one_of(*words):
    def check(value, place):
        if value not in words or isinstance(value, bool):
            raise malformed(f"unknown variant `{value}` at {place}, expected one of {', '.join(words)}")

    return check


def listing(element, unique=False):
    def check(value, place):
        if not isinstance(value, list):
            raise malformed(f"invalid type at {place}: expected a sequence")
        for index, item in enumerate(value):
            element(item, f"{place}[{index}]")
        if unique and len(set(map(str, value))) != len(value):
            raise malformed(f"duplicate values at {place}")

    return check


def record(required=(), **fields):
    """An object; a field that is not required may be null."""

    def check(value, place):
        if not isinstance(value, dict):
            raise malformed(f"invalid type at {place}: expected a map")
        for name in required:
            if value.get(name) is None:
                raise malformed(f"missing field `{name}` at {place}")
        for name, part in value.items():
            if name not in fields:
                raise malformed(f"unknown field `{name}` at {place}")
            if part is not None:
                fields[name](part, f"{place}.{name}")

    return check


def either(*shapes):
    def check(value, place):
        failures = []
        for shape in shapes:
            try:
                return shape(value, place)
            except Refusal as refusal:
                if refusal.status == 422:
                    raise
                failures.append(refusal.message)
        raise malformed(f"data did not match any variant at {place}: {failures}")

    return check


def point_id(value, place):
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**64:
        return
    try:
        uuid.UUID(value if isinstance(value, str) else "")
    except ValueError:
        raise malformed(
            f"value {value} is not a valid point ID, valid values are either an unsigned integer or a UUID"
        ) from None


def payload(value, place):
    if not isinstance(value, dict):
        raise malformed(f"invalid type at {place}: expected a map")


vector = listing(number)
whole = integer(0)
value_variant = either(text, integer(-(2**63)), boolean)
match = either(
    record(["value"], value=value_variant),
    record(["any"], any=either(listing(text, unique=True), listing(integer(-(2**63)), unique=True))),
)
condition = either(record(["key", "match"], key=text, match=match), record(["has_id"], has_id=listing(point_id)))
conditions = either(listing(condition), condition)
query_filter = record(must=conditions, must_not=conditions, should=conditions)
graph = record(
    m=whole, ef_construct=integer(4), full_scan_threshold=integer(10), payload_m=whole, max_indexing_threads=whole,
    on_disk=boolean,
)
vector_parameters = record(
    ["size", "distance"], size=integer(0, 65536, refused_below=1),
    distance=one_of("Cosine", "Euclid", "Dot", "Manhattan"), hnsw_config=graph, on_disk=boolean,
)


def vectors_config(value, place):
    if isinstance(value, dict) and not ("size" in value or "distance" in value):
        for name, part in value.items():
            vector_parameters(part, f"{place}.{name}")
    else:
        vector_parameters(value, place)


search_parameters = record(hnsw_ef=integer(0, refused_below=1), exact=boolean, indexed_only=boolean)
SHAPES = {
    "create": record(
        vectors=vectors_config, hnsw_config=graph, shard_number=integer(1), replication_factor=integer(1),
        on_disk_payload=boolean,
    ),
    "index": record(
        ["field_name"], field_name=text,
        field_schema=either(
            one_of("keyword", "integer", "float", "geo", "text", "bool", "datetime", "uuid"),
            record(["type"], type=one_of("keyword"), is_tenant=boolean, on_disk=boolean),
            record(["type"], type=one_of("integer"), lookup=boolean, range=boolean, is_principal=boolean,
                   on_disk=boolean),
        ),
    ),
    "upsert": record(
        ["points"], points=listing(record(["id", "vector"], id=point_id, vector=vector, payload=payload))),
    "delete": either(
        record(["points"], points=listing(point_id)), record(["filter"], filter=query_filter)),
    "count": record(filter=query_filter, exact=boolean),
    "groups": record(
        ["group_by"], query=vector, filter=query_filter, params=search_parameters, group_by=text,
        group_size=integer(0, refused_below=1), limit=integer(0, refused_below=1), score_threshold=number,
        with_payload=either(boolean, listing(text)), with_vector=either(boolean, listing(text)),
    ),
}
WAITING = {"wait": r"true|false", "ordering": r"weak|medium|strong", "timeout": r"[1-9]\d*"}
READING = {"consistency": r"\d+|majority|quorum|all", "timeout": r"[1-9]\d*"}


# ---- What is kept.


def matches(condition, point):
    if "has_id" in condition:
        return point["id"] in condition["has_id"]
    value = point["payload"].get(condition["key"])
    values = value if isinstance(value, list) else [value]
    wanted = condition["match"]["any"] if "any" in condition["match"] else [condition["match"]["value"]]
    # An index on integers does not find words, nor the other way round.
    return any(type(held) is type(asked) and held == asked for held in values for asked in wanted)


def passes(filtering, point):
    def all_of(name):
        found = (filtering or {}).get(name) or []
        return found if isinstance(found, list) else [found]

    return (
        all(matches(condition, point) for condition in all_of("must"))
        and not any(matches(condition, point) for condition in all_of("must_not"))
        and (not all_of("should") or any(matches(condition, point) for condition in all_of("should")))
    )


def unit(values):
    length = math.sqrt(sum(value * value for value in values))
    return [value / length for value in values] if length > 0 else values


class Collection:
    def __init__(self, request, points=(), indexes=None, operations=0):
        self.request = request
        self.points = {str(point["id"]): point for point in points}
        self.indexes = indexes or {}
        self.operations = operations

    def state(self):
        return {
            "request": self.request, "points": list(self.points.values()), "indexes": self.indexes,
            "operations": self.operations,
        }

    def checked(self, values):
        size = self.request["vectors"].get("size")
        if size is None:
            raise Refusal(400, "Wrong input: Not existing vector name error: ")
        if len(values) != size:
            raise Refusal(400, f"Wrong input: Vector dimension error: expected dim: {size}, got {len(values)}")
        return unit(values) if self.request["vectors"]["distance"] == "Cosine" else values

    def info(self):
        def schema(field):
            if isinstance(field, str):
                return {"data_type": field, "points": len(self.points)}
            return {"data_type": field["type"], "params": field, "points": len(self.points)}

        graph = {"m": 16, "ef_construct": 100, "full_scan_threshold": 10000, "max_indexing_threads": 0, "on_disk": False}
        graph.update(self.request.get("hnsw_config") or {})
        return {
            "status": "green", "optimizer_status": "ok", "indexed_vectors_count": 0,
            "points_count": len(self.points), "segments_count": 2,
            "config": {
                "params": {
                    "vectors": self.request.get("vectors") or {}, "shard_number": 1, "replication_factor": 1,
                    "write_consistency_factor": 1, "on_disk_payload": True,
                },
                "hnsw_config": graph,
                "optimizer_config": {
                    "deleted_threshold": 0.2, "vacuum_min_vector_number": 1000, "default_segment_number": 0,
                    "flush_interval_sec": 5,
                },
                "wal_config": {"wal_capacity_mb": 32, "wal_segments_ahead": 0},
                "quantization_config": None,
            },
            "payload_schema": {name: schema(field) for name, field in self.indexes.items()},
        }

    def upsert(self, points):
        for point in points:
            self.points[str(point["id"])] = point

    def delete(self, body):
        if "points" in body:
            for name in body["points"]:
                self.points.pop(str(name), None)
        else:
            kept = [point for point in self.points.values() if not passes(body["filter"], point)]
            self.points = {str(point["id"]): point for point in kept}

    def groups(self, body):
        query = self.checked(body["query"])
        found = []
        for point in self.points.values():
            key = point["payload"].get(body["group_by"])
            # A point without the field is in no group.
            if isinstance(key, (str, int)) and passes(body.get("filter"), point):
                score = sum(a * b for a, b in zip(query, point["vector"]))
                if score >= (body.get("score_threshold") or -math.inf):
                    found.append((score, key, point))
        found.sort(key=lambda hit: -hit[0])
        groups = {}
        for score, key, point in found:
            hits = groups.setdefault(key, [])
            if len(hits) < (body.get("group_size") or 3):
                hit = {"id": point["id"], "version": point["version"], "score": score}
                if body.get("with_payload"):
                    hit["payload"] = point["payload"]
                hits.append(hit)
        listed = [{"hits": hits, "id": key} for key, hits in groups.items()]
        return {"groups": listed[: body.get("limit") or 10]}


class Store:
    """The collections, kept in a file where one is given."""

    def __init__(self, path):
        self.path = path
        self.lock = threading.RLock()
        self.collections = {}
        if path and os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                self.collections = {name: Collection(**state) for name, state in json.load(file).items()}

    def save(self):
        if self.path:
            with open(self.path + ".new", "w", encoding="utf-8") as file:
                json.dump({name: collection.state() for name, collection in self.collections.items()}, file)
            os.replace(self.path + ".new", self.path)

    def find(self, name):
        if name not in self.collections:
            raise Refusal(404, f"Not found: Collection `{name}` doesn't exist!")
        return self.collections[name]

    def create(self, name, body):
        if name in self.collections:
            raise Refusal(409, f"Wrong input: Collection `{name}` already exists!")
        self.collections[name] = Collection(body)
        self.save()
        return True

    def drop(self, name):
        if self.collections.pop(name, None) is None:
            raise Refusal(404, f"Not found: Collection `{name}` doesn't exist!")
        self.save()
        return True

    def change(self, collection, wait, operation):
        """Makes a change now, or acknowledges it and makes it later."""
        number = collection.operations
        collection.operations += 1

        def perform():
            with self.lock:
                operation(number)
                self.save()

        if wait:
            perform()
            return {"operation_id": number, "status": "completed"}
        threading.Timer(0.5, perform).start()
        return {"operation_id": number, "status": "acknowledged"}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    store = None
    api_key = None
    slow = 0.0

    def log_message(self, *_):
        pass

    def handle_request(self):
        started = time.perf_counter()
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length)
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
                points, request = self.store.find(name).points.values(), self.read(body, "count")
                return {"count": sum(passes(request.get("filter"), point) for point in points)}
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
        self.wfile.write(body)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--api-key")
    options.add_argument("--storage", help="a file that outlives the process")
    options.add_argument("--slow", type=float, default=0.0, help="seconds before every answer")
    given = options.parse_args()
    Handler.store, Handler.api_key, Handler.slow = Store(given.storage), given.api_key, given.slow
    server = ThreadingHTTPServer(("127.0.0.1", given.port), Handler)
    server.daemon_threads = True
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    # Ends with whoever started it, so that a test that crashes leaves nothing behind.
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    server.serve_forever()


if __name__ == "__main__":
    main()
