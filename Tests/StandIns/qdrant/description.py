"""What Qdrant's OpenAPI description lets requests hold."""

import uuid

from refusals import malformed
from shapes import boolean, either, integer, listing, number, one_of, record, text


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
    "scroll": record(
        filter=query_filter, offset=point_id, limit=integer(0, refused_below=1),
        with_payload=either(boolean, listing(text)), with_vector=either(boolean, listing(text)),
    ),
    "groups": record(
        ["group_by"], query=vector, filter=query_filter, params=search_parameters, group_by=text,
        group_size=integer(0, refused_below=1), limit=integer(0, refused_below=1), score_threshold=number,
        with_payload=either(boolean, listing(text)), with_vector=either(boolean, listing(text)),
    ),
}
WAITING = {"wait": r"true|false", "ordering": r"weak|medium|strong", "timeout": r"[1-9]\d*"}
READING = {"consistency": r"\d+|majority|quorum|all", "timeout": r"[1-9]\d*"}
