#!/usr/bin/env python3
"""Measures how long searches take at a site that runs, whichever engine it stands on.

    benches/search.py http://127.0.0.1:8080 [--count 200]

Reads some pages of its archive, makes searches of several kinds out of their words, asks one after another
and prints a table for docs/PERFORMANCE.md. No answer is kept in memory: each is searched for.
"""

import argparse, collections, http.client, html, random, re, time, urllib.parse


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("site")
    options.add_argument("--count", type=int, default=200, help="searches of each kind")
    options = options.parse_args()
    site = Site(options.site)
    random.seed(7)
    print("| what is searched for | p50 | p90 | p99 |\n| --- | ---: | ---: | ---: |")
    for kind, make in kinds(read(site)).items():
        queries = [make() for _ in range(options.count)]
        site.search(queries[0])
        times = sorted(site.search(query) for query in queries)
        shown = [times[min(len(times) - 1, int(len(times) * share))] * 1000 for share in (0.5, 0.9, 0.99)]
        print(f"| {kind} | " + " | ".join(f"{time:.1f}" for time in shown) + " |", flush=True)


class Site:
    def __init__(self, url):
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc)

    def get(self, path):
        self.connection.request("GET", path, headers={"User-Agent": "search-bench"})
        answer = self.connection.getresponse()
        body = answer.read().decode()
        # A list may have fewer pages than were asked for.
        if answer.status not in (200, 404):
            raise SystemExit(f"{path}: {answer.status}")
        return body

    def search(self, query):
        began = time.perf_counter()
        self.get("/search?" + urllib.parse.urlencode(query))
        return time.perf_counter() - began


def read(site):
    """Headline, text, section and day of some stories from all over the archive."""
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
    """What makes a search of each kind."""
    stands_in = collections.Counter()
    for story in stories:
        stands_in.update({word.lower() for part in story["text"] for word in part if len(word) > 3})
    common = [word for word, times in stands_in.items() if times > len(stories) / 5]
    letters = "abcdefghijklmnopqrstuvwxyz"

    def phrase():
        part = random.choice([part for part in random.choice(stories)["text"] if len(part) > 5] or [common])
        start = random.randrange(max(1, len(part) - 3))
        return {"q": '"' + " ".join(part[start : start + 3]) + '"'}

    def misspelt():
        word = random.choice(random.choice(stories)["headline"] + common)
        place = random.randrange(len(word))
        return {"q": word[:place] + random.choice(letters) + word[place + 1 :]}

    def filtered():
        story = random.choice(stories)
        dates = {"from": f"{story['year']}-01-01", "to": f"{story['year']}-12-31"}
        return {"q": random.choice(common), "section": story["section"], **dates}

    return {
        "a word that is nowhere, with a suggestion looked for": lambda: {
            "q": "".join(random.choices(letters, k=random.randint(5, 10)))
        },
        "a common word, any page of the results": lambda: {"q": random.choice(common), "page": random.randint(1, 15)},
        "two common words": lambda: {"q": " ".join(random.sample(common, 2))},
        "a whole headline": lambda: {"q": " ".join(random.choice(stories)["headline"])},
        "a phrase of three words": phrase,
        "a misspelt word": misspelt,
        "a word in a section and a year": filtered,
        "newest first": lambda: {"q": random.choice(common), "sort": "newest"},
        "the beginning of a word": lambda: {"q": random.choice(common)[: random.randint(3, 4)]},
    }


if __name__ == "__main__":
    main()
