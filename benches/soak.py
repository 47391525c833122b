#!/usr/bin/env python3
"""Runs the server under a mixed load for a long time and prints what it uses, to find growth.

    benches/soak.py --minutes 120 [--articles 100000] [--rate 60] [--keep FOLDER] [--database-url URL]

Readers request articles by Zipf's law, besides the front page, sections, feeds and pictures; searches, addresses that
never existed, logins, articles that are published and changed, and uploads run beside them. Every five minutes a line
says what the server uses and how long its answers took. Exits with 1 if an answer was a server error or incomplete.
Builds the release binary and needs nothing but Python. The load takes a part of the same cores, so that the latencies
are upper bounds.
"""

import argparse, html.parser, http.client, itertools, os, random, signal, struct, subprocess, sys, tempfile, threading
import time, urllib.parse, zlib

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BINARY = os.path.join(ROOT, "target/release/dateline")
PORT = 8195
WORDS = "bridge minister council election harbour budget trade water railway museum court storm".split()
EMAIL, PASSWORD = "soak@example.org", "correct horse battery staple"
# Each kind of work: its share of the requests of readers.
READERS = {"article": 70, "front page": 8, "section": 6, "picture": 6, "search": 3, "feed": 3, "missing": 4}
# Each kind of work in the newsroom: the seconds between two of them.
NEWSROOM = {"publish": 2, "upload": 10, "login": 15}
INTERVAL = 300


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--rate", type=float, default=60, help="requests of readers per second")
    parser.add_argument("--keep", help="folder that keeps the archive for the next run")
    parser.add_argument("--database-url", help="an empty database, instead of SQLite in the archive's folder")
    options = parser.parse_args()
    subprocess.run(["cargo", "build", "--release"], cwd=ROOT, check=True)
    with tempfile.TemporaryDirectory() as folder:
        data = archive(options, options.keep or folder)
        server = Server(data, options)
        load = Load(options.rate)
        try:
            measure(server, load, options.minutes * 60)
        finally:
            load.stopping.set()
            seconds = server.stop()
        print(f"stopped in {seconds:.1f} s; {load.failures} failures", flush=True)
        sys.exit(1 if load.failures else 0)


def dateline(data, options, *arguments, **more):
    where = ["--database-url", options.database_url] if options.database_url else []
    return subprocess.run([BINARY, *arguments, "--data-dir", data, *where], check=True, **more)


def archive(options, folder):
    """The data folder of a generated archive with an editor."""
    data = os.path.join(folder, f"soak-{options.articles}")
    if not os.path.exists(os.path.join(data, "done")):
        dateline(data, options, "generate", "--articles", str(options.articles))
        account = ["--email", EMAIL, "--name", "Ada Byron", "--role", "editor", "--password-stdin"]
        dateline(data, options, "user", "add", *account, input=PASSWORD + "\n", text=True)
        open(os.path.join(data, "done"), "w").close()
    return data


def measure(server, load, seconds):
    print("minute  requests      p50 ms  p99 ms  newsroom p99 ms  RSS MB  descriptors  threads  CPU %", flush=True)
    load.start()
    started, cpu_before = time.monotonic(), server.cpu()
    while (now := time.monotonic() - started) < seconds:
        pause = min(INTERVAL, seconds - now)
        time.sleep(pause)
        readers, newsroom = load.take_latencies()
        cpu = server.cpu()
        print(
            f"{(time.monotonic() - started) / 60:6.1f}  {len(readers):8}  {percentile(readers, 50):10.1f}"
            f"  {percentile(readers, 99):6.1f}  {percentile(newsroom, 99):15.1f}  {server.memory():6.0f}"
            f"  {server.descriptors():11}  {server.threads():7}  {100 * (cpu - cpu_before) / pause:5.1f}",
            flush=True,
        )
        cpu_before = cpu


def percentile(values, percent):
    """In milliseconds."""
    values = sorted(values)
    return 1000 * values[min(len(values) - 1, len(values) * percent // 100)] if values else 0.0


class Server:
    def __init__(self, data, options):
        arguments = [BINARY, "serve", "--data-dir", data, "--bind", f"127.0.0.1:{PORT}", "--log-level", "warn"]
        if options.database_url:
            arguments += ["--database-url", options.database_url]
        self.process = subprocess.Popen(arguments)
        for _ in range(1000):
            try:
                Client().get("/")
                return
            except OSError:
                time.sleep(0.02)
        sys.exit("the server does not respond")

    def memory(self):
        """Resident memory in megabytes."""
        with open(f"/proc/{self.process.pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1_000_000

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def threads(self):
        return len(os.listdir(f"/proc/{self.process.pid}/task"))

    def cpu(self):
        """CPU time in seconds."""
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        """Stops the server; returns how long that took, in seconds."""
        started = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        return time.monotonic() - started


class Client:
    """A connection that is kept alive, with cookies."""

    def __init__(self):
        self.connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
        self.cookies = {}
        self.reader = random.getrandbits(40)

    def request(self, method, path, body=None, headers={}):
        """The status, the body and the `Location` of a response."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {
            "User-Agent": f"Mozilla/5.0 (X11; Linux x86_64) Soak/{self.reader:x}",
            "Accept-Encoding": "gzip",
            **({"Cookie": cookies} if cookies else {}),
            **({"Origin": f"http://127.0.0.1:{PORT}"} if body is not None else {}),
            **headers,
        }
        for attempt in itertools.count():
            try:
                self.connection.request(method, path, body, headers)
                response = self.connection.getresponse()
                break
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                # The server closes connections that were idle for long.
                self.connection.close()
                if attempt:
                    raise
        for line in response.headers.get_all("Set-Cookie") or []:
            name, value = line.split(";")[0].split("=", 1)
            self.cookies[name] = value
        # Raises IncompleteRead if the body is shorter than announced.
        body = response.read()
        if response.headers.get("Content-Encoding") == "gzip" and body:
            body = zlib.decompress(body, 31)
        return response.status, body, response.headers.get("Location")

    def get(self, path):
        return self.request("GET", path)

    def submit(self, page, action, values, multipart=None):
        """Fills in the form of a page and sends it, as a browser does."""
        status, body, _ = self.get(page)
        if status != 200:
            return status, body, None
        form = Form(action)
        form.feed(body.decode())
        fields = [(name, value) for name, value in form.fields if name not in values]
        fields += values.items()
        if multipart is None:
            return self.request(
                "POST",
                action,
                urllib.parse.urlencode(fields),
                {"Content-Type": "application/x-www-form-urlencoded"},
            )
        name, file_name, content_type, content = multipart
        parts = [f'--x\r\nContent-Disposition: form-data; name="{a}"\r\n\r\n{b}\r\n'.encode() for a, b in fields]
        head = f'Content-Disposition: form-data; name="{name}"; filename="{file_name}"\r\nContent-Type: {content_type}'
        parts.append(f"--x\r\n{head}\r\n\r\n".encode() + content + b"\r\n--x--\r\n")
        return self.request("POST", action, b"".join(parts), {"Content-Type": "multipart/form-data; boundary=x"})


class Form(html.parser.HTMLParser):
    """The fields of the form with an action, and their values."""

    def __init__(self, action):
        super().__init__()
        self.action, self.fields, self.is_inside, self.text = action, [], False, None
        self.select = None

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form":
            self.is_inside = attributes.get("action", "") in (self.action, "")
        name, kind = attributes.get("name"), attributes.get("type")
        if not self.is_inside:
            return
        if tag == "input" and name and kind not in ("file", "submit"):
            if kind not in ("checkbox", "radio") or "checked" in attributes:
                self.fields.append((name, attributes.get("value", "on" if kind == "checkbox" else "")))
        elif tag == "textarea" and name:
            self.text = [name, ""]
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and "selected" in attributes:
            self.fields.append((self.select, attributes.get("value", "")))

    def handle_data(self, data):
        if self.text:
            self.text[1] += data

    def handle_endtag(self, tag):
        if tag == "textarea" and self.text:
            # The line break after the start tag does not belong to the value (HTML 13.1.2.5).
            self.fields.append((self.text[0], self.text[1].removeprefix("\n")))
            self.text = None
        elif tag == "select":
            self.select = None
        elif tag == "form":
            self.is_inside = False


class Load:
    def __init__(self, rate):
        self.rate = rate
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.latencies = {"readers": [], "newsroom": []}
        self.failures = 0
        self.pictures = []
        self.sections, self.articles = self.addresses()
        # Zipf's law: the article at rank n is read 1 / n times as often as the first.
        self.weights = list(itertools.accumulate(1 / rank for rank in range(1, len(self.articles) + 1)))

    def addresses(self):
        """Paths of sections and articles, from the sitemaps."""
        client, found = Client(), []
        sitemaps = locations(client.get("/sitemap.xml")[1])
        for sitemap in sitemaps[:20]:
            found += locations(client.get(sitemap)[1])
        articles = [path for path in found if path[1:5].isdigit()]
        sections = [path for path in found if path.count("/") == 1 and path not in ("/", *articles)]
        random.Random(1).shuffle(articles)
        return sections or ["/latest"], articles or sys.exit("the sitemap has no articles")

    def start(self):
        # With many connections, each has pauses, as those of readers have.
        connections = max(4, int(self.rate / 4))
        for _ in range(connections):
            self.run(self.read, connections / self.rate)
        for kind, pause in NEWSROOM.items():
            self.run(getattr(self, kind), pause)

    def run(self, work, pause):
        def repeat():
            client = Client()
            while not self.stopping.wait(random.uniform(0, 2 * pause)):
                try:
                    work(client)
                except (OSError, http.client.HTTPException, zlib.error) as error:
                    if not self.stopping.is_set():
                        self.fail(work.__name__, repr(error))
                    client.connection.close()

        threading.Thread(target=repeat, daemon=True).start()

    def fail(self, what, why):
        with self.lock:
            self.failures += 1
            if self.failures <= 50:
                print(f"failed: {what}: {why}", file=sys.stderr, flush=True)

    def note(self, kind, started, status, what, expected=(200, 303)):
        with self.lock:
            self.latencies[kind].append(time.monotonic() - started)
        if status not in expected:
            self.fail(what, status)

    def take_latencies(self):
        with self.lock:
            taken, self.latencies = self.latencies, {"readers": [], "newsroom": []}
        return taken["readers"], taken["newsroom"]

    def read(self, client):
        [kind] = random.choices(list(READERS), READERS.values())
        expected = (200,)
        if kind == "article":
            [path] = random.choices(self.articles, cum_weights=self.weights)
            expected = (200, 301)
        elif kind == "front page":
            path = "/"
        elif kind == "section":
            path = random.choice(self.sections)
        elif kind == "picture" and self.pictures:
            path = random.choice(self.pictures)
        elif kind == "search":
            path = "/search?q=" + "+".join(random.sample(WORDS, random.randint(1, 2)))
        elif kind == "missing":
            path, expected = f"/wp-content/{random.getrandbits(48):x}.php", (404, 410)
        else:
            path = "/feed.xml"
        # Every visit is a reader of its own, whose view is counted.
        client.reader = random.getrandbits(40)
        started = time.monotonic()
        status, body, _ = client.get(path)
        self.note("readers", started, status, path, expected)
        if status == 200 and not body:
            self.fail(path, "empty")

    def log_in(self, client):
        client.cookies = {}
        values = {"email": EMAIL, "password": PASSWORD}
        return client.submit("/admin/login", "/admin/login", values)[0]

    def login(self, client):
        started = time.monotonic()
        self.note("newsroom", started, self.log_in(client), "login", (303,))
        client.submit("/admin", "/admin/logout", {})

    def publish(self, client):
        """Saves an article and publishes it: mostly a new one, sometimes a change of the last one."""
        if "session" not in client.cookies and "__Host-session" not in client.cookies:
            self.log_in(client)
        started = time.monotonic()
        words = random.sample(WORDS, 5)
        values = {
            "headline": " ".join(words).capitalize(),
            "standfirst": " ".join(random.sample(WORDS, 8)).capitalize() + ".",
            "body": "".join(f"<p>{' '.join(random.choices(WORDS, k=60))}.</p>" for _ in range(8)),
            "section": "1",
        }
        last = getattr(client, "last", None)
        page = last if last and random.random() < 0.3 else "/admin/articles/new"
        action = page if page == last else "/admin/articles/new"
        status, body, location = client.submit(page, action, {**values, "intent": "publish"})
        self.note("newsroom", started, status, "save")
        if not location:
            return
        started = time.monotonic()
        confirmation = urllib.parse.urlsplit(location).path
        client.last = confirmation.removesuffix("/publish")
        status, _, _ = client.submit(confirmation, client.last + "/publish", {})
        self.note("newsroom", started, status, "publish", (303,))

    def upload(self, client):
        if "session" not in client.cookies and "__Host-session" not in client.cookies:
            self.log_in(client)
        started = time.monotonic()
        file = ("file", f"{random.getrandbits(32):x}.png", "image/png", png(900, 600))
        status, body, location = client.submit("/admin/media", "/admin/media", {}, file)
        self.note("newsroom", started, status, "upload")
        found = body.decode(errors="replace").split('src="/media/')[1:]
        if not found and location:
            found = client.get(location)[1].decode(errors="replace").split('src="/media/')[1:]
        if found:
            self.pictures = ["/media/" + one.split('"')[0] for one in found][:50]


def locations(sitemap):
    """The paths of the addresses in a sitemap."""
    found = sitemap.decode().split("<loc>")[1:]
    return [urllib.parse.urlsplit(one.split("</loc>")[0]).path for one in found]


def png(width, height):
    """A picture of random bands; no two are equal."""
    rows = bytearray()
    for _ in range(height):
        rows += b"\0" + bytes([random.randrange(256)] * 3) * width
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    packed = [struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


if __name__ == "__main__":
    main()
