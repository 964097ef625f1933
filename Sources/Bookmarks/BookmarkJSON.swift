import HTTPSupport
import Persistence

/// How the API shows a bookmark. Written by hand because lists of them are what is asked for most.
extension Bookmark {
    public func write(to json: inout JSONWriter) { write(to: &json, duplicate: nil) }

    func write(to json: inout JSONWriter, duplicate: Duplicate?) {
        json.object { json in
            writeMembers(to: &json)
            if let duplicate {
                json.name("duplicate")
                json.object { json in
                    json.member("match", duplicate.match.rawValue)
                    if let id = duplicate.id { json.member("id", id.rawValue) }
                }
            }
        }
    }

    private func writeMembers(to json: inout JSONWriter) {
        json.member("id", id.rawValue)
        json.member("url", url)
        json.member("domain", domain)
        json.member("title", title)
        json.member("notes", notes)
        json.member("tags", tags)
        json.member("category", category)
        json.member("status", status.rawValue)
        json.member("failure", failure)
        json.member("next_retry_at", nextRetryAt)
        json.member("site_name", page.siteName)
        json.member("byline", page.byline)
        json.member("excerpt", page.excerpt)
        json.member("image", page.image)
        json.member("lang", page.lang)
        json.member("published_at", page.publishedAt)
        json.member("page_kind", page.pageKind)
        json.member("word_count", page.wordCount)
        json.member("created_at", createdAt)
        json.member("updated_at", updatedAt)
    }
}

/// What there is already of a link.
struct Duplicate: Sendable, Equatable {
    enum Match: String, Sendable {
        /// The very same address.
        case exact
        /// Another spelling of the same address.
        case normalized
        /// The same site and path with another query: a hint, not the same link.
        case similar
    }

    let match: Match
    /// The other bookmark, where it is not the one shown.
    let id: Bookmark.ID?
}
