"""Texts of real exceptions that name hosts, and what redaction must remove from them."""

__all__ = ["ADDRESSES"]

ADDRESSES: dict[str, tuple[str, list[str]]] = {
    "aiohttp connect": (
        (
            "Cannot connect to host vm.internal:8428 ssl:default "
            "[Connect call failed ('10.0.0.5', 8428)]"
        ),
        ["vm.internal", "10.0.0.5"],
    ),
    "aiohttp connect, one label": (
        "Cannot connect to host vmselect:80 ssl:default [Name or service not known]",
        ["vmselect"],
    ),
    "aiohttp connect, IPv6": (
        (
            "Cannot connect to host ::1:8428 ssl:default "
            "[Multiple exceptions: [Errno 111] Connect call failed ('::1', 8428, 0, 0), "
            "[Errno 111] Connect call failed ('127.0.0.1', 8428)]"
        ),
        ["::1", "127.0.0.1"],
    ),
    "aiohttp response": (
        "401, message='Unauthorized', url='https://bob:hunter2@vm.corp/api?token=abc123'",
        ["bob", "hunter2", "vm.corp", "abc123"],
    ),
    "aiohttp invalid URL": ("http://[vm.corp:8428/api", ["vm.corp"]),
    "urllib3 pool": (
        (
            "HTTPConnectionPool(host='vmselect', port=8481): Max retries exceeded with url: "
            "/select/0/prometheus/api/v1/query?query=up&apikey=abc123 (Caused by "
            "NewConnectionError('<urllib3.connection.HTTPConnection object at 0x7f3b2c1d5e10>: "
            "Failed to establish a new connection: [Errno 111] Connection refused'))"
        ),
        ["vmselect", "/select", "abc123", "0x7f3b2c1d5e10"],
    ),
    "urllib3 resolution": (
        (
            "HTTPSConnectionPool(host='api.backend.example', port=443): Max retries exceeded with "
            "url: /v1 (Caused by "
            'NameResolutionError("<urllib3.connection.HTTPSConnection object at '
            "0x7f>: Failed to resolve 'api.backend.example' ([Errno -2] "
            'Name or service not known)"))'
        ),
        ["api.backend", "/v1"],
    ),
    "requests scheme": (
        (
            "Invalid URL 'vm.corp/api?password=hunter2': No scheme supplied. "
            "Perhaps you meant https://vm.corp/api?password=hunter2?"
        ),
        ["vm.corp", "hunter2"],
    ),
    "requests bad header": (
        (
            "Invalid leading whitespace, reserved character(s), or return character(s) "
            "in header value: 'Bearer abc123\\n'"
        ),
        ["abc123"],
    ),
    "h11 bad header": ("Illegal header value b'abc123 \\n'", ["abc123"]),
    "httpx status": (
        (
            "Client error '401 Unauthorized' for url "
            "'https://svc:hunter2@logs.corp:9428/select/logsql/query?q=*'\n"
            "For more information check: https://developer.mozilla.org/docs/Web/HTTP/Status/401"
        ),
        ["svc:", "hunter2", "logs.corp", "9428", "mozilla"],
    ),
    "httpx port": ("Invalid port: 'hunter2'", ["hunter2"]),
    "urllib port": ("Port could not be cast to integer value as 'hunter2'", ["hunter2"]),
    "http.client port": ("nonnumeric port: 'hunter2@vm'", ["hunter2", "vm"]),
    "certificate": (
        (
            "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Hostname mismatch, "
            "certificate is not valid for 'vmselect'. (_ssl.c:1000)"
        ),
        ["vmselect"],
    ),
    "certificate, several names": (
        "hostname 'vm.corp' doesn't match either of 'a.corp', '*.b.corp'",
        ["vm.corp", "a.corp", "b.corp"],
    ),
    "Go TLS": (
        (
            'Get "https://10.96.0.1/api": tls: failed to verify certificate: x509: certificate is '
            "valid for kubernetes, kubernetes.default.svc, not vm-7.corp"
        ),
        ["10.96", "kubernetes", "vm-7"],
    ),
    "Go dial": (
        "dial tcp: lookup vmselect on 10.96.0.10:53: no such host",
        ["vmselect", "10.96.0.10"],
    ),
    "Go dial, IPv6": (
        "dial tcp [fd00:10:96::a]:53: connect: connection refused",
        ["fd00", "::a"],
    ),
    "gRPC": (
        (
            "<AioRpcError of RPC that terminated with:\n\tstatus = StatusCode.UNAVAILABLE\n"
            '\tdetails = "failed to connect to all addresses; last error: UNKNOWN: '
            'ipv4:10.1.2.3:50051: Failed to connect to remote host: Connection refused"\n'
            '\tdebug_error_string = "UNKNOWN: ipv6:%5Bfd00::1%5D:50051 {grpc_status:14}"\n>'
        ),
        ["10.1.2.3", "fd00", "50051"],
    ),
    "psycopg": (
        (
            'connection to server at "db.corp" (10.0.0.7), port 5432 failed: '
            'FATAL:  password authentication failed for user "metrics_ro"'
        ),
        ["db.corp", "10.0.0.7", "metrics_ro"],
    ),
    "psycopg socket": (
        (
            'connection to server on socket "/var/run/postgresql/.s.PGSQL.5432" failed: '
            "No such file or directory"
        ),
        ["/var/run", "PGSQL"],
    ),
    "psycopg DSN": (
        (
            'invalid dsn: missing "=" after "hunter2" in connection info string '
            "host=db user=bob password=hunter3"
        ),
        ["hunter2", "host=db", "bob", "hunter3"],
    ),
    "SQLAlchemy": (
        (
            '(psycopg2.OperationalError) could not translate host name "db-primary" to address: '
            "Name or service not known\n\n[SQL: SELECT * FROM users WHERE name = %s]\n"
            "[parameters: ('alice', 'hunter2')]\n"
            "(Background on this error at: https://sqlalche.me/e/20/e3q8)"
        ),
        ["db-primary", "alice", "hunter2", "sqlalche.me"],
    ),
    "database URL": (
        (
            "Can't load plugin: sqlalchemy.dialects:postgresql+foo from "
            "'postgresql+foo://bob:hunter2@db:5432/prod'"
        ),
        ["bob", "hunter2", "@db"],
    ),
    "MySQL": (
        "(1045, \"Access denied for user 'root'@'172.17.0.1' (using password: YES)\")",
        ["root", "172.17"],
    ),
    "MySQL connect": (
        "(2003, \"Can't connect to MySQL server on 'mysql-0' ([Errno 111] Connection refused)\")",
        ["mysql-0"],
    ),
    "redis": ("Error 111 connecting to redis:6379. Connection refused.", ["redis"]),
    "redis, low port": ("Error 111 connecting to cache:80. Connection refused.", ["cache"]),
    "redis URL": ("Redis URL redis://:hunter2@cache:6379/0 is invalid", ["hunter2", "cache"]),
    "mongo": (
        (
            "db-0.mongo:27017: [Errno 111] Connection refused (configured timeouts: "
            "socketTimeoutMS: 20000.0ms), Timeout: 30s, Topology Description: <TopologyDescription "
            "id: 65a, servers: [<ServerDescription ('db-0.mongo', 27017) server_type: Unknown>]>"
        ),
        ["db-0", "mongo"],
    ),
    "kafka": (
        (
            'KafkaError{code=_TRANSPORT,val=-195,str="b1:9092/bootstrap: Connect to '
            'ipv4#10.0.0.5:9092 failed: Connection refused"}'
        ),
        ["b1", "10.0.0.5"],
    ),
    "elasticsearch": (
        (
            "ConnectionError([Errno 111] Connection refused) caused by: "
            "Node(http://elastic:changeme@es01:9200)"
        ),
        ["elastic:", "changeme", "es01"],
    ),
    "kubernetes": (
        (
            "(403)\nReason: Forbidden\nHTTP response headers: HTTPHeaderDict({'Audit-Id': '1f', "
            "'Set-Cookie': 'session=abc123; Path=/', 'Authorization': 'Bearer abc456'})\n"
            'HTTP response body: {"message":"pods is forbidden"}'
        ),
        ["abc123", "abc456"],
    ),
    "boto endpoint": (
        'Could not connect to the endpoint URL: "https://s3.eu-west-1.amazonaws.com/bucket"',
        ["s3.eu", "amazonaws", "bucket"],
    ),
    "boto identity": (
        (
            "An error occurred (AccessDenied) when calling the AssumeRole operation: User: "
            "arn:aws:iam::123456789012:user/bob is not authorized"
        ),
        ["123456789012", "bob"],
    ),
    "IPv4": ("no route to 192.168.1.20/24 via 192.168.1.1", ["192.168"]),
    "IPv6": ("no route to 2001:db8::42 and fe80::1%eth0 and [2001:db8::1]:443", ["2001", "fe80"]),
    "cluster host": (
        "timeout calling vmselect.monitoring.svc.cluster.local",
        ["vmselect", "monitoring", "cluster"],
    ),
    "EC2 host": ("node ip-10-0-0-5.eu-west-1.compute.internal is gone", ["10-0-0-5", "compute"]),
    "localhost": ("connection to localhost:9090 and http://localhost refused", ["localhost"]),
    "curl resolve": ("Could not resolve host: vmselect", ["vmselect"]),
    "connect": ("failed to connect to vm-7: timed out", ["vm-7"]),
    "encoded URL": (
        "redirect to /login?next=https%3A%2F%2Fvm.corp%2Fx failed",
        ["vm.corp", "login"],
    ),
    "escaped URL": ('{"url":"https:\\/\\/vm.corp\\/x"}', ["vm.corp"]),
    "no scheme": ("Invalid URL 'vmselect/api': No scheme supplied.", ["vmselect", "api"]),
    "paramiko": ("[Errno None] Unable to connect to port 22 on vm-3 or 10.0.0.5", ["vm-3", "10.0"]),
    "Node DNS": ("getaddrinfo ENOTFOUND vmselect vmselect:80", ["vmselect"]),
    "cassandra": (
        "('Unable to connect to any servers', {'10.0.0.1:9042': ConnectionRefusedError(111)})",
        ["10.0.0.1"],
    ),
    "bind": (
        (
            "[Errno 99] error while attempting to bind on address ('10.0.0.5', 9000): "
            "cannot assign requested address"
        ),
        ["10.0.0.5"],
    ),
    "email": ("no mailbox bob.smith@corp.example", ["bob", "corp"]),
    "resource": ("no access to arn:aws:s3:::prod-bucket", ["prod", "bucket"]),
    "account": ("access denied for 'bob'@'vm-1'", ["bob", "vm-1"]),
    "encoded account": ("unknown account bob%40corp%2Flogs", ["bob", "corp"]),
    "endpoint": ("bad endpoint: vmselect/api", ["vmselect"]),
    "unusual port": ("Error 111 connecting to cache:81. Connection refused.", ["cache"]),
    "this host alone": ("localhost refused the connection", ["localhost"]),
}
