"""Answers that a web site should not give, but some do."""

import gzip
import socket
import struct
import time

SENTENCE = "The baker weighs the rye flour, stirs in salt and water, and leaves the dough to rest until the morning. "
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc000000301"
    "0100c9fe92ef0000000049454e44ae426082")

LOGIN = """<!doctype html><html><head><title>Sign in - Intranet</title></head><body>
<h1>Sign in</h1><form method="post" action="/login"><label>E-mail <input type="email" name="email"></label>
<label>Password <input type="password" name="password"></label><button>Sign in</button>
<a href="/forgot">Forgot your password?</a></form></body></html>"""

BOT_CHECK = """<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title>
<meta http-equiv="refresh" content="390"></head><body><div class="main-wrapper" role="main"><div class="main-content">
<h1>example.org</h1><h2 id="challenge-running">Checking if the site connection is secure</h2>
<noscript>Enable JavaScript and cookies to continue</noscript>
<div id="challenge-body-text">example.org needs to review the security of your connection before proceeding.</div>
</div></div><script>window._cf_chl_opt={cvId:'2',cType:'managed',cRay:'7a1b2c'};</script>
<script src="/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1"></script></body></html>"""


def story(title: str, paragraphs: int = 6, text: str = SENTENCE) -> str:
    """A page whose article is that many paragraphs long."""
    body = "\n".join(f"<p>{text * 2}</p>" for _ in range(paragraphs))
    return f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{title}</title></head><body><nav><a href=/>Home</a></nav><article><h1>{title}</h1>\n{body}</article></body></html>"


def failing(status: int, **headers: str):
    """Answers with an error page."""
    return lambda visit: visit.answer(b"<title>Error</title><h1>Sorry</h1>", status, **headers)


def at_first(count: int, bad, good):
    """Answers badly so many times, and well from then on."""
    left = [bad] * count
    return lambda visit: (left.pop() if left else good)(visit)


def never_ending(visit):
    """Sends paragraphs for as long as somebody reads them."""
    visit.send_response(200)
    visit.send_header("Content-Type", "text/html")
    visit.send_header("Connection", "close")
    visit.end_headers()
    visit.close_connection = True
    paragraph = f"<p>{SENTENCE}</p>".encode() * 100
    while visit.server.site.is_open:
        visit.wfile.write(paragraph)


def slow_drip(visit):
    """Sends a byte now and then."""
    visit.send_response(200)
    visit.send_header("Content-Type", "text/html")
    visit.send_header("Content-Length", "100000")
    visit.end_headers()
    while visit.server.site.is_open:
        visit.wfile.write(b"x")
        visit.wfile.flush()
        time.sleep(0.2)


def silent(visit):
    """Accepts the request and says nothing."""
    while visit.server.site.is_open:
        time.sleep(0.1)


def gzip_bomb(visit):
    """Some hundred kilobytes that unpack to half a gigabyte."""
    visit.answer(_BOMB, Content_Encoding="gzip")


# Members of a gzip stream follow one another.
_BOMB = gzip.compress(bytes(32 * 1024 * 1024)) * 16


def reset(visit):
    """Breaks the connection off in the middle of the answer."""
    visit.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5000\r\n\r\n<p>Beginning")
    visit.wfile.flush()
    visit.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    visit.connection.close()


def nonsense(visit):
    """Answers in no protocol at all."""
    visit.wfile.write(b"\x16\x03\x01 I am not a web server\r\n\r\n")
    visit.close_connection = True
