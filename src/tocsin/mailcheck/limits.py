"""How much of a stranger's mail is looked at. What lies past a bound is said to be unchecked; it is never guessed."""

from __future__ import annotations

MAIL_BYTES_MAX = 4 * 1024 * 1024
MAIL_BOUNDARY_LINES_MAX = 5_000  # lines that begin with `--`, each of which may begin a part
MAIL_STATUS_LINES_MAX = 5_000  # empty lines of a mail with a delivery status, each of which may begin a block
HEADERS_MAX = 1_000
HEADER_CHARACTERS_MAX = 65_536
HEADER_SHOWN_CHARACTERS_MAX = 4_000
PARTS_MAX = 200
PARTS_DEPTH_MAX = 20
PART_CHARACTERS_MAX = 262_144  # of a text that is read
HOPS_MAX = 1_000  # Received headers
HOP_WORDS_MAX = 200  # words of one
HOPS_TRUSTED_MAX = 50  # that can be those of one provider
WALK_QUERIES_MAX = 8  # RFC 9989 §4.10
POLICY_BYTES_MAX = 4_096  # of a DMARC record
POLICY_TAGS_MAX = 100
SPF_QUERIES_MAX = 75  # RFC 7208 §4.6.4 allows ten terms, each of which may ask for ten hosts
SPF_TIME_S_MAX = 4.0
RESULT_HEADERS_MAX = 50  # Authentication-Results
RESULTS_MAX = 50  # of one of them
ARC_SETS_MAX = 20  # RFC 8617 §4.2.1 allows 50; nobody's mail has that many
ARC_BODY_BYTES_MAX = 1_048_576
CLOCK_MARGIN_S = 36_000  # a signer's clock may be this much ahead, as dkimpy allows
SIGNATURES_MAX = 8
SIGNED_NAMES_MAX = 200  # names in h=
SIGNED_HEADERS_BYTES_MAX = 131_072  # of all headers of a mail whose signatures are checked
SIGNATURE_BYTES_MAX = 4_096
SIGNATURE_BLANKS_MAX = 80  # white space in a row within a DKIM-Signature
KEY_RECORD_BYTES_MAX = 4_096
RSA_BITS_MIN = 1_024  # RFC 8301 §3.2
RSA_BITS_MAX = 4_096
RSA_EXPONENT_MAX = 2**32
LINES_MAX = 400  # of a text that is searched for a notice quoted within it
EVIDENCE_CHARACTERS_MAX = 240
FINDINGS_MAX = 60
ZONE_BYTES_MAX = 1_048_576
CACHE_BYTES_MAX = 64 * 1024 * 1024  # of a DNS cache
CACHE_ANSWERS_MAX = 500_000
DNS_QUESTION_S_MAX = 2.0  # online
DNS_MAIL_S_MAX = 5.0  # for all questions about one mail
DNS_QUESTIONS_MAX = 120
DNS_ANSWERS_MAX = 60  # to one question

# What people hand in
PASTED_HEADER_BYTES_MAX = 65_536  # in which something pasted must show that it begins with headers
OUTLOOK_STREAM_BYTES_MAX = 16 * 1024 * 1024  # of one property; a longer one is left out
OUTLOOK_DEPTH_MAX = 3  # of mails attached to mails
STANDARD_INPUT_OUTLOOK_BYTES_MAX = 64 * 1024 * 1024
FOLDER_FILES_MAX = 1_000_000
LINE_BYTES_MAX = 1_048_576  # that is read at once of a mailbox
WORDING_CHARACTERS_MAX = 8_000  # of what a mail shows that is read for requests and threats
WORDS_MAX = 2_000
