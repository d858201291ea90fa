"""Connects to a Redshift pool from where it runs, and prints what it found as one line of JSON.

    python3 probe.py <order: JSON in base64>

Standard library only, from Python 3.9 on. The order has the plan, the region and how long the output may be; the
password comes from Secrets Manager, with the credentials of the environment or of the instance's role, and is never
printed. The output is {"version": 1, "report": <deflated JSON in base64>} or {"version": 1, "error": {...}}.
"""

import base64
import datetime
import errno
import hashlib
import hmac
import json
import os
import queue
import random
import socket
import ssl
import struct
import sys
import threading
import time
import urllib.error
import urllib.request
import zlib


class Failed(Exception):
    """Something that was tried and did not work: a code that programs know, and words for people."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code
        self.message = message


def failed(error):
    """What the system says, under the names that it has in C."""
    if isinstance(error, Failed):
        return error
    if isinstance(error, socket.gaierror):
        known = {socket.EAI_NONAME: "ENOTFOUND", socket.EAI_AGAIN: "EAI_AGAIN"}
        return Failed(known.get(error.errno, "EAI_FAIL"), error.strerror or str(error))
    if isinstance(error, socket.timeout):
        return Failed("ETIMEDOUT", "no answer in time")
    if isinstance(error, ssl.SSLError):
        return Failed(error.reason or "SSL", str(error))
    if isinstance(error, OSError):
        return Failed(errno.errorcode.get(error.errno or 0, "EIO"), error.strerror or str(error))
    return Failed(type(error).__name__, str(error))


# --- the password ---------------------------------------------------------------------------------------------------

opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def ask(url, method="GET", headers=None, body=None, patience=10):
    request = urllib.request.Request(url, data=body, headers=headers or {}, method=method)
    with opener.open(request, timeout=patience) as answer:
        return answer.read().decode()


def credentials():
    """Those of the environment, or else of the instance's role: (key, secret, token)."""
    given = os.environ.get
    if given("AWS_ACCESS_KEY_ID") and given("AWS_SECRET_ACCESS_KEY"):
        return given("AWS_ACCESS_KEY_ID"), given("AWS_SECRET_ACCESS_KEY"), given("AWS_SESSION_TOKEN")
    latest = "http://169.254.169.254/latest/"
    token = ask(latest + "api/token", "PUT", {"X-aws-ec2-metadata-token-ttl-seconds": "300"}, patience=3)
    session = {"X-aws-ec2-metadata-token": token}
    roles = latest + "meta-data/iam/security-credentials/"
    role = ask(roles, headers=session, patience=3).split()[0]
    found = json.loads(ask(roles + role, headers=session, patience=3))
    return found["AccessKeyId"], found["SecretAccessKey"], found["Token"]


def signed(host, region, body, target):
    """The headers of a call to Secrets Manager, with AWS's signature, version 4."""
    key, secret, token = credentials()
    now = datetime.datetime.now(datetime.timezone.utc)
    stamp, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
    headers = {"content-type": "application/x-amz-json-1.1", "host": host, "x-amz-date": stamp, "x-amz-target": target}
    if token:
        headers["x-amz-security-token"] = token
    names = ";".join(sorted(headers))
    lines = "".join("%s:%s\n" % (name, headers[name]) for name in sorted(headers))
    asked = "\n".join(["POST", "/", "", lines, names, hashlib.sha256(body).hexdigest()])
    scope = "%s/%s/secretsmanager/aws4_request" % (day, region)
    to_sign = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(asked.encode()).hexdigest()])
    signing = ("AWS4" + secret).encode()
    for part in scope.split("/"):
        signing = hmac.new(signing, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(signing, to_sign.encode(), hashlib.sha256).hexdigest()
    headers["authorization"] = "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s" % (
        key,
        scope,
        names,
        signature,
    )
    return headers


def read_secret(name, region):
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    usual = "https://secretsmanager.%s.%s" % (region, suffix)
    given = os.environ.get
    url = (given("AWS_ENDPOINT_URL_SECRETS_MANAGER") or given("AWS_ENDPOINT_URL") or usual).rstrip("/") + "/"
    body = json.dumps({"SecretId": name}).encode()
    host = url.split("//")[1].split("/")[0]
    answer = ask(url, "POST", signed(host, region, body, "secretsmanager.GetSecretValue"), body)
    return json.loads(json.loads(answer)["SecretString"])["password"]


def password_of(target, region, attempts=4):
    """A role that was just made may not be known everywhere yet, so what is refused is asked again."""
    for left in reversed(range(attempts)):
        try:
            return read_secret(target["secret"], region)
        except urllib.error.HTTPError as error:
            answer = error.read().decode(errors="replace")
            problem = Failed(code_in(answer), "Secrets Manager answered %d for %s" % (error.code, target["secret"]))
        except urllib.error.URLError as error:
            cause = error.reason if isinstance(error.reason, Exception) else error
            problem = Failed(failed(cause).code, "Secrets Manager can't be reached: " + failed(cause).message)
        except OSError as error:
            problem = Failed(failed(error).code, "Secrets Manager can't be reached: " + failed(error).message)
        if left == 0 or problem.code == "ResourceNotFoundException":
            raise problem
        time.sleep(1.5)


def code_in(answer):
    try:
        return json.loads(answer)["__type"].split("#")[-1]
    except (ValueError, KeyError):
        return "HTTPError"


# --- Postgres's protocol, version 3 ---------------------------------------------------------------------------------

SSL_REQUEST = struct.pack("!II", 8, 80877103)


def trusting():
    """Encryption without a look at the name: behind a load balancer the certificate is another host's."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class Connection:
    """One connection to the pool; each method passes a layer of it or raises."""

    def __init__(self, target, password, patience):
        self.target = target
        self.password = password
        self.patience = patience
        self.addresses = []
        self.socket = None
        self.received = b""

    def dns(self):
        self.addresses = resolve(self.target["host"], self.target["port"], self.patience)

    def tcp(self):
        problem = None
        for address in self.addresses:
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            self.socket.settimeout(self.patience)
            try:
                self.socket.connect(address)
                self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return
            except OSError as error:
                problem = error
                self.close()
        raise problem or Failed("ENOTFOUND", "the name has no address")

    def tls(self):
        self.socket.sendall(SSL_REQUEST)
        verdict = self.socket.recv(1)
        if verdict == b"":
            raise ConnectionResetError(errno.ECONNRESET, "the connection was closed")
        if verdict != b"S":
            raise Failed("08P01", "the server does not offer encryption")
        self.socket = trusting().wrap_socket(self.socket, server_hostname=self.target["host"])

    def login(self):
        user, database = self.target["user"], self.target["database"]
        named = ["user", user, "database", database, "client_encoding", "UTF8", "application_name", "rsds test"]
        body = struct.pack("!I", 196608) + b"".join(text.encode() + b"\0" for text in named) + b"\0"
        self.socket.sendall(struct.pack("!I", len(body) + 4) + body)
        for kind, body in self.messages():
            if kind == b"R":
                self.authenticate(body)

    def authenticate(self, body):
        (method,) = struct.unpack_from("!I", body)
        password, user = self.password.encode(), self.target["user"].encode()
        if method == 0:
            return
        if method == 3:
            self.send(b"p", password + b"\0")
        elif method == 5:
            kept = hashlib.md5(password + user).hexdigest().encode()
            self.send(b"p", b"md5" + hashlib.md5(kept + body[4:8]).hexdigest().encode() + b"\0")
        elif method == 13:
            self.send(b"d", digest(body, password))
        else:
            raise Failed("08P01", "the server asks for authentication type %d" % method)

    def query(self, sql):
        """The first column of the first row, as text."""
        self.send(b"Q", sql.encode() + b"\0")
        first = None
        for kind, body in self.messages():
            if kind == b"D" and first is None:
                first = first_column(body)
        return first

    def send(self, kind, body):
        self.socket.sendall(kind + struct.pack("!I", len(body) + 4) + body)

    def messages(self):
        """Those up to ReadyForQuery; raises what the server refuses, at once where it ends the connection with it."""
        problem = None
        deadline = time.monotonic() + self.patience
        while True:
            kind, body = self.message(deadline)
            if kind == b"E":
                fields = dict((one[:1], one[1:].decode(errors="replace")) for one in body.split(b"\0") if one)
                problem = Failed(fields.get(b"C", "XX000"), fields.get(b"M", "the server refused"))
                if fields.get(b"S") == "FATAL":
                    raise problem
            elif kind == b"Z":
                if problem:
                    raise problem
                return
            else:
                yield kind, body

    def message(self, deadline):
        kind = self.take(1, deadline)
        (length,) = struct.unpack("!I", self.take(4, deadline))
        return kind, self.take(length - 4, deadline)

    def take(self, size, deadline):
        while len(self.received) < size:
            self.socket.settimeout(max(0.001, deadline - time.monotonic()))
            more = self.socket.recv(65536)
            if more == b"":
                raise ConnectionResetError(errno.ECONNRESET, "the connection was closed")
            self.received += more
        taken, self.received = self.received[:size], self.received[size:]
        return taken

    def leave(self):
        """Says goodbye, as clients do that have finished."""
        try:
            self.send(b"X", b"")
        except OSError:
            pass
        self.close()

    def close(self):
        if self.socket is not None:
            self.socket.close()


def digest(body, password):
    """Redshift's own: of the kept hash of password and salt, the server's nonce and ours."""
    (size,) = struct.unpack_from("!I", body, 8)
    salt, rest = body[12 : 12 + size], body[12 + size :]
    server = rest[4:]
    own = os.urandom(16)
    answer = hashlib.sha256(hashlib.sha256(password + salt).digest() + server + own).digest()
    return struct.pack("!I", len(answer)) + answer + struct.pack("!I", len(own)) + own


def first_column(row):
    (columns, length) = struct.unpack_from("!Hi", row) if len(row) > 2 else (0, -1)
    return row[6 : 6 + length].decode(errors="replace") if columns and length >= 0 else None


def resolve(host, port, patience):
    """The system's resolver takes as long as it likes; we don't. Any of the addresses may be first."""
    answers = queue.Queue()

    def look():
        try:
            answers.put(socket.getaddrinfo(host, port, socket.AF_INET, socket.SOCK_STREAM))
        except OSError as error:
            answers.put(error)

    threading.Thread(target=look, daemon=True).start()
    try:
        found = answers.get(timeout=patience)
    except queue.Empty:
        raise Failed("ETIMEDOUT", "the name was not resolved in time")
    if isinstance(found, Exception):
        raise found
    addresses = [entry[4] for entry in found]
    random.shuffle(addresses)
    return addresses


def passed(plan, password, patience, each):
    """Opens a connection and finds out whose it is; `each` is told of every layer and how long it took."""
    connection = Connection(plan["target"], password, patience)
    layer, name = "dns", None
    try:
        for layer in ("dns", "tcp", "tls", "login", "identity"):
            begun = time.monotonic()
            if layer == "identity":
                name = connection.query("SELECT current_namespace")
            else:
                getattr(connection, layer)()
            each(layer, (time.monotonic() - begun) * 1000)
        return connection, name
    except Exception as error:
        connection.close()
        problem = failed(error)
        problem.layer = layer
        raise problem


# --- new connections, each taken as far as it gets ------------------------------------------------------------------


def attempt(plan, password):
    ms = {}
    patience = plan["timeoutMs"] / 1000
    try:
        connection, name = passed(plan, password, patience, lambda layer, took: ms.update({layer: round(took, 1)}))
    except Failed as problem:
        return {"ms": ms, "failed": (problem.layer, problem.code, problem.message)}
    try:
        if plan.get("tableSql"):
            begun = time.monotonic()
            connection.query(plan["tableSql"])
            ms["table"] = round((time.monotonic() - begun) * 1000, 1)
        connection.leave()
        return {"ms": ms, "namespace": name}
    except Exception as error:
        connection.close()
        problem = failed(error)
        return {"ms": ms, "namespace": name, "failed": ("table", problem.code, problem.message)}


def probe_connections(plan, password):
    waiting = queue.Queue()
    for index in range(plan["connections"]):
        waiting.put(index)
    attempts = [None] * plan["connections"]

    def work():
        while True:
            try:
                index = waiting.get_nowait()
            except queue.Empty:
                return
            attempts[index] = attempt(plan, password)

    run_all([work] * min(plan["parallel"], plan["connections"]))
    return {"kind": "connections", "attempts": columns_of(attempts)}


def columns_of(attempts):
    """By column, equal things once: a thousand attempts must fit into what a command may say."""
    names = sorted({one["namespace"] for one in attempts if one.get("namespace")})
    errors = sorted({one["failed"] for one in attempts if one.get("failed")})
    layers = ("dns", "tcp", "tls", "login", "identity", "table")
    return {
        "names": names,
        "errors": errors,
        "ms": {layer: [one["ms"].get(layer) for one in attempts] for layer in layers},
        "name": [names.index(one["namespace"]) if one.get("namespace") else -1 for one in attempts],
        "error": [errors.index(one["failed"]) if one.get("failed") else -1 for one in attempts],
    }


def run_all(works):
    threads = [threading.Thread(target=work, daemon=True) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# --- clients that connect, query, leave and come back ---------------------------------------------------------------


class Tally:
    """What all clients of a load did, by second of its time."""

    def __init__(self, bounds):
        self.lock = threading.Lock()
        self.begun = time.monotonic()
        self.bounds = bounds
        self.open = {}
        self.opened = 0
        self.queries = 0
        self.errors = {}
        self.latencies = {}
        self.seconds = []
        self.current = {"queries": {}, "errors": 0}

    def connected(self, name, by):
        with self.lock:
            self.open[name] = self.open.get(name, 0) + by
            if by > 0:
                self.opened += 1

    def answered(self, name, took):
        bound = next((one for one in self.bounds if took <= one), self.bounds[-1])
        with self.lock:
            self.queries += 1
            self.current["queries"][name] = self.current["queries"].get(name, 0) + 1
            counts = self.latencies.setdefault(name, {})
            counts[bound] = counts.get(bound, 0) + 1

    def went_wrong(self, layer, problem, name):
        with self.lock:
            self.current["errors"] += 1
            first = round(time.monotonic() - self.begun, 1)
            known = self.errors.setdefault((layer, problem.code, problem.message, name), [first, 0])
            known[1] += 1

    def tick(self, second):
        with self.lock:
            still = {name: count for name, count in self.open.items() if count > 0}
            self.seconds.append([second, still, self.current["queries"], self.current["errors"]])
            self.current = {"queries": {}, "errors": 0}


def client(plan, password, tally, until):
    patience, pause = plan["timeoutMs"] / 1000, plan["pauseMs"] / 1000
    while time.monotonic() < until:
        try:
            connection, name = passed(plan, password, patience, lambda layer, took: None)
        except Failed as problem:
            tally.went_wrong(problem.layer, problem, None)
            time.sleep(max(pause, 0.1))
            continue
        tally.connected(name, 1)
        try:
            keep_asking(plan, connection, name, tally, until)
            connection.leave()
        except Exception as error:
            tally.went_wrong("query", failed(error), name)
            connection.close()
        tally.connected(name, -1)


def keep_asking(plan, connection, name, tally, until):
    asked = 0
    while time.monotonic() < until and (plan["queriesPerConnection"] == 0 or asked < plan["queriesPerConnection"]):
        begun = time.monotonic()
        connection.query(plan["sql"])
        tally.answered(name, (time.monotonic() - begun) * 1000)
        asked += 1
        time.sleep(max(0, min(plan["pauseMs"] / 1000, until - time.monotonic())))


def probe_load(plan, password, bounds):
    tally = Tally(bounds)
    until = tally.begun + plan["seconds"]
    clients = [
        threading.Thread(target=client, args=(plan, password, tally, until), daemon=True)
        for _ in range(plan["connections"])
    ]
    for thread in clients:
        thread.start()
    for second in range(plan["seconds"]):
        time.sleep(max(0, tally.begun + second + 1 - time.monotonic()))
        tally.tick(second)
    for thread in clients:
        thread.join(plan["timeoutMs"] / 1000)
    return {
        "kind": "load",
        "opened": tally.opened,
        "queries": tally.queries,
        "errors": [list(key) + value for key, value in tally.errors.items()],
        "latencies": tally.latencies,
        "seconds": tally.seconds,
    }


def coarser(report):
    """Every two seconds of a load as one: what is left says less, and is true."""
    pairs = [report["seconds"][at : at + 2] for at in range(0, len(report["seconds"]), 2)]
    return dict(report, seconds=[pair[0] if len(pair) == 1 else joined(*pair) for pair in pairs])


def joined(one, other):
    queries = {name: one[2].get(name, 0) + other[2].get(name, 0) for name in {*one[2], *other[2]}}
    return [one[0], other[1], queries, one[3] + other[3]]


# --- what is printed ------------------------------------------------------------------------------------------------


def packed(report):
    text = json.dumps(report, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def fitting(report, longest):
    text = packed(report)
    while len(text) > longest and len(report.get("seconds", [])) > 1:
        report = coarser(report)
        text = packed(report)
    if len(text) > longest:
        raise Failed("too-long", "the report has %d characters, %d can be shown" % (len(text), longest))
    return text


def main():
    order = json.loads(base64.b64decode(sys.argv[1]))
    plan = order["plan"]
    threading.stack_size(262144)
    try:
        password = password_of(plan["target"], order["region"])
        if plan["kind"] == "load":
            report = probe_load(plan, password, order["latencyBounds"])
        else:
            report = probe_connections(plan, password)
        print(json.dumps({"version": 1, "report": fitting(report, order["longest"])}))
    except Failed as problem:
        print(json.dumps({"version": 1, "error": {"code": problem.code, "message": problem.message}}))
    sys.stdout.flush()
    # Threads that still wait for a name or an answer are of no interest any more.
    os._exit(0)


if __name__ == "__main__":
    main()
