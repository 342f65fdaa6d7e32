"""The garbage collector, while modules are imported."""

import gc
from collections.abc import Iterator

import pytest

from mirastack_sdk._deferred.collector import deferred_collection


@pytest.fixture(autouse=True)
def _enabled() -> Iterator[None]:
    was_enabled = gc.isenabled()
    gc.enable()
    # What the tests have frozen themselves; see tests/conftest.py.
    gc.unfreeze()
    yield
    gc.freeze()
    (gc.enable if was_enabled else gc.disable)()


def test_nothing_is_collected_meanwhile() -> None:
    """However much an import creates, the collector does not look at it."""
    before = gc.get_stats()
    with deferred_collection():
        created: list[list[int]] = [[] for _ in range(10 * gc.get_threshold()[0])]
        assert gc.get_stats() == before
    assert created


def test_what_was_created_is_old() -> None:
    """The next collections of young objects do not look at what an import has created."""
    with deferred_collection():
        created: list[object] = [object(), []]
    assert any(found is created for found in gc.get_objects(generation=2))


def test_garbage_is_collected_afterwards() -> None:
    """What an import leaves behind is collected with other old objects."""
    with deferred_collection():
        created: list[object] = []
        created.append(created)
        del created
    assert gc.isenabled()
    assert gc.collect() >= 1


def test_an_error_does_not_turn_the_collector_off() -> None:
    """After an import that fails, the collector goes on."""
    with pytest.raises(ImportError), deferred_collection():
        raise ImportError
    assert gc.isenabled()


def test_a_collector_that_is_off_stays_off() -> None:
    """A program may have turned the collector off."""
    gc.disable()
    with deferred_collection():
        assert not gc.isenabled()
    assert not gc.isenabled()


def test_what_the_program_has_frozen_stays_frozen() -> None:
    """A program may have frozen what it shares with its forks."""
    gc.freeze()
    frozen = gc.get_freeze_count()
    with deferred_collection():
        pass
    assert gc.get_freeze_count() == frozen > 0
