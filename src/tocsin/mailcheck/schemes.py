"""What a mail asks of its reader and how it presses him: ideas that mean something only together, in one table.

One idea alone means nothing: a genuine notice is urgent, speaks of viruses and has links as well. A row names what must
stand there together, and why no honest sender needs it so. Ideas and their words are in `lexicon/`.
"""

from __future__ import annotations

import msgspec

from tocsin.mailcheck.wording import NEAR, Wording

_FAR = 90  # characters, of what is told in one long sentence


class Scheme(msgspec.Struct, frozen=True):
    """`near`: pairs of ideas in one clause, all of them. `has`: all of them somewhere. `some`: one of them somewhere.
    `most`: so many different words of an idea, at least. `lacks`: none of them anywhere."""

    code: str
    near: tuple[tuple[str, str], ...] = ()
    has: tuple[str, ...] = ()
    some: tuple[str, ...] = ()
    most: tuple[tuple[str, int], ...] = ()
    lacks: tuple[str, ...] = ()
    within: int = NEAR  # characters between the ideas of a pair

    def place(self, wording: Wording) -> int | None:
        """Where it stands; None if it does not."""
        if not wording.has(*self.has) or any(idea in wording.places for idea in self.lacks):
            return None
        if self.some and not any(idea in wording.places for idea in self.some):
            return None
        if any(wording.count(idea) < least for idea, least in self.most):
            return None
        places = [wording.near(first, second, self.within) for first, second in self.near]
        if any(place is None for place in places):
            return None
        first = [place for place in places if place is not None]
        ideas = [idea for idea, _ in self.most] + list(self.has)
        return first[0] if first else min(wording.places[idea][0] for idea in ideas)


REQUESTS: tuple[Scheme, ...] = (
    # A service has your secrets already, or must never have them.
    Scheme("asks-secret", near=(("secret", "confirm"),)),
    Scheme("asks-secret", near=(("secret", "reply"),)),
    Scheme(
        "asks-secret", near=(("secret", "click"),), lacks=("change", "warns", "requested")
    ),  # to change it is good advice
    # "Confirm your account here": the page behind the link is what fraud is made of.
    Scheme("asks-confirm", near=(("confirm", "account"),), has=("click",)),
    # Money: a bill that is paid through a link or by an attached form.
    Scheme("asks-pay", near=(("pay", "bill"),), some=("click", "attached", "secret")),
    Scheme("asks-pay", near=(("bill", "account"), ("confirm", "account")), has=("click",)),
    Scheme("asks-fee", near=(("pay", "parcel"),), some=("click", "reply", "confirm")),
    Scheme("asks-fee", near=(("parcel", "confirm"),), has=("parcel", "click"), most=(("parcel", 2),)),
    Scheme("asks-coins", near=(("coin", "confirm"),), has=("click",)),
    Scheme("asks-coins", near=(("coin", "prize"),)),
    Scheme("asks-coins", near=(("coin", "pay"),), most=(("coin", 2),)),
    Scheme("asks-coupons", near=(("coupon", "pay"),), has=("reply",)),
    Scheme("asks-coupons", has=("coupon", "errand")),
    # Where the next bill is to be paid to is settled on the telephone, by a number that is known already.
    Scheme("asks-other-account", near=(("rebank", "pay"),), within=_FAR),
    Scheme("asks-other-account", has=("rebank", "bill")),
    # A program from a mail: whoever sends one to be run can do anything with the machine.
    Scheme("asks-install", near=(("install", "must"), ("install", "malware")), lacks=("offered", "scanner")),
    Scheme("asks-install", near=(("install", "suspend"), ("install", "must")), lacks=("offered", "scanner")),
    Scheme("asks-install", near=(("install", "must"), ("install", "malware")), has=("removal",), lacks=("offered",)),
    Scheme("asks-install", near=(("removal", "hand-out"),)),
    Scheme("asks-install", near=(("install", "attached"),)),
    Scheme("asks-install", near=(("install", "click"), ("install", "malware")), lacks=("offered", "scanner")),
    # A number that stands in the mail, for a charge or an infection that frightens: the call is the fraud.
    Scheme("asks-call", near=(("call", "cancel"),), has=("bill",)),
    Scheme("asks-call", near=(("call", "denied"),), has=("bill",)),
    Scheme("asks-call", near=(("call", "malware"),), some=("number", "support")),
    Scheme("asks-call", has=("call", "bill", "protect")),
    Scheme("asks-call", near=(("utility", "suspend"),), has=("call", "bill", "haste"), within=_FAR),
    Scheme("asks-call", has=("number", "bill", "protect")),
    Scheme("asks-reply", near=(("reply", "fortune"),), most=(("fortune", 2),)),
    Scheme(
        "asks-open", near=(("attached", "open"),), some=("police", "suspend", "malware"), lacks=("warns",), within=_FAR
    ),
    Scheme("asks-open", near=(("follow", "malware"),), lacks=("scanner", "warns"), within=_FAR),
    Scheme("asks-open", near=(("attached", "pay"),), has=("suspend",)),
    Scheme("asks-open", near=(("voice", "click"),)),
)
SCHEMES: tuple[Scheme, ...] = (
    # Tells of an infection and hands out the remedy: since 2016 a common fraud. Real notices leave the program to you.
    *(
        Scheme("scheme-remover", near=(("removal", asked),), has=("malware",), lacks=("offered",))
        for asked in ("install", "must", "hand-out")
    ),
    # Nobody who makes systems or programs watches yours, and none asks to be rung up about it.
    Scheme("scheme-support", near=(("call", "support"),), has=("malware",)),
    Scheme("scheme-support", near=(("malware", "support"),), has=("call",)),
    Scheme("scheme-extortion", has=("coin",), most=(("hacked", 2),)),
    Scheme("scheme-extortion", near=(("hacked", "pay"),), most=(("hacked", 3),)),
    Scheme("scheme-advance-fee", has=("reply",), most=(("fortune", 3),)),
    Scheme("scheme-advance-fee", most=(("fortune", 5),)),
    Scheme("scheme-advance-fee", near=(("loan", "reply"),), most=(("loan", 2),), within=_FAR),
    Scheme("scheme-coins", has=("click",), most=(("coin", 3),)),
    Scheme("scheme-prize", near=(("prize", "click"),), most=(("prize", 2),)),
    Scheme("scheme-prize", most=(("prize", 3),)),
    Scheme("scheme-prize", has=("won",)),
    Scheme("scheme-prize", near=(("prize", "coupon"),)),
    Scheme("scheme-sign-in", near=(("signin", "account"),), has=("click",)),
    Scheme("scheme-sign-in", near=(("signin", "click"),)),
    Scheme("scheme-mailbox", near=(("quota", "account"),), some=("click", "confirm")),
    Scheme("scheme-mailbox", near=(("quota", "suspend"),), some=("click", "confirm")),
    Scheme("scheme-antivirus", near=(("protect", "suspend"),), some=("click", "pay", "bill")),
    Scheme("scheme-antivirus", near=(("protect", "confirm"),), some=("suspend", "bargain")),
    Scheme("scheme-antivirus", near=(("protect", "bargain"),), some=("click", "malware")),
    Scheme("scheme-antivirus", near=(("protect", "malware"),), has=("suspend", "haste")),
    Scheme("scheme-accusation", some=("attached", "pay", "suspend"), most=(("police", 3),)),
    *(
        Scheme("scheme-accusation", near=(("police", asked),), most=(("police", 2),))
        for asked in ("attached", "pay", "suspend", "click", "call")
    ),
    Scheme("scheme-locked", near=(("suspend", "system"), ("police", "suspend"))),  # no authority locks machines
    # Whoever sends a bill knows whose it is, or has a number for it (asks.py looks for one).
    *(
        Scheme("scheme-nameless-bill", near=(("pay", "bill"),), has=("greeting", means))
        for means in ("click", "attached", "secret")
    ),
    Scheme("scheme-nameless-bill", near=(("attached", "pay"),), some=("greeting", "suspend")),
    Scheme("scheme-refund", near=(("cancel", "click"),), within=_FAR, some=("secret", "account", "bill")),
    *(Scheme("scheme-refund", near=(("benefit", asked),), within=_FAR) for asked in ("click", "confirm", "secret")),
    Scheme("scheme-dating", near=(("dating", "dating"),), some=("click", "reply")),
    Scheme("scheme-dating", most=(("dating", 3),)),
    Scheme("scheme-dating", near=(("dating", "click"),)),
    Scheme("scheme-cure", most=(("remedy", 2),)),
    Scheme("scheme-cure", near=(("remedy", "click"),)),
    Scheme("scheme-gambling", most=(("gamble", 2),)),
    Scheme("scheme-gambling", near=(("gamble", "prize"),), has=("click",)),
    Scheme("scheme-profit", most=(("profit", 2),)),
    Scheme("scheme-profit", near=(("profit", "coin"),)),
    Scheme("scheme-job", most=(("job", 2),)),
    Scheme("scheme-job", near=(("job", "reply"),)),
)
# How the reader is pressed. A genuine notice is urgent, too: told only beside a request or a scheme.
PRESSURE: tuple[Scheme, ...] = (
    Scheme("presses-threat", near=(("suspend", "account"),)),
    Scheme("presses-threat", near=(("suspend", "pay"),), within=_FAR),
    Scheme("presses-threat", near=(("suspend", "police"),)),
    *(
        Scheme("presses-haste", near=(("haste", asked),))
        for asked in ("click", "confirm", "pay", "suspend", "prize", "call")
    ),
    Scheme("greets-nobody", has=("greeting",)),
)
# What may be said in any honest mail.
TOLD: tuple[Scheme, ...] = (Scheme("advertises", has=("bargain",)),)
