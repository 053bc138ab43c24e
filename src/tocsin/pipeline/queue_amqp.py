"""AMQP 0-9-1 (RabbitMQ): a message is acknowledged when it is kept; one that is sent is confirmed by the broker."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

import pika
from pika.exceptions import AMQPError

from tocsin.pipeline.queues import BATCH_BYTES_MAX, BATCH_MESSAGES_MAX, WAIT_S, Place

FAILURES: tuple[type[Exception], ...] = (AMQPError, OSError)
HEARTBEAT_S = 600  # while a batch is read nobody answers the broker
_IDLE_S = 1.0  # a queue that gives nothing for so long is empty
_PERSISTENT = 2


class Inbox:
    """What was not acknowledged is delivered again by the broker once the connection is gone."""

    def __init__(self, place: Place) -> None:
        self._connection = _connected(place)
        self._channel = self._connection.channel()
        self._queue = place.queue
        self._channel.basic_qos(prefetch_count=BATCH_MESSAGES_MAX)
        self._last = 0

    def waiting(self) -> int:
        return int(self._channel.queue_declare(self._queue, passive=True).method.message_count)

    def take(self) -> list[bytes]:
        messages: list[bytes] = []
        size = 0
        for method, _, body in self._channel.consume(self._queue, inactivity_timeout=_IDLE_S):
            if method is None:
                break
            messages.append(body)
            size += len(body)
            self._last = method.delivery_tag
            if len(messages) >= BATCH_MESSAGES_MAX or size >= BATCH_BYTES_MAX:
                break
        return messages

    def done(self) -> None:
        """Waits for the broker: an acknowledgement that was only sent may be lost with the connection."""
        if self._last:
            self._channel.basic_ack(self._last, multiple=True)
            self._channel.queue_declare(self._queue, passive=True)
            self._last = 0

    def close(self) -> None:
        if self._connection.is_open:
            self._connection.close()


class Outbox:
    """Sends to a queue that must be there; the broker confirms each message."""

    def __init__(self, place: Place) -> None:
        self._connection = _connected(place)
        self._channel = self._connection.channel()
        self._queue = place.queue
        self._channel.queue_declare(self._queue, passive=True)
        self._channel.confirm_delivery()

    def send(self, messages: Sequence[bytes]) -> None:
        kept = pika.BasicProperties(delivery_mode=_PERSISTENT, content_type="application/json")
        for message in messages:
            self._channel.basic_publish("", self._queue, message, kept, mandatory=True)

    def close(self) -> None:
        if self._connection.is_open:
            self._connection.close()


def _connected(place: Place) -> pika.BlockingConnection:
    parameters = pika.URLParameters(f"{place.server}/{quote(place.room, safe='')}")
    parameters.heartbeat = HEARTBEAT_S
    parameters.socket_timeout = parameters.blocked_connection_timeout = WAIT_S
    return pika.BlockingConnection(parameters)
