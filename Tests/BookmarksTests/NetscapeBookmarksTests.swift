import Foundation
import Testing

@testable import Bookmarks

@Suite("a browser's export is read")
struct NetscapeBookmarksTests {
    private func parse(_ text: String) throws -> [NetscapeBookmarkParser.Outcome] { try parse(Array(text.utf8)) }

    private func parse(_ bytes: [UInt8], chunk: Int = 4096) throws -> [NetscapeBookmarkParser.Outcome] {
        var parser = NetscapeBookmarkParser()
        var outcomes: [NetscapeBookmarkParser.Outcome] = []
        for start in stride(from: 0, to: bytes.count, by: chunk) {
            outcomes += parser.consume(bytes[start..<min(start + chunk, bytes.count)])
        }
        return outcomes + (try parser.finish())
    }

    private func entries(_ text: String) throws -> [NetscapeBookmark] {
        try parse(text).compactMap { if case .entry(let entry) = $0 { entry } else { nil } }
    }

    private func problems(_ text: String) throws -> [NetscapeProblem] {
        try parse(text).compactMap { if case .problem(let problem) = $0 { problem } else { nil } }
    }

    private static let firefox = """
        <!DOCTYPE NETSCAPE-Bookmark-file-1>
        <!-- This is an automatically generated file. <DT><A HREF="https://comment.example/">no</A> -->
        <META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8">
        <TITLE>Bookmarks</TITLE>
        <H1>Bookmarks Menu</H1>

        <DL><p>
            <DT><H3 ADD_DATE="1" PERSONAL_TOOLBAR_FOLDER="true">Bar &amp; more</H3>
            <DD>About the folder
            <DL><p>
                <DT><A HREF="https://a.example/?x=1&amp;y=2" ADD_DATE="1700000000" ICON="data:image/png;base64,aGk=" TAGS="one,two, one">A &lt;b&gt; &#8211; c</A>
                <DD>First line
        second <b>line</b>
                <DT><H3>Inner</H3>
                <DL><p>
                    <DT><A HREF="http://b.example/">B</A>
                </DL><p>
                <HR>
                <DT><A HREF="place:sort=8">Recent</A>
            </DL><p>
            <DT><A HREF="https://c.example/">C</A>
        </DL>
        """

    @Test("folders, tags, dates, notes and entities of Firefox")
    func firefox() throws {
        let entries = try entries(Self.firefox)
        #expect(entries.map(\.url) == ["https://a.example/?x=1&y=2", "http://b.example/", "https://c.example/"])
        #expect(entries.map(\.folder) == [["Bar & more"], ["Bar & more", "Inner"], []])
        #expect(entries[0].title == "A <b> – c")
        #expect(entries[0].tags == ["one", "two"])
        #expect(entries[0].addedAt == Date(timeIntervalSince1970: 1_700_000_000))
        #expect(entries[0].notes == "First line\nsecond line")
        #expect(entries[0].line == 11)
        #expect(entries[1].notes == nil && entries[1].addedAt == nil)
    }

    @Test("a link that is no web address is refused by its line, the others are kept")
    func refusedLinks() throws {
        let text = """
            <!DOCTYPE NETSCAPE-Bookmark-file-1><DL>
            <DT><A HREF="javascript:alert(1)">bookmarklet</A>
            <DT><A HREF="https://good.example/">good</A>
            <DT><A HREF="chrome://settings">settings</A>
            <DT><A HREF="">empty</A>
            <DT><A NAME="x">none</A>
            <DT><A HREF="relative/path">relative</A>
            <DT><A HREF="https://\(String(repeating: "a", count: 40_000)).example/">long</A>
            </DL>
            """
        let problems = try problems(text)
        #expect(problems.map(\.line) == [2, 4, 5, 6, 7, 8])
        #expect(
            problems.map(\.refusal) == [
                .noWebAddress(scheme: "javascript"), .noWebAddress(scheme: "chrome"), .noAddress, .noAddress,
                .malformedAddress, .addressTooLong,
            ])
        #expect(problems.allSatisfy { !$0.reason.isEmpty })
        #expect(try entries(text).map(\.title) == ["good"])
    }

    @Test("any split into pieces gives the same entries", arguments: [1, 2, 3, 7, 64])
    func pieces(size: Int) throws {
        let bytes = Array(Self.firefox.utf8)
        #expect(try parse(bytes, chunk: size) == parse(bytes, chunk: bytes.count))
    }

    @Test("a file cut off anywhere gives the entries before the cut and never fails twice")
    func truncation() throws {
        let bytes = Array(Self.firefox.utf8)
        let whole = try parse(bytes)
        for length in 40..<bytes.count {
            let cut = try parse(Array(bytes[..<length]))
            #expect(cut.count <= whole.count + 1)
            #expect(cut.dropLast(2) == whole.prefix(max(cut.count - 2, 0)))
        }
        let middle =
            "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<DT><A HREF=\"https://a.example/\">A</A>\n<DT><A HREF=\"https://b.exa"
        #expect(try problems(middle) == [NetscapeProblem(line: 3, refusal: .truncated)])
        #expect(try entries(middle).map(\.title) == ["A"])
    }

    @Test("lower case, single and no quotes, missing closing tags, stray characters")
    func tolerance() throws {
        let text = """
            <!doctype netscape-bookmark-file-1>
            <dl><dt><h3>one<dl>
            <dt><a href='https://a.example/' add_date='1700000000'>A < B & C
            <dt><a add_date=1700000000 href=https://b.example/x private=1 toread=1>B
            <dd>note
            <dt><a href = "https://c.example/" tags="x, y ,,x">  C
              c  </a></dl>
            <dt><a href="https://d.example/">D</a></dl></dl></dl>
            """
        let entries = try entries(text)
        #expect(entries.map(\.title) == ["A < B & C", "B", "C c", "D"])
        #expect(entries.map(\.folder) == [["one"], ["one"], ["one"], []])
        #expect(entries[1].isToRead && entries[1].notes == "note")
        #expect(entries[2].tags == ["x", "y"])
    }

    @Test("a quote that is never closed costs one entry")
    func unclosedQuote() throws {
        let text = """
            <!DOCTYPE NETSCAPE-Bookmark-file-1>
            <DT><A HREF="https://a.example/ ADD_DATE=1>A</A>
            <DT><A HREF="https://b.example/">B</A>
            """
        #expect(try entries(text).map(\.url).suffix(1) == ["https://b.example/"])
    }

    @Test("Pocket's list, with its heading for what is unread")
    func pocket() throws {
        let text = """
            <!DOCTYPE html><html><head><title>Pocket Export</title></head><body>
            <h1>Unread</h1><ul>
            <li><a href="https://a.example/" time_added="1600000000" tags="swift,server">A</a></li></ul>
            <h1>Read Archive</h1><ul>
            <li><a href="https://b.example/" time_added="1600000001" tags="">B</a></li></ul></body></html>
            """
        let entries = try entries(text)
        #expect(entries.map(\.isToRead) == [true, false])
        #expect(entries.map(\.tags) == [["swift", "server"], []])
    }

    @Test("Safari's reading list is to be read")
    func safari() throws {
        let text = """
            <!DOCTYPE NETSCAPE-Bookmark-file-1>
            <DT><H3 FOLDED>Favourites</H3><DL><p><DT><A HREF="https://a.example/">A</A></DL><p>
            <DT><H3 FOLDED id="com.apple.ReadingList">Reading List</H3><DL><p><DT><A HREF="https://b.example/">B</A></DL><p>
            """
        #expect(try entries(text).map(\.isToRead) == [false, true])
    }

    @Test(
        "dates in seconds, milli-, micro- and nanoseconds and since 1601",
        arguments: ["1700000000", "1700000000000", "1700000000000000", "1700000000000000000", "13344473600000000"])
    func dates(text: String) {
        #expect(NetscapeBookmarkParser.date(text) == Date(timeIntervalSince1970: 1_700_000_000))
    }

    @Test("what is no date is none", arguments: ["", "0", "-5", "yesterday", "nan", "inf", "1e300"])
    func noDates(text: String) {
        #expect(NetscapeBookmarkParser.date(text) == nil)
    }

    @Test("text that is not UTF-8 is read in the declared encoding, else as Windows-1252")
    func encodings() throws {
        let head = "<!DOCTYPE NETSCAPE-Bookmark-file-1>"
        let western =
            Array("\(head)<DT><A HREF=\"https://a.example/\">caf".utf8) + [0xE9, 0x20, 0x80] + Array("</A>".utf8)
        guard case .entry(let cafe) = try #require(parse(western).first) else { throw Unexpected() }
        #expect(cafe.title == "café €")
        let russian =
            Array("\(head)<META CONTENT=\"text/html; charset=windows-1251\"><DT><A HREF=\"https://a.example/\">".utf8)
            + [0xCC, 0xE8, 0xF0] + Array("</A>".utf8)
        guard case .entry(let peace) = try #require(parse(russian).first) else { throw Unexpected() }
        #expect(peace.title == "Мир")
    }

    private struct Unexpected: Error {}

    @Test("entities by name and number; parameters that look like them stay")
    func entities() {
        #expect(HTMLEntities.resolved("&eacute;&euro;&#x263A;&#39;&nbsp;|&#150;") == "é€☺'\u{A0}|–")
        #expect(
            HTMLEntities.resolved("?a=1&copy=2&unknown;&#;&#xZZ;&#1114112;&")
                == "?a=1&copy=2&unknown;&#;&#xZZ;&#1114112;&")
    }

    @Test("a file that is no bookmark file is a typed error")
    func otherFiles() {
        #expect(throws: NetscapeBookmarkFailure.empty) { try parse("") }
        #expect(throws: NetscapeBookmarkFailure.empty) { try parse(" \r\n\t") }
        #expect(throws: NetscapeBookmarkFailure.notBookmarks) { try parse(#"{"roots":{"bookmark_bar":{}}}"#) }
        #expect(throws: NetscapeBookmarkFailure.notBookmarks) {
            try parse("<html><p><a href='https://a.example/'>a page</a></html>")
        }
        #expect(throws: NetscapeBookmarkFailure.notBookmarks) { try parse((0...255).flatMap { [UInt8]($0...255) }) }
        #expect(
            !NetscapeBookmarkFailure.empty.description.isEmpty
                && !NetscapeBookmarkFailure.notBookmarks.description.isEmpty)
    }

    @Test("an export without a link is a bookmark file")
    func noLinks() throws {
        #expect(try parse("<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<DL><p>\n</DL><p>").isEmpty)
    }

    @Test("random bytes after the header never stop the parser")
    func garbage() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let noise = (0..<300).map { _ in
                Bool.random(using: &generator)
                    ? UInt8.random(in: 0...255, using: &generator)
                    : Array("<>\"'=/aDTdl \n!-&;#".utf8).randomElement(using: &generator) ?? 0
            }
            let bytes = Array("<!DOCTYPE NETSCAPE-Bookmark-file-1>".utf8) + noise
            #expect(try parse(bytes, chunk: 17) == parse(bytes))
        }
    }

    @Test("texts are bounded: titles and notes are cut, deep folders flattened, tags counted")
    func bounds() throws {
        let deep = String(repeating: "<DT><H3>f</H3><DL>", count: 10_000)
        let tags = (0..<500).map { "t\($0)" }.joined(separator: ",")
        let text =
            "<!DOCTYPE NETSCAPE-Bookmark-file-1>\(deep)<DT><A HREF=\"https://a.example/\" TAGS=\"\(tags)\">\(String(repeating: "é", count: 100_000))</A><DD>\(String(repeating: "n", count: 200_000))\(String(repeating: "</DL>", count: 10_000))<DT><A HREF=\"https://b.example/\">B</A>"
        let entries = try entries(text)
        #expect(entries.count == 2)
        #expect(entries[0].title.utf8.count == NetscapeBookmarkParser.maximumTitle)
        #expect((entries[0].notes ?? "").utf8.count == NetscapeBookmarkParser.maximumNotes)
        #expect(entries[0].folder.count == 64 && entries[0].tags.count == 200)
        #expect(entries[1].folder.isEmpty)
    }
}
