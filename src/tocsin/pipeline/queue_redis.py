"""Redis lists, as IntelMQ's bots use them: senders push on the left, receivers take from the right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from redis import Redis, RedisError

from tocsin.pipeline.queues import BATCH_BYTES_MAX, BATCH_MESSAGES_MAX, WAIT_S, Place

FAILURES: tuple[type[Exception], ...] = (RedisError, OSError)
_STEP = 500  # commands that go to the server at once


class Inbox:
    """Messages wait in `QUEUE:tocsin` from when they are taken until they are kept. One that was there is taken first.

    They are removed by value, not by number: two that read one queue at once never remove what the other has not kept.
    """

    def __init__(self, place: Place) -> None:
        self._redis = _connected(place)
        self._queue, self._held = place.queue, f"{place.queue}:tocsin"
        self._taken: list[bytes] = []

    def waiting(self) -> int:
        return int(self._redis.llen(self._queue)) + int(self._redis.llen(self._held))

    def take(self) -> list[bytes]:
        self._taken = self._held_before() or self._moved()
        return self._taken

    def done(self) -> None:
        for start in range(0, len(self._taken), _STEP):
            pipeline = self._redis.pipeline(transaction=False)
            for message in self._taken[start : start + _STEP]:
                pipeline.lrem(self._held, -1, cast(str, message))  # from the right, where the oldest are
            pipeline.execute()
        self._taken = []

    def close(self) -> None:
        self._redis.close()

    def _held_before(self) -> list[bytes]:
        """What a run took that was killed before it was done."""
        found = cast("list[bytes]", self._redis.lrange(self._held, -BATCH_MESSAGES_MAX, -1))
        return found[::-1]

    def _moved(self) -> list[bytes]:
        moved: list[bytes] = []
        size = 0
        while len(moved) < BATCH_MESSAGES_MAX and size < BATCH_BYTES_MAX:
            pipeline = self._redis.pipeline(transaction=False)
            for _ in range(min(_STEP, BATCH_MESSAGES_MAX - len(moved))):
                pipeline.lmove(self._queue, self._held, "RIGHT", "LEFT")
            found = [message for message in pipeline.execute() if message is not None]
            if not found:
                break
            moved += found
            size += sum(map(len, found))
        return moved


class Outbox:
    """Sends messages; several go at once."""

    def __init__(self, place: Place) -> None:
        self._redis = _connected(place)
        self._queue = place.queue

    def send(self, messages: Sequence[bytes]) -> None:
        for start in range(0, len(messages), _STEP):
            self._redis.lpush(self._queue, *messages[start : start + _STEP])

    def close(self) -> None:
        self._redis.close()


def _connected(place: Place) -> Redis:
    redis = Redis.from_url(f"{place.server}/{place.room}", socket_timeout=WAIT_S, socket_connect_timeout=WAIT_S)
    try:
        redis.ping()
    except Exception:
        redis.close()
        raise
    return redis
