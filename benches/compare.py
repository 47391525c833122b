#!/usr/bin/env python3
"""Compares Dateline with nginx, which serves the same pages as static files.

    benches/compare.py [--articles 1000,100000,1000000] [--seconds 10] [--keep FOLDER] [--before BINARY]

Needs `wrk` and `nginx` (Debian: apt-get install wrk nginx-light) and two cores. Builds the release
binary, generates a SQLite database for each archive size, loads both servers in turn and prints a table for
docs/PERFORMANCE.md. Absolute numbers of different machines cannot be compared; the ratios within one run can. With
`--before`, another version of the program is measured in turn with this one.
"""

import argparse, atexit, os, random, re, shutil, signal, sqlite3, statistics, subprocess, sys, tempfile, time
import urllib.error, urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
BINARY = os.path.join(ROOT, "target/release/dateline")
DATELINE, NGINX, BEFORE = 8193, 8194, 8192
# Number of measurements of each server; they alternate.
ROUNDS = 5
WORDS = "bridge minister council election harbour budget trade water railway museum court storm".split()
TICK = os.sysconf("SC_CLK_TCK")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--articles", default="1000,100000,1000000")
    options.add_argument("--seconds", type=int, default=10, help="duration of each measurement")
    options.add_argument("--keep", help="folder that keeps the archives for the next run")
    options.add_argument("--before", help="another version of the program to compare with")
    options = options.parse_args()
    for program in ("wrk", "nginx"):
        if not shutil.which(program):
            sys.exit(f"{program} is not installed")
    subprocess.run(["cargo", "build", "--release"], cwd=ROOT, check=True)
    with tempfile.TemporaryDirectory() as folder:
        kept = options.keep or folder
        results = {}
        for size in map(int, options.articles.split(",")):
            results[size] = measure_archive(size, kept, folder, options.seconds, options.before)
        # Smaller archives fit into the cache almost completely.
        large = [size for size in results if size > 50_000]
        measure_uncached(large, results, kept, folder, options.seconds, options.before)
        print_table(results)


def archive(size, kept, binary, suffix=""):
    """The data folder of an archive of this size, generated if it is not there yet."""
    data = os.path.join(kept, f"articles-{size}{suffix}")
    if not os.path.exists(os.path.join(data, "done")):
        shutil.rmtree(data, ignore_errors=True)
        subprocess.run([binary, "generate", "--articles", str(size), "--data-dir", data], check=True)
        open(os.path.join(data, "done"), "w").close()
    return data


def measure_archive(size, kept, folder, seconds, before):
    data = archive(size, kept, BINARY)
    started = time.time()
    dateline = Dateline(data)
    first = get(DATELINE, "/")
    start = time.time() - started
    print(f"\n{size} articles: first response {start * 1000:.0f} ms after the start", flush=True)
    articles = sample_articles(data, size)
    older = Dateline(archive(size, kept, before, "-before"), BEFORE, before) if before else None
    pages = {
        "article": articles[:1],
        "1,000 articles": articles[:1000],
        "home": ["/"],
        "section": [section_of(first)],
        "feed": ["/feed.xml"],
    }
    pages = {name: paths for name, paths in pages.items() if exists(paths[0])}
    files = os.path.join(folder, "pages")
    shutil.rmtree(files, ignore_errors=True)
    nginx = Nginx(folder, files, pages)
    rows = []

    def measure(name, paths, served, headers, older_headers, seconds):
        servers = [(dateline, DATELINE, paths, headers), (nginx, NGINX, served[0], served[1])]
        if older:
            servers.append((older, BEFORE, paths, older_headers))
        rows.append((name, *alternate(servers, seconds, folder), *([] if older else [None])))
        print_row(*rows[-1])

    for name, paths in pages.items():
        served = nginx.paths[name]
        for encoding in ("", "gzip"):
            headers = ["Accept-Encoding", encoding] if encoding else []
            for port in [DATELINE, BEFORE] if older else [DATELINE]:
                warm(port, paths, encoding)
            # Long enough that jobs that run once a minute have their real weight.
            long = seconds if len(paths) == 1 else max(seconds, 30)
            measure(f"{name}, {encoding or 'plain'}", paths, (served, headers), headers, headers, long)

    def if_none_match(port, path):
        return ["If-None-Match", etag_of(port, path)]

    static = nginx.paths["article"]
    measure(
        "304",
        articles[:1],
        (static, if_none_match(NGINX, static[0])),
        if_none_match(DATELINE, articles[0]),
        if_none_match(BEFORE, articles[0]) if older else None,
        seconds,
    )
    memory = dateline.memory()
    searches = [f"/search?q={a}" for a in WORDS] + [f"/search?q={a}+{b}" for a in WORDS for b in WORDS]
    ours = load(dateline, DATELINE, searches, [], seconds, folder, connections=4)
    rows.append(("search", ours, None, None))
    print_row(*rows[-1])
    memory = max(memory, dateline.memory())
    print(f"memory: {memory:.0f} MB", flush=True)
    for server in (dateline, nginx, older):
        if server:
            server.stop()
    return {"start": start, "memory": memory, "rows": rows}


def measure_uncached(sizes, results, kept, folder, seconds, before):
    """Requests more articles than the cache holds, so that nearly all are rendered; the archives alternate."""
    served = []
    for size in sizes:
        for binary, suffix in [(BINARY, ""), (before, "-before")] if before else [(BINARY, "")]:
            data, port = archive(size, kept, binary, suffix), NGINX + 1 + len(served)
            served.append((Dateline(data, port, binary), port, sample_articles(data, size, 150_000), []))
    measured = alternate(served, max(seconds, 30), folder)
    step = 2 if before else 1
    for size, one, ours, older in zip(sizes, served[::step], measured[::step], measured[1::step] if before else sizes):
        results[size]["rows"].append(("uncached article", ours, None, older if before else None))
        print_row(f"uncached, {size}", *results[size]["rows"][-1][1:])
        results[size]["memory"] = max(results[size]["memory"], one[0].memory())
    for server in served:
        server[0].stop()


def print_row(name, ours, theirs, before):
    print(f"{name:<24}" + "".join(cells(ours, theirs, before)), flush=True)


def cells(ours, theirs, before):
    yield f"{ours['rps']:>9,.0f}/s {ours['cpu']:>8.1f} µs {ours['p50']:>7.2f} {ours['p99']:>7.2f} ms"
    if theirs:
        yield f"   nginx {theirs['rps']:>9,.0f}/s {theirs['cpu']:>6.1f} µs {theirs['p99']:>7.2f} ms"
        yield f"   ratio of CPU {ours['cpu'] / theirs['cpu']:.2f}"
    if before:
        yield f"   before {before['cpu']:>6.1f} µs, ratio {ours['cpu'] / before['cpu']:.2f}"


def print_table(results):
    """Prints the results as a Markdown table for docs/PERFORMANCE.md."""
    sizes = list(results)
    print("\n| | " + " | ".join(f"{size:,} articles" for size in sizes) + " |")
    print("| --- |" + " ---: |" * len(sizes))
    names = dict.fromkeys(row[0] for result in results.values() for row in result["rows"])
    for name in names:
        line = []
        for size in sizes:
            found = [row[1:] for row in results[size]["rows"] if row[0] == name]
            if not found:
                line.append("")
                continue
            ours, theirs, before = found[0]
            text = f"{ours['cpu']:.1f} µs, {ours['rps']:,.0f}/s, p99 {ours['p99']:.1f} ms"
            line.append(text + (f"; nginx × {ours['cpu'] / theirs['cpu']:.2f}" if theirs else "")
                        + (f"; before × {ours['cpu'] / before['cpu']:.2f}" if before else ""))
        print(f"| {name} | " + " | ".join(line) + " |")
    print("| memory | " + " | ".join(f"{results[size]['memory']:.0f} MB" for size in sizes) + " |")
    print("| first response after the start | " + " | ".join(f"{results[size]['start'] * 1000:.0f} ms" for size in sizes) + " |")


class Server:
    def cpu(self):
        """CPU time of the server and its children, in seconds."""
        total = 0
        for pid in self.pids():
            with open(f"/proc/{pid}/stat") as stat:
                fields = stat.read().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICK

    def memory(self):
        """Anonymous memory in megabytes, that is, without the page cache of the system."""
        total = 0
        for pid in self.pids():
            with open(f"/proc/{pid}/status") as status:
                total += int(re.search(r"RssAnon:\s+(\d+)", status.read()).group(1))
        return total / 1024

    def start(self, command):
        self.process = subprocess.Popen(command)
        atexit.register(self.stop)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait()


class Dateline(Server):
    def __init__(self, data, port=DATELINE, binary=None):
        settings = ["--data-dir", data, "--bind", f"127.0.0.1:{port}", "--log-level", "warn"]
        self.start([binary or BINARY, "serve", *settings])
        wait_for(port)

    def pids(self):
        return [self.process.pid]


class Nginx(Server):
    def __init__(self, folder, files, pages):
        os.makedirs(files)
        self.paths = {}
        for name, paths in pages.items():
            self.paths[name] = []
            for number, path in enumerate(paths):
                kind = f"{list(pages).index(name)}-{number}.html"
                with open(os.path.join(files, kind), "wb") as file:
                    file.write(get(DATELINE, path))
                subprocess.run(["gzip", "-9", "-k", os.path.join(files, kind)], check=True)
                self.paths[name].append("/" + kind)
        config = os.path.join(folder, "nginx.conf")
        with open(config, "w") as file:
            file.write(f"""
{"user root;" if os.geteuid() == 0 else ""}
worker_processes {os.cpu_count()};
daemon off;
pid {folder}/nginx.pid;
error_log stderr error;
events {{ worker_connections 1024; }}
http {{
    types {{ text/html html; }}
    access_log off;
    sendfile on;
    tcp_nopush on;
    open_file_cache max=5000;
    open_file_cache_valid 60s;
    keepalive_requests 1000000000;
    gzip_static on;
    server {{ listen 127.0.0.1:{NGINX}; root {files}; }}
}}
""")
        self.start(["nginx", "-c", config, "-p", folder])
        wait_for(NGINX, self.paths["article"][0])

    def pids(self):
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as children:
            return [self.process.pid, *map(int, children.read().split())]


def alternate(servers, seconds, folder):
    """The medians of several rounds, in which the servers alternate so that other load affects all of them."""
    rounds = [[load(*one, seconds / ROUNDS, folder) for one in servers] for _ in range(ROUNDS)]
    return [
        {name: statistics.median(one[name] for one in results) for name in results[0]}
        for results in zip(*rounds)
    ]


def load(server, port, paths, headers, seconds, folder, connections=64):
    """Requests per second, CPU microseconds per request, p50 and p99 in milliseconds."""
    listed = os.path.join(folder, "paths")
    with open(listed, "w") as file:
        file.write("\n".join(paths))
    command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "-s", os.path.join(HERE, "requests.lua"),
               f"http://127.0.0.1:{port}/", "--", listed, *headers]
    before = server.cpu()
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    used = server.cpu() - before
    requests, duration, errors, p50, p99 = map(int, re.search(r"RESULT (.*)", output).group(1).split())
    if errors:
        sys.exit(f"{errors} errors at {paths[0]}:\n{output}")
    return {"rps": requests / duration * 1e6, "cpu": used / requests * 1e6, "p50": p50 / 1000, "p99": p99 / 1000}


def request(port, path, headers={}):
    return urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers))


def get(port, path):
    return request(port, path).read()


def etag_of(port, path):
    return request(port, path).headers["ETag"]


def exists(path):
    try:
        return bool(get(DATELINE, path))
    except urllib.error.HTTPError:
        return False


def warm(port, paths, encoding=""):
    """Requests the pages until they are cached and compressed with the strong setting."""
    for _ in range(3):
        for path in paths:
            request(port, path, {"Accept-Encoding": encoding} if encoding else {}).read()
    time.sleep(1 if len(paths) == 1 or not encoding else 15)


def sample_articles(data, size, count=1000):
    """Paths of articles, evenly distributed over the archive and shuffled."""
    database = sqlite3.connect(f"file:{data}/dateline.db?mode=ro", uri=True)
    step = max(1, size // count)
    query = "SELECT path FROM addresses WHERE kind = 'article' AND target_id = ? AND canonical"
    found = [database.execute(query, (id,)).fetchone() for id in range(1, size + 1, step)]
    database.close()
    paths = [path for path, in filter(None, found)]
    # Unpublished articles have paths too.
    if count <= 1000:
        paths = [path for path in paths if exists(path)]
    random.Random(size).shuffle(paths)
    return paths


def section_of(home):
    """The path of the first section block on the front page."""
    return re.search(rb'<div class="block-head">\s*<h2[^>]*><a href="([^"]+)"', home).group(1).decode()


def wait_for(port, path="/"):
    for _ in range(2000):
        try:
            return get(port, path)
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.005)
    sys.exit(f"no response on port {port}")


if __name__ == "__main__":
    main()
