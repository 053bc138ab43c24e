"""That something has changed, as one number; and that a form has been acted on already."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from tocsin.book.book import Transaction
from tocsin.book.tables_desk import done_once, ticks

CASES = "cases"  # cases, their notes and verdicts
FORM_MAX = 40  # characters
_FORMS_KEPT = timedelta(days=2)  # nobody sends a form twice after that


def tick(tx: Transaction, name: str = CASES) -> None:
    """Say to whoever watches that something of that name has changed. In the transaction of the change."""
    more = ticks.update().where(ticks.c.name == name).values(number=ticks.c.number + 1)
    if tx.execute(more).rowcount == 0:
        tx.execute(ticks.insert().values(name=name, number=1))


def ticked(tx: Transaction, name: str = CASES) -> int:
    """How often it has changed; another number than before means that it has."""
    return tx.execute(sa.select(ticks.c.number).where(ticks.c.name == name)).scalar_one_or_none() or 0


def first_time(tx: Transaction, form: str, at: datetime) -> bool:
    """Whether this form has not been acted on before; from now on it has. In the transaction of the action."""
    if tx.execute(sa.select(done_once.c.form).where(done_once.c.form == form[:FORM_MAX])).one_or_none() is not None:
        return False
    tx.execute(done_once.delete().where(done_once.c.at < at - _FORMS_KEPT))
    tx.execute(done_once.insert().values(form=form[:FORM_MAX], at=at))
    return True
