#!/usr/bin/env python3
"""Measures the duration of searches on a running site, with either database engine.

    benches/search.py http://127.0.0.1:8080 [--count 200]

Reads random articles of the archive, builds several kinds of searches from their words, sends them one after
another and prints a table for docs/performance-log.md. Search results are never cached.
"""

import argparse, collections, http.client, html, random, re, time, urllib.parse


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("site")
    options.add_argument("--count", type=int, default=200, help="searches of each kind")
    options = options.parse_args()
    site = Site(options.site)
    random.seed(7)
    print("| search | p50 | p90 | p99 |\n| --- | ---: | ---: | ---: |")
    for kind, make in kinds(read(site)).items():
        queries = [make() for _ in range(options.count)]
        site.search(queries[0])
        times = sorted(site.search(query) for query in queries)
        shown = [times[min(len(times) - 1, int(len(times) * share))] * 1000 for share in (0.5, 0.9, 0.99)]
        print(f"| {kind} | " + " | ".join(f"{duration:.1f}" for duration in shown) + " |", flush=True)


class Site:
    def __init__(self, url):
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc)

    def get(self, path):
        self.connection.request("GET", path, headers={"User-Agent": "search-bench"})
        response = self.connection.getresponse()
        body = response.read().decode()
        # A list may have fewer pages than requested.
        if response.status not in (200, 404):
            raise SystemExit(f"{path}: {response.status}")
        return body

    def search(self, query):
        start = time.perf_counter()
        self.get("/search?" + urllib.parse.urlencode(query))
        return time.perf_counter() - start


def read(site):
    """Headline, text, section and year of 120 random articles."""
    pages = re.findall(r'href="[^"]*\?page=(\d+)"', site.get("/latest"))
    last = max(map(int, pages))
    stories = []
    while len(stories) < 120:
        page = site.get(f"/latest?page={random.randint(2, last)}")
        path = random.choice(re.findall(r'class="card-headline"><a href="([^"]+)"', page))
        story = site.get(path)
        words = lambda part: re.findall(r"\w+", html.unescape(re.sub(r"<[^>]+>", " ", part)))
        trail = re.findall(r'href="(/[^"]+)"', re.search(r'class="breadcrumb".*?</nav>', story, re.S).group(0))
        stories.append(
            {
                "headline": words(re.search(r"<h1[^>]*>(.*?)</h1>", story, re.S).group(1)),
                "text": [words(part) for part in re.findall(r"<p[^>]*>(.*?)</p>", story, re.S)],
                "section": trail[-1],
                "year": int(re.search(r'datetime="(\d{4})', story).group(1)),
            }
        )
    return stories


def kinds(stories):
    """A function for each kind of search that returns a query."""
    document_counts = collections.Counter()
    for story in stories:
        document_counts.update({word.lower() for part in story["text"] for word in part if len(word) > 3})
    common = [word for word, count in document_counts.items() if count > len(stories) / 5]
    letters = "abcdefghijklmnopqrstuvwxyz"

    def phrase():
        part = random.choice([part for part in random.choice(stories)["text"] if len(part) > 5] or [common])
        start = random.randrange(max(1, len(part) - 3))
        return {"q": '"' + " ".join(part[start : start + 3]) + '"'}

    def misspelt():
        word = random.choice(random.choice(stories)["headline"] + common)
        index = random.randrange(len(word))
        return {"q": word[:index] + random.choice(letters) + word[index + 1 :]}

    def filtered():
        story = random.choice(stories)
        dates = {"from": f"{story['year']}-01-01", "to": f"{story['year']}-12-31"}
        return {"q": random.choice(common), "section": story["section"], **dates}

    return {
        "unknown word, with a spelling suggestion": lambda: {
            "q": "".join(random.choices(letters, k=random.randint(5, 10)))
        },
        "common word, any page of the results": lambda: {"q": random.choice(common), "page": random.randint(1, 15)},
        "two common words": lambda: {"q": " ".join(random.sample(common, 2))},
        "complete headline": lambda: {"q": " ".join(random.choice(stories)["headline"])},
        "phrase of three words": phrase,
        "misspelt word": misspelt,
        "word in a section and a year": filtered,
        "common word, newest first": lambda: {"q": random.choice(common), "sort": "newest"},
        "beginning of a word": lambda: {"q": random.choice(common)[: random.randint(3, 4)]},
    }


if __name__ == "__main__":
    main()
