import Foundation

/// One link of a browser's or bookmark service's export.
public struct NetscapeBookmark: Sendable, Equatable {
    /// Line of the link in the file, from 1.
    public var line: Int
    /// As it stands in the file, entities resolved; http or https.
    public var url: String
    /// Empty where the file gives none.
    public var title: String
    /// In the order of the file, each once.
    public var tags: [String]
    /// The folders around the link, outermost first.
    public var folder: [String]
    public var addedAt: Date?
    public var notes: String?
    /// Marked as unread or part of a reading list.
    public var isToRead: Bool

    public init(
        line: Int, url: String, title: String = "", tags: [String] = [], folder: [String] = [],
        addedAt: Date? = nil, notes: String? = nil, isToRead: Bool = false
    ) {
        self.line = line
        self.url = url
        self.title = title
        self.tags = tags
        self.folder = folder
        self.addedAt = addedAt
        self.notes = notes
        self.isToRead = isToRead
    }
}

/// Why an entry was not taken.
public enum ImportRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    case noAddress
    /// `javascript:`, `place:`, `chrome:` and the like.
    case noWebAddress(scheme: String)
    case malformedAddress
    case addressTooLong
    /// The file ends in the middle of this entry.
    case truncated

    public var description: String {
        switch self {
        case .noAddress: "The link has no address."
        case .noWebAddress(let scheme): "Only http and https links can be saved, not \(scheme):."
        case .malformedAddress: "The address of the link is not valid."
        case .addressTooLong: "The address of the link is too long."
        case .truncated: "The file ends in the middle of this entry."
        }
    }
}

/// An entry that was not taken.
public struct NetscapeProblem: Sendable, Equatable {
    /// Line of the entry in the file, from 1.
    public var line: Int
    public var refusal: ImportRefusal

    /// For the person who imports.
    public var reason: String { refusal.description }
}

/// Why a file as a whole cannot be imported.
public enum NetscapeBookmarkFailure: Error, Sendable, Equatable, CustomStringConvertible {
    case empty
    case notBookmarks

    public var description: String {
        switch self {
        case .empty: "The file is empty."
        case .notBookmarks: "The file is not a bookmark export (Netscape bookmark HTML)."
        }
    }
}
