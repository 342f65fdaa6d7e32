"""What the whole suite shares: which files are material for tests and not tests."""

collect_ignore_glob = [
    "documentation/programs/*",  # the documentation's own test is run as its reader would run it
    "typing/mistakes/*",  # checked by the type checkers, never run
]
