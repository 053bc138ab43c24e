"""How much of a machine is looked at. What lies past a bound is told as not seen; it is never called clean."""

from __future__ import annotations

# Walking
DEPTH_MAX = 64  # folders within folders; each holds a descriptor open while it is walked
FOLDER_ENTRIES_MAX = 200_000  # of one folder
FILES_MAX = 2_000_000  # of one scan
LINKS_MAX = 40  # that are followed within a disk to find one of our own places, as Linux does
SCAN_S_MAX = 6 * 3_600
SCAN_S = 3_600  # unless told otherwise

# One file
HASH_BYTES_MAX = 2 * 1024**3  # a larger file is not read
RULE_BYTES_MAX = 64 * 1024**2  # of a file that the rules see
RULE_S_MAX = 20  # of the rules on one file
FILE_S_MAX = 120.0  # of one file in all; then its examiner is killed
EXAMINER_BYTES_MAX = 2 * 1024**3  # of memory
EXAMINERS_MAX = 50  # that may die in one scan
MATCHES_MAX = 20  # rules told of one file
PATTERN_MATCHES_MAX = 100

# What the reader gives
RULE_FILES_MAX = 5_000
RULES_BYTES_MAX = 64 * 1024**2
LIST_BYTES_MAX = 512 * 1024**2  # of one list, unpacked
LIST_ENTRIES_MAX = 2_000_000  # of all lists of a kind
LIST_LINE_CHARACTERS_MAX = 4_096
LIST_FIELDS_MAX = 12  # of a line that are looked at for a hash or an address

# What starts by itself
AUTOSTART_BYTES_MAX = 256 * 1024  # of a text
AUTOSTART_FILES_MAX = 5_000  # of one place
AUTOSTART_ENTRIES_MAX = 20_000
COMMAND_CHARACTERS_MAX = 2_000
HOMES_MAX = 500
REGISTRY_BYTES_MAX = 256 * 1024**2  # of an export or a hive
HIVE_CELLS_MAX = 200_000  # visited in one hive
HIVE_VALUE_BYTES_MAX = 16_344  # of one value; a longer one is split over cells and left out

# What is running
PROCESSES_MAX = 20_000
CONNECTIONS_MAX = 100_000

# The vault
SEALED_CHUNK_BYTES = 1024 * 1024
SEALED_HEADER_BYTES_MAX = 256 * 1024
ATTRIBUTES_BYTES_MAX = 64 * 1024  # of a file's extended attributes
VAULT_FILES_MAX = 100_000

# What is told
SHOWN_CHARACTERS_MAX = 400
FINDINGS_MAX = 100_000
