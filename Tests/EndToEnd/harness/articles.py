"""Articles on many topics, and questions that share no word with the page that answers them."""

import re
from dataclasses import dataclass
from html import escape
from pathlib import Path

_FOLDER = Path(__file__).resolve().parent.parent / "articles"
_SMALL_WORDS = frozenset(
    "a across an and are at because by few for from how in is it left no not of off on or out that the through to "
    "up which with without".split())


@dataclass(frozen=True)
class Article:
    name: str
    title: str
    paragraphs: tuple[str, ...]
    #: A search in other words than the article's; None where there is none.
    asked: str | None

    @property
    def path(self) -> str:
        return f"/articles/{self.name}"

    def words_shared_with(self, question: str) -> set[str]:
        """Words of the question that occur in the page, as far as they carry meaning."""
        return _words(question) & _words(self.page)

    @property
    def page(self) -> str:
        """The article as a magazine shows it, with what surrounds articles there."""
        paragraphs = "\n".join(f"<p>{escape(paragraph)}</p>" for paragraph in self.paragraphs)
        return _PAGE.format(title=escape(self.title), name=self.name, paragraphs=paragraphs)


def all_articles() -> list[Article]:
    return [_read(file) for file in sorted(_FOLDER.glob("*.txt"))]


def article(name: str) -> Article:
    return _read(_FOLDER / f"{name}.txt")


def _read(file: Path) -> Article:
    head, *paragraphs = file.read_text().strip().split("\n\n")
    fields = dict(line.split(": ", 1) for line in head.splitlines())
    return Article(file.stem, fields["title"], tuple(paragraphs), fields.get("asked"))


def _words(text: str) -> set[str]:
    visible = re.sub(r"<[^>]*>", " ", text)
    return set(re.findall(r"[a-z]+", visible.lower())) - _SMALL_WORDS


_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title} | The Weekly Lantern</title>
<meta property="og:title" content="{title}">
<meta property="og:site_name" content="The Weekly Lantern">
<meta property="og:type" content="article">
<meta name="author" content="Ida Sommer">
<style>body {{ font-family: serif }} .ad {{ float: right }}</style>
<script>window.dataLayer = window.dataLayer || [];</script>
</head>
<body>
<header><nav><ul>
<li><a href="/">Front page</a></li><li><a href="/culture">Culture</a></li><li><a href="/letters">Letters</a></li>
</ul></nav></header>
<div class="cookie-banner">We value your privacy. <button>Accept all cookies</button></div>
<main><article>
<h1>{title}</h1>
<p class="byline">By Ida Sommer</p>
{paragraphs}
</article></main>
<aside class="sidebar"><h2>Most popular</h2><ul>
<li><a href="/articles/{name}?print=1">Print this</a></li><li><a href="/subscribe">Subscribe to our newsletter</a></li>
</ul></aside>
<footer><p>© The Weekly Lantern. <a href="/imprint">Imprint</a> <a href="/privacy">Privacy policy</a></p></footer>
<script>console.log("tracking")</script>
</body>
</html>
"""
