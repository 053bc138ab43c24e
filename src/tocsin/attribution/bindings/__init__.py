"""Who held which network, and when: one reader a log format, the fold of their records, and what the logs cover."""

from tocsin.attribution.bindings.coverage import make_coverage
from tocsin.attribution.bindings.fold import Folded, Rules, UsualLines, fold_days
from tocsin.attribution.bindings.logs import LogConfig
from tocsin.attribution.bindings.read import READERS, LogRead, read_log

__all__ = [
    "READERS",
    "Folded",
    "LogConfig",
    "LogRead",
    "Rules",
    "UsualLines",
    "fold_days",
    "make_coverage",
    "read_log",
]
