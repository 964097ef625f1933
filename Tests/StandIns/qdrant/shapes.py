"""The kinds of values in a request. A shape takes a value and its place, and complains or returns nothing."""

import math

from refusals import Refusal, malformed


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
