import Foundation
import Reading

/// What each tag means: a state between `<DT>`, `<A>`, `<DD>`, `<H3>` and `<DL>`.
extension NetscapeBookmarkParser {
    private static let maximumDepth = 64
    private static let maximumTags = 200
    private static let maximumTag = 200

    mutating func take(_ token: NetscapeTokenizer.Token, into outcomes: inout [Outcome]) {
        switch token {
        case .text(let bytes):
            guard place != .elsewhere, collected.count < Self.maximumNotes else { return }
            collected += bytes
        case .tag(let bytes, let line):
            let tag = NetscapeTag(bytes)
            take(tag, line: line, into: &outcomes)
            lastTag = tag.name
        }
    }

    private mutating func take(_ tag: NetscapeTag, line: Int, into outcomes: inout [Outcome]) {
        switch tag.name {
        case "a": startLink(tag, line: line, into: &outcomes)
        case "/a", "/h3", "/h1": close()
        case "h3": startFolder(tag, into: &outcomes)
        case "h1": start(.heading, into: &outcomes)
        case "dd": startNotes()
        case "br", "p": if place == .notes { collected.append(0x0A) }
        case "dt", "hr", "li": start(.elsewhere, into: &outcomes)
        case "dl": openFolder(into: &outcomes)
        case "/dl": closeFolder(into: &outcomes)
        case "!doctype": if tag.attributes().keys.contains("netscape-bookmark-file-1") { isRecognised = true }
        case "meta": if let type = tag.attributes()["content"] { text.declare(contentType: text.decoded(type)) }
        default: break
        }
    }

    /// Ends what was open, as closing tags are often missing.
    private mutating func start(_ next: Place, into outcomes: inout [Outcome]) {
        close()
        emit(into: &outcomes)
        place = next
    }

    /// Gives the collected text to what it belongs to.
    mutating func close() {
        let bytes = collected[...]
        switch place {
        case .elsewhere: break
        case .title:
            let title = text.line(bytes, limit: Self.maximumTitle)
            edit { $0.title = title }
        case .folderName: nextFolder.name = text.line(bytes, limit: Self.maximumTitle)
        case .heading: heading = text.line(bytes, limit: Self.maximumTitle)
        case .notes:
            let notes = text.decoded(bytes, limit: Self.maximumNotes).trimmingCharacters(in: .whitespacesAndNewlines)
            edit { $0.notes = notes.isEmpty ? nil : notes }
        }
        collected.removeAll(keepingCapacity: true)
        place = .elsewhere
    }

    private mutating func edit(_ change: (inout NetscapeBookmark) -> Void) {
        guard case .entry(var bookmark) = open else { return }
        change(&bookmark)
        open = .entry(bookmark)
    }

    mutating func emit(into outcomes: inout [Outcome]) {
        if let open { outcomes.append(open) }
        open = nil
    }
}

// MARK: - Folders and notes

extension NetscapeBookmarkParser {
    private mutating func startFolder(_ tag: NetscapeTag, into outcomes: inout [Outcome]) {
        start(.folderName, into: &outcomes)
        let id = tag.attributes()["id"].map { text.decoded($0) }
        nextFolder = Folder(isReadingList: id == "com.apple.ReadingList")
    }

    private mutating func openFolder(into outcomes: inout [Outcome]) {
        start(.elsewhere, into: &outcomes)
        if folders.count < Self.maximumDepth { folders.append(nextFolder) } else { deeper += 1 }
        nextFolder = Folder()
    }

    private mutating func closeFolder(into outcomes: inout [Outcome]) {
        start(.elsewhere, into: &outcomes)
        if deeper > 0 { deeper -= 1 } else if !folders.isEmpty { folders.removeLast() }
    }

    /// The description of a folder is not kept: it has no link to belong to.
    private mutating func startNotes() {
        close()
        if open != nil { place = .notes }
    }
}

// MARK: - Links

extension NetscapeBookmarkParser {
    private mutating func startLink(_ tag: NetscapeTag, line: Int, into outcomes: inout [Outcome]) {
        start(.elsewhere, into: &outcomes)
        let attributes = tag.attributes()
        let date = attributes["add_date"] ?? attributes["time_added"]
        if date != nil || lastTag == "dt" { isRecognised = true }
        // Links of an ordinary page are no bookmarks.
        guard isRecognised else { return }
        place = .title
        do {
            let url = try address(attributes["href"])
            open = .entry(
                NetscapeBookmark(
                    line: line, url: url, tags: tags(attributes["tags"]),
                    folder: folders.map(\.name).filter { !$0.isEmpty },
                    addedAt: date.flatMap { Self.date(text.decoded(Self.trimmed($0))) },
                    isToRead: isSet(attributes["toread"]) || folders.contains(where: \.isReadingList)
                        || (attributes["time_added"] != nil && heading == "Unread")))
        } catch {
            open = .problem(NetscapeProblem(line: line, refusal: error))
        }
    }

    private func address(_ bytes: ArraySlice<UInt8>?) throws(ImportRefusal) -> String {
        guard let bytes else { throw .noAddress }
        guard bytes.count <= Self.maximumAddress else { throw .addressTooLong }
        let address = text.decoded(Self.trimmed(bytes))
        guard !address.isEmpty else { throw .noAddress }
        guard let url = WebURL(address) else { throw .malformedAddress }
        guard url.isWeb else { throw .noWebAddress(scheme: url.scheme) }
        return address
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard let first = bytes.firstIndex(where: { $0 > 0x20 }), let last = bytes.lastIndex(where: { $0 > 0x20 })
        else {
            return []
        }
        return bytes[first...last]
    }

    private func isSet(_ bytes: ArraySlice<UInt8>?) -> Bool {
        guard let bytes else { return false }
        return bytes.elementsEqual("1".utf8) || text.decoded(bytes).lowercased() == "true"
    }

    private func tags(_ bytes: ArraySlice<UInt8>?) -> [String] {
        guard let bytes else { return [] }
        var seen: Set<String> = []
        let tags = bytes.split(separator: UInt8(ascii: ",")).map { text.line($0, limit: Self.maximumTag) }
        return Array(tags.filter { !$0.isEmpty && seen.insert($0).inserted }.prefix(Self.maximumTags))
    }

    /// Seconds since 1970 in nearly all exports; the size of the number tells milli-, micro- and
    /// nanoseconds, and the microseconds since 1601 that Chromium counts inside.
    static func date(_ text: String) -> Date? {
        guard let number = Double(text), number > 0 else { return nil }
        let seconds =
            switch number {
            case ..<1e11: number
            case ..<1e14: number / 1e3
            case ..<1e16: number / 1e6
            case ..<1e17: number / 1e6 - 11_644_473_600
            default: number / 1e9
            }
        guard seconds.isFinite, seconds < 253_402_300_800 else { return nil }
        return Date(timeIntervalSince1970: seconds)
    }
}
