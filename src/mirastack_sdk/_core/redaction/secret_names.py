"""Names whose values are secret, such as `password` and `api_key`, in any spelling."""

import functools
import re

_SECRET = re.compile(
    r"""pass(?:word|wd|phrase|code|wort) | pwd | secret | credential | authorization | cookie | jwt
      | token (?! s\b | i[sz] | [_-]?(?:count|limit|usage|budget|type) )
      | (?:api|access|account|private|encryption|signing|shared|auth|session|subscription|master)
        [ _.-]? key
      | connection [ _.-]? string | conn_?str | session_?id | security_?answer | private_?pem
      | (?<![a-z]) (?: otp | dsn ) (?![a-z])
    """,
    re.VERBOSE | re.IGNORECASE,
)


@functools.lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Whether a value under this name is taken for a secret; in case of doubt it is."""
    return _SECRET.search(name) is not None
