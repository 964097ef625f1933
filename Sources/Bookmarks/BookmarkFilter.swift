import Accounts
import Foundation
import Persistence

/// Which of a user's bookmarks a list or a search looks at.
public struct BookmarkFilter: Sendable, Equatable {
    public var tag: String?
    public var category: String?
    public var status: Bookmark.Status?
    public var domain: String?
    /// Saved at this time or later.
    public var from: Date?
    /// Saved at this time or earlier.
    public var to: Date?

    public init(
        tag: String? = nil, category: String? = nil, status: Bookmark.Status? = nil, domain: String? = nil,
        from: Date? = nil, to: Date? = nil
    ) {
        self.tag = tag
        self.category = category
        self.status = status
        self.domain = domain
        self.from = from
        self.to = to
    }

    public var isEmpty: Bool { self == BookmarkFilter() }

    /// The condition on `bookmarks` for one user's rows.
    func condition(ownedBy user: User.ID) -> SQL {
        var conditions: [SQL] = ["user_id = \(user)"]
        if let category { conditions.append("category = \(category)") }
        if let status { conditions.append("status = \(status)") }
        if let domain { conditions.append("domain = \(Self.comparable(domain: domain))") }
        if let from { conditions.append("created_at >= \(from)") }
        if let to { conditions.append("created_at <= \(to)") }
        if let tag {
            // What is no tag's name is nobody's tag.
            let key = (try? TagName(tag))?.key
            conditions.append(
                "id IN (SELECT bookmark_id FROM bookmark_tags WHERE user_id = \(user) AND tag_key = \(key))")
        }
        return SQL.joined(conditions, by: " AND ")
    }

    /// Domains are kept without `www.`, in lower case.
    static func comparable(domain: String) -> String {
        let domain = domain.lowercased()
        return domain.hasPrefix("www.") ? String(domain.dropFirst(4)) : domain
    }
}
