"""Slow, greedy and malformed clients against a server on loopback, and what others see of it meanwhile.

    python3 attack.py PORT SCENARIO PICTURE [ATTACK_PICTURE]

SCENARIO: quiet, uploads, readers, heads, pictures, pause, keepalive, malformed. It opens at most 200 connections and ends by itself.
"""

import http.client
import socket
import sys
import threading
import time

PORT, SCENARIO, PICTURE = int(sys.argv[1]), sys.argv[2], open(sys.argv[3], "rb").read()
ATTACK = open(sys.argv[4], "rb").read() if len(sys.argv) > 4 else b""
SECONDS = 25
stop = threading.Event()


def connect(timeout=60):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    s.settimeout(timeout)
    s.connect(("127.0.0.1", PORT))
    return s


def head(path, length, method="POST"):
    return f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n".encode()


def upload():  # two kilobytes a second
    try:
        s = connect()
        s.sendall(head("/v1/predict", 5_000_000))
        while not stop.is_set():
            s.sendall(b"x" * 400)
            time.sleep(0.2)
    except OSError:
        pass


def reader():  # asks and asks, and never reads
    try:
        s = connect()
        request = b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n"
        while not stop.is_set():
            s.sendall(request * 50)
    except OSError:
        pass


cut = []


def dripping():
    start = time.time()
    try:
        s = connect()
        s.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: ")
        while not stop.is_set():
            s.sendall(b"x")
            s.settimeout(0.2)
            try:
                got = s.recv(500)
                cut.append((time.time() - start, got[9:12]))
                return
            except socket.timeout:
                pass
    except OSError:
        cut.append((time.time() - start, b"reset"))


def picture():
    while not stop.is_set():
        try:
            s = connect()
            s.sendall(head("/v1/predict", len(ATTACK)) + ATTACK)
            print("attack picture:", s.recv(12)[9:].decode(errors="replace"))
        except OSError:
            pass


def ask(method, path, body=None, timeout=20):
    start = time.time()
    try:
        c = http.client.HTTPConnection("127.0.0.1", PORT, timeout=timeout)
        c.request(method, path, body)
        r = c.getresponse()
        r.read()
        status = str(r.status)
        c.close()
    except (OSError, http.client.HTTPException) as e:
        status = type(e).__name__
    return status, time.time() - start


def watch():
    seen = {}
    end = time.time() + SECONDS

    def look(method, path, body):
        while time.time() < end:
            status, took = ask(method, path, body)
            entry = seen.setdefault(path, {})
            count, longest = entry.get(status, (0, 0.0))
            entry[status] = (count + 1, max(longest, took))
            time.sleep(0.25)

    threads = [
        threading.Thread(target=look, args=args)
        for args in (("GET", "/health", None), ("GET", "/ready", None), ("POST", "/v1/predict", PICTURE))
    ]
    [t.start() for t in threads]
    [t.join() for t in threads]
    for path, entry in sorted(seen.items()):
        print(path, {status: f"{count} times, {longest:.2f} s at most" for status, (count, longest) in entry.items()})


ATTACKS = {"quiet": (None, 0), "uploads": (upload, 64), "readers": (reader, 64), "heads": (dripping, 64), "pictures": (picture, 2)}
if SCENARIO in ATTACKS:
    target, count = ATTACKS[SCENARIO]
    attackers = [threading.Thread(target=target, daemon=True) for _ in range(count)]
    [t.start() for t in attackers]
    time.sleep(2)
    watch()
    stop.set()
    if SCENARIO == "heads":
        times = [t for t, _ in cut]
        print("heads cut off:", len(cut), "of 64, after", f"{min(times):.1f} to {max(times):.1f} s," if times else "", {s for _, s in cut})
elif SCENARIO == "pause":
    for _ in range(5):
        s = connect()
        s.sendall(head("/v1/predict", len(PICTURE)) + PICTURE[: len(PICTURE) // 2])
        time.sleep(0.2)
        s.sendall(PICTURE[len(PICTURE) // 2 :])
        print(s.recv(12)[9:].decode())
elif SCENARIO == "keepalive":
    seen = {}
    c = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
    end = time.time() + SECONDS
    while time.time() < end:
        c.request("POST", "/v1/predict", PICTURE)
        r = c.getresponse()
        r.read()
        seen[r.status] = seen.get(r.status, 0) + 1
    print(seen)
elif SCENARIO == "malformed":
    for name, request in {
        "top=%zz": b"POST /v1/predict?top=%zz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n",
        "top twice": b"POST /v1/predict?top=1&top=2 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n",
        "unknown parameter": b"POST /v1/predict?tpo=1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n",
        "method override": b"GET /v1/model HTTP/1.1\r\nHost: localhost\r\nX-HTTP-Method-Override: POST\r\n\r\n",
        "chunk 0x0": b"POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n",
        "bad URI": b"GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "large head": b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 20000 + b"\r\n\r\n",
        "length twice": b"POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "too large": b"POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n",
        "multipart": b"POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=a\r\nContent-Length: 0\r\n\r\n",
    }.items():
        s = connect(15)
        try:
            s.sendall(request)
            got = s.recv(4096)
            head_, _, body = got.partition(b"\r\n\r\n")
            body = body or s.recv(4096)
            kind = [l for l in head_.decode("latin1").split("\r\n") if l.lower().startswith("content-type")]
            print(f"{name}: {head_[9:12].decode()} {kind} {body[:90]!r}")
        except OSError as e:
            print(f"{name}: {type(e).__name__}")
        s.close()
