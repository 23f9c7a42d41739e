"""What the tests of the C++ API have in common."""

import pytest
from doors import assert_books_balance


@pytest.fixture
def run_beside_collector(build, plugin, kafka):
    """Runs a situation of one of the programs here beside `waybill collect`; returns its lines, its two topics, and its spans."""

    def run(program, situation, sink, **variables):
        topics = kafka.topic(), kafka.topic()
        result = plugin.run(sink, build / "hosts" / program, situation, kafka.address, *topics, **variables)
        assert result.returncode == 0, result.stdout + result.stderr
        books = plugin.books()
        assert_books_balance(books)
        assert books["exporters"]["exported"] == books["exporters"]["submitted"]
        return result.stdout.splitlines(), topics, sink.spans()

    return run
