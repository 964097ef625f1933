import Foundation
import Reading

/// Reads Netscape bookmark HTML, which every browser and bookmark service exports, from pieces of
/// any size and in bounded memory.
///
/// To go on after an interruption, parse the file from its start again and skip as many outcomes
/// as were stored: the same bytes give the same outcomes, at some fifty megabytes a second.
public struct NetscapeBookmarkParser: Sendable {
    public enum Outcome: Sendable, Equatable {
        case entry(NetscapeBookmark)
        case problem(NetscapeProblem)
    }

    /// Bytes of UTF-8 that are kept of a text; longer titles and notes are cut, longer addresses
    /// refused.
    static let maximumTitle = 4096
    static let maximumNotes = 65536
    static let maximumAddress = 32768

    /// What the text between two tags belongs to.
    enum Place: Sendable, Equatable {
        case elsewhere, title, folderName, notes, heading
    }

    struct Folder: Sendable {
        var name = ""
        var isReadingList = false
    }

    private var tokenizer = NetscapeTokenizer()
    private var isEmpty = true
    var text = NetscapeText()
    var place = Place.elsewhere
    var collected: [UInt8] = []
    /// The link whose notes may still come.
    var open: Outcome?
    var folders: [Folder] = []
    /// Lists open beyond the depth that is kept.
    var deeper = 0
    /// The folder whose list is yet to open.
    var nextFolder = Folder()
    /// Pocket puts its read and unread links under a heading each.
    var heading = ""
    var lastTag = ""
    /// Whether anything showed that this is a bookmark file.
    public internal(set) var isRecognised = false

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
    /// - Throws: ``NetscapeBookmarkFailure`` where the file holds nothing that a bookmark file does.
    public mutating func finish() throws(NetscapeBookmarkFailure) -> [Outcome] {
        var outcomes: [Outcome] = []
        var tokens: [NetscapeTokenizer.Token] = []
        tokenizer.finish(into: &tokens)
        for token in tokens { take(token, into: &outcomes) }
        close()
        emit(into: &outcomes)
        guard isRecognised else { throw isEmpty ? .empty : .notBookmarks }
        if let line = tokenizer.openTagLine {
            outcomes.append(.problem(NetscapeProblem(line: line, refusal: .truncated)))
        }
        return outcomes
    }
}
