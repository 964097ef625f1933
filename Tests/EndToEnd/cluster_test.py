"""Fuze on many processes: two instances behind nginx, a worker, PostgreSQL with a replica, Redis.

Not among the tests that are found by themselves, for it needs all of those programs:

    scripts/end-to-end.sh release cluster_test
    scripts/end-to-end.sh release cluster_faults.Faults.test_redis
"""

PARTS = ("cluster_instances", "cluster_faults", "cluster_commands")


def load_tests(loader, _tests, _pattern):
    return loader.loadTestsFromNames(PARTS)
