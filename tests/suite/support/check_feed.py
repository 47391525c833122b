"""Parses the feed on standard input as feed readers do, and says what is wrong with it."""

import sys

import feedparser

feed = feedparser.parse(sys.stdin.buffer.read())
if feed.bozo:
    sys.exit(f"not well-formed: {feed.bozo_exception!r}")
missing = [name for name in ("title", "link") if not feed.feed.get(name)]
for entry in feed.entries:
    missing += [
        f"{name} of {entry.get('title')}"
        for name in ("title", "link", "id", "summary", "author", "tags")
        if not entry.get(name)
    ]
    if not (entry.get("published_parsed") or entry.get("updated_parsed")):
        missing.append(f"a date of {entry.get('title')}")
if missing or not feed.entries:
    sys.exit(f"without {missing or 'entries'}")
print(feed.version, len(feed.entries))
