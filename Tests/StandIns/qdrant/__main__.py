"""Stands in for a Qdrant server where none can be had: the part of its REST interface that Fuze speaks.

    python3 Tests/StandIns/qdrant [--port 0] [--api-key KEY] [--storage FILE] [--slow SECONDS] [--stall-body SECONDS]
                                  [--largest-request BYTES]

Written from Qdrant's OpenAPI description (1.11 to 1.19) and the error texts of its source. It is stricter than the real
server: a field that the description does not name, or a value of another type, is refused, also where the real one
would ignore it. It searches exactly, where the real one may miss some of what is near. Writes without `wait=true` are
acknowledged and take effect half a second later. The first line of its output is its address; it ends when its standard
input does.
"""

import argparse
import os
import sys
import threading
from http.server import ThreadingHTTPServer

from server import Handler
from store import Store


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--api-key")
    options.add_argument("--storage", help="a file that outlives the process")
    options.add_argument("--slow", type=float, default=0.0, help="seconds before every answer")
    options.add_argument("--stall-body", type=float, default=0.0, help="seconds before every byte of an answer's body")
    options.add_argument("--largest-request", type=int, help="bytes of a body; a larger one is refused")
    given = options.parse_args()
    Handler.store, Handler.api_key, Handler.slow = Store(given.storage), given.api_key, given.slow
    Handler.stall_body, Handler.largest_request = given.stall_body, given.largest_request
    server = ThreadingHTTPServer(("127.0.0.1", given.port), Handler)
    server.daemon_threads = True
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    # Ends with whoever started it, so that a test that crashes leaves nothing behind.
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    server.serve_forever()


if __name__ == "__main__":
    main()
