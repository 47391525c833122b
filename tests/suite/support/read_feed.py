"""Prints the descriptions of the feed on standard input as a feed reader shows them: the text of their HTML."""

import json
import sys
from html.parser import HTMLParser

import feedparser


def text_of(html):
    pieces = []
    parser = HTMLParser(convert_charrefs=True)
    parser.handle_data = pieces.append
    parser.feed(html)
    parser.close()
    return "".join(pieces)


feed = feedparser.parse(sys.stdin.buffer.read())
if feed.bozo:
    sys.exit(f"not well-formed: {feed.bozo_exception!r}")
wrong = [entry.summary_detail.type for entry in feed.entries if entry.summary_detail.type != "text/html"]
if wrong:
    sys.exit(f"descriptions of type {wrong}")
print(json.dumps([text_of(entry.summary) for entry in feed.entries]))
