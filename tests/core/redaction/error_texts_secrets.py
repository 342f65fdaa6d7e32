"""Texts of real exceptions with secrets and paths, and what redaction must remove."""

__all__ = ["SECRETS_AND_PATHS"]

PEM = """-----BEGIN RSA PRIVATE KEY-----
MIIEowIBAAKCAQEA0Z3VS5JJcds3xfn/ygWyF8PbnGy0AHB7MhgHcTz6sE2I2yPB
aFDrBz9vFqU4yKkXo0kPvsQ3u6h0QGqGxqCzmQz8AAcFPXWJ0Ck3mEPB2xLZ9w0a
-----END RSA PRIVATE KEY-----"""
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZ2VudCJ9.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
TRACEBACK = """Traceback (most recent call last):
  File "/srv/agent/client.py", line 12, in query
    return self.session.get(url, auth=("svc", "hunter2"))
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/srv/agent/.venv/lib/python3.12/site-packages/requests/sessions.py", line 602, in get
    return self.request("GET", url, **kwargs)

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/srv/agent/main.py", line 3, in <module>
    main()
ValueError: backend returned HTTP 503"""

SECRETS_AND_PATHS: dict[str, tuple[str, list[str]]] = {
    "AWS keys": (
        (
            "SignatureDoesNotMatch: AKIAIOSFODNN7EXAMPLE "
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY rejected"
        ),
        ["AKIA", "wJalr", "EXAMPLEKEY"],
    ),
    "AWS signature": (
        (
            "Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260408/eu, "
            "SignedHeaders=host, Signature=fe5f80f77d5fa3beca038a248ff027"
        ),
        ["AKIA", "fe5f80"],
    ),
    "Azure": (
        (
            "DefaultEndpointsProtocol=https;AccountName=prod;AccountKey=abc123==;"
            "EndpointSuffix=core.windows.net refused"
        ),
        ["abc123", "windows.net"],
    ),
    "SQL Server": (
        (
            "Login failed. Server=tcp:prod.database.windows.net,1433;Initial Catalog=db;"
            "User ID=bob;Password=hun;ter2;Encrypt=True"
        ),
        ["prod.database", "bob", "hun", "ter2"],
    ),
    "JDBC": (
        "No suitable driver: jdbc:oracle:thin:scott/tiger@//db:1521/orcl",
        ["scott", "tiger", "db:1521", "orcl"],
    ),
    "LDAP": (
        "invalid credentials for cn=admin,dc=corp,dc=example at ldaps://ldap.corp:636",
        ["admin", "corp", "636"],
    ),
    "GitHub token": (
        "bad credentials ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        ["ghp_", "16C7"],
    ),
    "git clone": (
        (
            "fatal: Authentication failed for "
            "'https://x-access-token:ghs_abcdefgh@github.com/a/b.git/'"
        ),
        ["ghs_", "github.com"],
    ),
    "ssh": ("git@github.com: Permission denied (publickey).", ["git@", "github"]),
    "ssh connect": ("ssh: connect to host bastion port 22: Connection refused", ["bastion"]),
    "OpenAI": (
        (
            "Incorrect API key provided: sk-proj-abcdefghijklmnop. You can find your API key at "
            "https://platform.openai.com/account/api-keys."
        ),
        ["sk-proj", "abcdef", "openai.com"],
    ),
    "Slack": ("invalid_auth for xoxb-123456789012-abcdef", ["xoxb", "123456789012"]),
    "Vault": ("permission denied for token hvs.CAESIJlWh6", ["hvs", "CAES"]),
    "web token": (f"signature verification failed for {JWT}", ["eyJ", "dBjft"]),
    "bearer": ("401 for Authorization: Bearer abc.def-123_456~+/=", ["abc.def", "123_456"]),
    "bearer alone": ("server rejected bearer abcdef", ["abcdef"]),
    "basic": ("request had header Authorization: Basic Ym9iOmh1bnRlcjI=", ["Ym9i"]),
    "basic alone": ("proxy wants Basic Ym9iOmh1bnRlcjI= again", ["Ym9i"]),
    "digest": (
        'Authorization: Digest username="bob", realm="x", nonce="n1", response="6629fae4"',
        ["bob", "6629"],
    ),
    "header tuple": (
        "[(b'authorization', b'Bearer abc123'), (b'host', b'vm'), (b'x-api-key', b'def456')]",
        ["abc123", "b'vm'", "def456"],
    ),
    "header dict": (
        (
            "unexpected headers {'X-Api-Key': 'abc123', 'X-Auth-Token': "
            "'def456', 'cookie': 'a=ghi789'}"
        ),
        ["abc123", "def456", "ghi789"],
    ),
    "basic auth object": (
        "BasicAuth(login='bob', password='hunter2', encoding='latin1')",
        ["bob", "hunter2"],
    ),
    "auth tuple": ("get() failed: auth=('bob', 'hunter2'), timeout=5", ["bob", "hunter2"]),
    "cookie": ("rejected: Cookie: sid=abc123; theme=dark", ["abc123"]),
    "private key": (f"could not load key: {PEM}", ["MII", "aFDr", "PRIVATE"]),
    "private key, cut": (f"could not load key: {PEM[:90]}", ["MII"]),
    "JSON body": (
        'backend said {"error":"denied","password":"hun\\"ter2","user":"bob"}',
        ["hun", "ter2", "bob"],
    ),
    "JSON in JSON": (
        'backend said {"error":"{\\"password\\": \\"hunter2\\"}"}',
        ["hunter2"],
    ),
    "XML body": ("fault: <wsse:Password Type='t'>hunter2</wsse:Password>", ["hunter2"]),
    "environment": (
        "missing one of DB_PASSWORD=hunter2 MY_BACKEND_URL=http://vm:8428 API_BASE=internal",
        ["hunter2", "vm", "internal"],
    ),
    "AWS environment": ("AWS_SECRET_ACCESS_KEY=abc123 AWS_SESSION_TOKEN=def456", ["abc", "def"]),
    "subprocess": (
        "Command '['curl', '-u', 'bob:hunter2', 'https://vm/x']' returned non-zero exit status 22.",
        ["bob", "hunter2", "vm/x"],
    ),
    "subprocess timeout": (
        "Command 'mysql -phunter2 -h db' timed out after 5 seconds",
        ["hunter2", "db"],
    ),
    "command line": ("usage: --db-password hunter2 --retries 3", ["hunter2"]),
    "curl": ("curl -u bob:hunter2 failed; --token=abc123 too", ["bob", "hunter2", "abc123"]),
    "pydantic": (
        (
            "1 validation error for Settings\napi_key\n  Input should be a valid URL "
            "[type=url_parsing, input_value='hunter2', input_type=str]"
        ),
        ["hunter2"],
    ),
    "spoken password": ("login with password hunter2 failed", ["hunter2"]),
    "quoted password": ("the password is 'correct horse'", ["correct", "horse"]),
    "password with separators": ("connect(password=a,b;c&d e)", ["a,b", ";c", "&d"]),
    "file": ("[Errno 2] No such file or directory: '/etc/agent/config.yaml'", ["/etc", "config"]),
    "relative file": ("[Errno 2] No such file or directory: 'config.yaml'", ["config"]),
    "file moved": ("[Errno 18] Invalid cross-device link: '/tmp/a b' -> '/srv/c'", ["tmp", "srv"]),
    "home": ("cannot read ~/.ssh/id_rsa or $HOME/.aws/credentials", ["ssh", "id_rsa", "aws"]),
    "path with blanks": ('cannot open "/home/my user/token.txt"', ["home", "user", "token"]),
    "Windows path": (
        "cannot open C:\\Users\\bob\\secrets.txt or 'C:\\\\Program Files\\\\App\\\\a.ini'",
        ["Users", "bob", "secrets", "Program", "App"],
    ),
    "Windows path with blanks": (
        "cannot open C:\\Program Files\\Agent Data\\a.ini",
        ["Program", "Files", "Agent", "a.ini"],
    ),
    "share": ("cannot open \\\\fileserver\\share\\bob.txt", ["fileserver", "share", "bob"]),
    "module path": (
        "cannot import name 'x' from 'agent' (/usr/lib/python3.12/agent/__init__.py)",
        ["/usr", "__init__"],
    ),
    "code": ('invalid syntax in File "/srv/agent/main.py", line 3, in <module>', ["srv", "main"]),
    "syntax error": ("invalid syntax (main.py, line 3)", ["main.py"]),
    "traceback": (
        f"worker failed: {TRACEBACK}",
        ["hunter2", "srv", "session", "site-packages", "Traceback", "^^^"],
    ),
    "traceback, quoted": (
        "worker said " + repr(TRACEBACK),
        ["hunter2", "srv", "session", "site-packages", "Traceback", "line"],
    ),
    "Java": (
        (
            "java.sql.SQLException: refused\n\tat com.acme.Db.connect(Db.java:42)\n"
            "\tat com.acme.Main.main(Main.java:7)\nCaused by: "
            "java.io.IOException: reset\n\t... 2 more"
        ),
        ["com.acme", "Db.java", "Main.java"],
    ),
    "Go panic": (
        (
            "panic: nil map\n\ngoroutine 1 "
            "[running]:\nmain.load(0xc000)\n\t/src/agent/main.go:12 +0x1d"
        ),
        ["main.go", "/src", "main.load"],
    ),
    "Node": (
        (
            "TypeError: x is undefined\n    at load "
            "(/srv/app/index.js:3:7)\n    at main (index.js:9:1)"
        ),
        ["srv", "index.js"],
    ),
    "YAML": ("bad config: username: bob\npassword:\n  hunter2", ["bob", "hunter2"]),
    "service account": (
        (
            '{"private_key_id": "abc123", "private_key": "-----BEGIN PRIVATE KEY-----\\nMIIE\\n'
            '-----END PRIVATE KEY-----\\n", "client_email": "svc@prod.example"}'
        ),
        ["abc123", "MIIE", "svc@", "prod"],
    ),
    "Datadog": ("invalid api key 0123456789abcdef0123456789abcdef", ["0123456789abcdef"]),
    "credentials without a scheme": ("cannot parse bob:hun=ter2@vm:80/x", ["bob", "ter2", "vm"]),
    "relative path": ("error in conf/agent/prod.yaml:3", ["conf", "agent", "prod"]),
}
