"""Bookmark files as browsers export them."""

from dataclasses import dataclass
from html import escape

ICON = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
#: 2021-05-03T09:20:00Z
ADDED = 1_620_033_600


@dataclass(frozen=True)
class Link:
    url: str
    title: str
    tags: tuple[str, ...] = ()
    notes: str = ""


def firefox_export(folders: dict[str, list[Link]]) -> bytes:
    """A file as Firefox writes it: tags in an attribute, notes after the link, its own places among the links."""
    lines = [_FIREFOX_HEAD]
    for name, links in folders.items():
        lines += [f'    <DT><H3 ADD_DATE="{ADDED}" LAST_MODIFIED="{ADDED}">{escape(name)}</H3>', "    <DL><p>"]
        for link in links:
            tags = f' TAGS="{escape(",".join(link.tags))}"' if link.tags else ""
            lines.append(
                f'        <DT><A HREF="{escape(link.url)}" ADD_DATE="{ADDED}" LAST_MODIFIED="{ADDED}" '
                f'ICON_URI="fake-favicon-uri:{escape(link.url)}" ICON="{ICON}"{tags}>{escape(link.title)}</A>')
            if link.notes:
                lines.append(f"        <DD>{escape(link.notes)}")
        lines.append("    </DL><p>")
    lines.append('    <DT><A HREF="place:sort=8&maxResults=10" ADD_DATE="1620033600">Most Visited</A>')
    return "\n".join([*lines, "</DL>", ""]).encode()


def chrome_export(folders: dict[str, list[Link]]) -> bytes:
    """A file as Chrome writes it: everything below the bookmarks bar, no tags and no notes."""
    lines = [_CHROME_HEAD]
    for name, links in folders.items():
        lines += [f'        <DT><H3 ADD_DATE="{ADDED}" LAST_MODIFIED="{ADDED}">{escape(name)}</H3>', "        <DL><p>"]
        lines += [
            f'            <DT><A HREF="{escape(link.url)}" ADD_DATE="{ADDED}" ICON="{ICON}">{escape(link.title)}</A>'
            for link in links]
        lines.append("        </DL><p>")
    return "\n".join([*lines, "    </DL><p>", "</DL><p>", ""]).encode()


def plain_export(links: list[Link]) -> bytes:
    """The least that a bookmark file needs, one link a line from line 4 on."""
    rows = [f'<DT><A HREF="{escape(link.url)}">{escape(link.title)}</A>' for link in links]
    return "\n".join(["<!DOCTYPE NETSCAPE-Bookmark-file-1>", "<TITLE>Bookmarks</TITLE>", "<DL><p>", *rows, "</DL><p>"]).encode()


_FIREFOX_HEAD = """<!DOCTYPE NETSCAPE-Bookmark-file-1>
<!-- This is an automatically generated file.
     It will be read and overwritten.
     DO NOT EDIT! -->
<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8">
<meta http-equiv="Content-Security-Policy"
      content="default-src 'self'; script-src 'none'; img-src data: *; object-src 'none'"></meta>
<TITLE>Bookmarks</TITLE>
<H1>Bookmarks Menu</H1>

<DL><p>"""

_CHROME_HEAD = """<!DOCTYPE NETSCAPE-Bookmark-file-1>
<!-- This is an automatically generated file.
     It will be read and overwritten.
     DO NOT EDIT! -->
<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8">
<TITLE>Bookmarks</TITLE>
<H1>Bookmarks</H1>
<DL><p>
    <DT><H3 ADD_DATE="1620033600" LAST_MODIFIED="1620033600" PERSONAL_TOOLBAR_FOLDER="true">Bookmarks bar</H3>
    <DL><p>"""
