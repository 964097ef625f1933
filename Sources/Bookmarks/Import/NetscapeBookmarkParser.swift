import Foundation
import Reading

/// Reads Netscape bookmark HTML, which every browser and bookmark service exports, from pieces of
/// any size and in bounded memory.
///
/// To go on after an interruption, parse the file from its start again and skip as many outcomes
/// as were stored: the same bytes give the same outcomes, at some hundred megabytes a second.
public struct NetscapeBookmarkParser: Sendable {
    public enum Outcome: Sendable, Equatable {
        case bookmark(ImportedBookmark)
        case refused(line: Int, reason: ImportRefusal)
    }

    /// Bytes of UTF-8 that are kept of a text; longer titles and notes are cut, longer addresses
    /// refused.
    static let maximumTitle = 4096
    static let maximumNotes = 65536
    static let maximumAddress = 32768
    static let maximumDepth = 64
    static let maximumTags = 200

    /// What the text between two tags belongs to.
    private enum Place: Sendable, Equatable {
        case elsewhere, title, folderName, notes, heading
    }

    private struct Folder: Sendable {
        var name: String
        var isReadingList: Bool
    }

    private var tokenizer = NetscapeTokenizer()
    private var text = NetscapeText()
    private var place = Place.elsewhere
    private var collected: [UInt8] = []
    /// The link whose notes may still come.
    private var open: Outcome?
    private var folders: [Folder?] = []
    private var nextFolder: Folder?
    private var heading = ""
    private var lastTag = ""
    private var isEmpty = true
    /// Whether anything showed that this is a bookmark file.
    public private(set) var isRecognised = false

    public init() {}

    /// The entries that `bytes` complete. The last one is held back until its notes are complete.
    public mutating func consume(_ bytes: some Sequence<UInt8>) -> [Outcome] {
        let whole: [Outcome]? = bytes.withContiguousStorageIfAvailable { consume(UnsafeRawBufferPointer($0)) }
        return whole ?? Array(bytes).withUnsafeBytes { consume($0) }
    }

    public mutating func consume(_ bytes: UnsafeRawBufferPointer) -> [Outcome] {
        if isEmpty { isEmpty = bytes.allSatisfy { $0 <= 0x20 } }
        var outcomes: [Outcome] = []
        var tokens: [NetscapeTokenizer.Token] = []
        // In pieces, so that the tokens of a large input are not held all at once.
        for start in stride(from: 0, to: bytes.count, by: 1 << 16) {
            let end = min(start + 1 << 16, bytes.count)
            tokenizer.consume(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), into: &tokens)
            for token in tokens { take(token, into: &outcomes) }
            tokens.removeAll(keepingCapacity: true)
        }
        return outcomes
    }

    /// The last entries.
    /// - Throws: ``NetscapeBookmarkError`` where the file holds nothing that a bookmark file does.
    public mutating func finish() throws(NetscapeBookmarkError) -> [Outcome] {
        var outcomes: [Outcome] = []
        var tokens: [NetscapeTokenizer.Token] = []
        tokenizer.finish(into: &tokens)
        for token in tokens { take(token, into: &outcomes) }
        close()
        emit(into: &outcomes)
        guard isRecognised else { throw isEmpty ? .empty : .notBookmarks }
        if tokenizer.isInsideTag { outcomes.append(.refused(line: tokenizer.openTagLine, reason: .truncated)) }
        return outcomes
    }
}

// MARK: - Structure

extension NetscapeBookmarkParser {
    private mutating func take(_ token: NetscapeTokenizer.Token, into outcomes: inout [Outcome]) {
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
        case "dd":
            close()
            if open != nil { place = .notes }
        case "dt", "hr", "li": start(.elsewhere, into: &outcomes)
        case "dl":
            start(.elsewhere, into: &outcomes)
            if folders.count < 4096 { folders.append(nextFolder) }
            nextFolder = nil
        case "/dl":
            start(.elsewhere, into: &outcomes)
            folders.removeLast(folders.isEmpty ? 0 : 1)
        case "br", "p", "/p" where place == .notes: collected.append(0x0A)
        case "!doctype": if String(decoding: bytes(of: tag), as: UTF8.self).lowercased().contains("netscape-bookmark-file") { isRecognised = true }
        case "meta": tag.attributes()["content"].map { text.declare(contentType: text.decoded($0)) }
        default: break
        }
    }
}
