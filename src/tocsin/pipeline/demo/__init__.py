"""A provider that does not exist: its customers, its logs, its CERT's feed, and the truth about every sighting.

Nothing here knows how an attribution works. The world is simulated second by second (`world.py`, `life.py`,
`scenes_*.py`), its machines write their files (`radius.py`, `feed.py`, `tables.py`), and the truth is taken from the
world alone (`truth.py`), so that `score.py` can mark whoever answers.
"""

from tocsin.pipeline.demo.generate import Demo, generate
from tocsin.pipeline.demo.score import Answer, Key, Surprise, Table, key_of, score
from tocsin.pipeline.demo.truth import Occupancy, Truth, read_truth

__all__ = [
    "Answer",
    "Demo",
    "Key",
    "Occupancy",
    "Surprise",
    "Table",
    "Truth",
    "generate",
    "key_of",
    "read_truth",
    "score",
]
