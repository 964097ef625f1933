"""A collection: its points, and what is found among them."""

import math

from refusals import Refusal


def matches(condition, point):
    if "has_id" in condition:
        return point["id"] in condition["has_id"]
    value = point["payload"].get(condition["key"])
    values = value if isinstance(value, list) else [value]
    wanted = condition["match"]["any"] if "any" in condition["match"] else [condition["match"]["value"]]
    # An index on integers does not find words, nor the other way round.
    return any(held in wanted and type(wanted[wanted.index(held)]) is type(held) for held in values)


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

    def count(self, body):
        return {"count": sum(passes(body.get("filter"), point) for point in self.points.values())}

    def scroll(self, body):
        """A page of points, numbers before UUIDs."""

        def order(name):
            return (isinstance(name, str), name)

        first = body.get("offset")
        found = [
            point for point in self.points.values()
            if passes(body.get("filter"), point) and (first is None or order(point["id"]) >= order(first))
        ]
        found.sort(key=lambda point: order(point["id"]))
        limit = body.get("limit") or 10
        page = [
            {
                "id": point["id"], "payload": point["payload"] if body.get("with_payload", True) else None,
                "vector": point["vector"] if body.get("with_vector") else None,
            }
            for point in found[:limit]
        ]
        return {"points": page, "next_page_offset": found[limit]["id"] if len(found) > limit else None}

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
