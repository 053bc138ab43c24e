"""Complaints about spam, as feedback loops and SpamCop send them; everybody in them is made up."""

from __future__ import annotations

ACCUSED = "192.0.2.66"
IDENTITY = (  # of who complains: none of it may reach the accused
    *("robin.smith", "robin smith", "robin", "smith", "victim.example", "mx7", "other.person", "isp-mail.example"),
    *("feedback@", "cm9iaW5Admlj", "track-93af1c"),
)
OFFENDING = f"""Return-Path: <bounce-robin.smith=victim.example@spam.example>
Delivered-To: robin.smith@victim.example
Received: from mx7.victim.example (mx7.victim.example [198.51.100.7]) by store.victim.example with LMTP id abc
 for <robin.smith@victim.example>; Tue, 24 Nov 2026 03:16:40 +0000
Received: from cheap.spam.example (host66.pool.example [{ACCUSED}]) by mx7.victim.example (Postfix) with ESMTP id 4F1
 for <robin.smith@victim.example>; Tue, 24 Nov 2026 03:16:38 +0000
Received: from laptop (unknown [10.1.2.3]) by cheap.spam.example with SMTP; Tue, 24 Nov 2026 03:16:01 +0000
From: "Cheap Pills" <offers@spam.example>
Reply-To: robin.smith@victim.example
To: "Robin Smith" <robin.smith@victim.example>
Cc: other.person@victim.example
Subject: =?utf-8?q?Robin=2C_your_pills_are_waiting?=
Date: Tue, 24 Nov 2026 03:15:59 +0000
Message-ID: <20261124.4711@cheap.spam.example>
List-Unsubscribe: <https://spam.example/u/track-93af1c>
X-Mailer: BulkSend 3
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

Dear Robin Smith,
buy at https://shop.spam.example/offer/track-93af1c?u=cm9iaW5AdmljdGltLmV4YW1wbGU=#robin now, or write to
sales@spam.example. Your mail robin.smith@victim.example is confirmed, code cm9iaW5Admljabcdefghijklmnopq.
--part1--
From here on nothing.
"""


def arf(offending: str = OFFENDING, kind: str = "message/rfc822", source: str = ACCUSED) -> bytes:
    return f"""From: <feedback@isp-mail.example>
To: <reports@cert.example>
Subject: FW: your pills
Date: Tue, 24 Nov 2026 04:00:00 +0000
Message-ID: <fbl-1@isp-mail.example>
Received: from isp-mail.example by cert.example; Tue, 24 Nov 2026 04:00:01 +0000
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="part1"

--part1
Content-Type: text/plain

This is an email abuse report for an email message received from IP {source}.
--part1
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: SomeGenerator/1.0
Version: 1
Original-Mail-From: <bounce-robin.smith=victim.example@spam.example>
Original-Rcpt-To: <robin.smith@victim.example>
Arrival-Date: Tue, 24 Nov 2026 03:16:38 +0000
Reporting-MTA: dns; mx7.victim.example
Source-IP: {source}
Authentication-Results: mx7.victim.example; spf=fail smtp.mailfrom=spam.example

--part1
Content-Type: {kind}
Content-Disposition: inline

{offending.replace("--part1--", "-- part1 --")}
--part1--
""".encode()
