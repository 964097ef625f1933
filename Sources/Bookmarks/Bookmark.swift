import Foundation
import HTTPSupport
import Persistence

/// A saved link with what is known of its page.
public struct Bookmark: Sendable, Equatable {
    public typealias ID = Identifier<Bookmark>

    /// How far the page behind the link has come.
    public enum Status: String, Sendable, CaseIterable, SQLConvertible {
        /// The first try has not ended.
        case pending
        case ready
        /// The page could not be kept; the link is, and `failure` says why.
        case failed
    }

    /// Where a title came from; a person's own is never replaced by a page's.
    enum TitleSource: String, Sendable, SQLConvertible {
        case address, page, user
    }

    public let id: ID
    public let url: String
    public let domain: String
    public var title: String
    var titleSource: TitleSource
    public var notes: String
    public var tags: [String]
    public var category: String?
    public var status: Status
    public var failure: String?
    public var nextRetryAt: Date?
    public var page: PageFacts
    public let createdAt: Date
    public var updatedAt: Date
}

/// What a page says of itself.
public struct PageFacts: Sendable, Equatable {
    public var siteName: String?
    public var byline: String?
    public var excerpt: String?
    public var image: String?
    public var lang: String?
    public var publishedAt: String?
    public var pageKind: String?
    public var wordCount: Int?
}

extension Bookmark {
    static let columns: SQL = """
        id, url, domain, title, title_source, notes, tags, category, status, failure, next_retry_at,
        site_name, byline, excerpt, image, lang, published_at, page_kind, word_count, created_at, updated_at
        """

    init(row: inout SQLRow) throws {
        self.init(
            id: try row.next(), url: try row.next(), domain: try row.next(), title: try row.next(),
            titleSource: try row.next(), notes: try row.next(), tags: TagList(stored: try row.next()).names,
            category: try row.next(), status: try row.next(), failure: try row.next(), nextRetryAt: try row.next(),
            page: try PageFacts(row: &row), createdAt: try row.next(), updatedAt: try row.next())
    }
}

extension PageFacts {
    init(row: inout SQLRow) throws {
        self.init(
            siteName: try row.next(), byline: try row.next(), excerpt: try row.next(), image: try row.next(),
            lang: try row.next(), publishedAt: try row.next(), pageKind: try row.next(), wordCount: try row.next())
    }
}
