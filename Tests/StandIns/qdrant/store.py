"""The collections, and changes that take effect now or later."""

import json
import os
import threading

from collection import Collection
from refusals import Refusal


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
