"""`tocsin watch --follow --send` and `--report`: what waits goes out once a rest, as long as the log is followed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime, timedelta

from tocsin.engine import Engine
from tocsin.notices.reports.compose import compose_report
from tocsin.notices.reports.group import Offence
from tocsin.pipeline.house import House
from tocsin.pipeline.report_filing import file_reports
from tocsin.pipeline.report_outbox import send_reports
from tocsin.pipeline.watch_asked import Asked, reporter_of, speaker
from tocsin.pipeline.watch_pending import Pending, names_of, names_unknown
from tocsin.pipeline.watch_report import groups_of
from tocsin.pipeline.watch_screen import print_report, print_sent, print_unknown

_MEMORY = "300MB"


class Sending:
    """Keeps and sends, as `watch --send` does, with a house that is open for as long as that takes."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked

    def tell(self, offences: Sequence[Offence], now: datetime) -> frozenset[str]:
        """The names of what was told, or has nobody to be told; contacts that rest, or are held, hear of it later."""
        asked = self._asked
        with House.open(config_file=asked.config_file, data=asked.data, now=now) as house:
            groups, unknown = groups_of(house.lake, offences, asked.form or "xarf")
            filed = file_reports(house, groups)
            print_unknown(unknown)
            carried = send_reports(house)
        if filed.kept or filed.held or carried.sent or carried.refused or carried.uncertain or carried.trouble:
            print_sent(filed, carried)
            sys.stdout.flush()
        later = (*filed.resting, *(contact for contact, _ in filed.held))
        return names_of(groups, but=later) | names_unknown(unknown)


class Showing:
    """Prints, as `watch --report` does; a contact rests here too, so that a screen is no flood."""

    def __init__(self, asked: Asked, pending: Pending) -> None:
        self._asked, self._pending = asked, pending
        self._rest = timedelta(hours=asked.rest_hours)
        if asked.config_file is None:
            reporter_of(asked.reporter)  # said before a log is followed

    def tell(self, offences: Sequence[Offence], now: datetime) -> frozenset[str]:
        """As `Sending.tell`."""
        asked, pending = self._asked, self._pending
        with Engine(pending.folder / "work" / "reports", memory=_MEMORY) as engine, speaker(engine, asked, now) as said:
            lake, reporter, secret = said
            groups, unknown = groups_of(lake, offences, asked.form or "xarf")
        resting = {each.contact.mail for each in groups if pending.rests(each.contact.mail, now, self._rest)}
        for group in groups:
            if group.contact.mail not in resting:
                print_report(compose_report(group, reporter, secret=secret, at=now), reporter)
        print_unknown(unknown)
        sys.stdout.flush()
        return names_of(groups, but=resting) | names_unknown(unknown)
