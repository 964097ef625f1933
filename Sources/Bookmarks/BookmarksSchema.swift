import Persistence

/// The tables of saved links.
public enum BookmarksSchema {
    public static let migrations = [
        Migration("0004_bookmarks") { dialect in
            [
                """
                CREATE TABLE bookmarks (
                    id \(dialect.identityColumn),
                    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
                    url TEXT NOT NULL,
                    identity_key TEXT NOT NULL,
                    identity_hash \(dialect.blobColumn) NOT NULL,
                    similarity_hash \(dialect.blobColumn) NOT NULL,
                    domain TEXT NOT NULL,
                    title TEXT NOT NULL,
                    title_source TEXT NOT NULL CHECK (title_source IN ('address', 'page', 'user')),
                    notes TEXT NOT NULL,
                    tags TEXT NOT NULL,
                    category TEXT,
                    status TEXT NOT NULL CHECK (status IN ('pending', 'ready', 'failed')),
                    failure TEXT,
                    next_retry_at BIGINT,
                    site_name TEXT,
                    byline TEXT,
                    excerpt TEXT,
                    image TEXT,
                    lang TEXT,
                    published_at TEXT,
                    page_kind TEXT,
                    word_count BIGINT,
                    created_at BIGINT NOT NULL,
                    updated_at BIGINT NOT NULL,
                    UNIQUE (user_id, identity_hash)
                )
                """,
                "CREATE INDEX bookmarks_newest ON bookmarks (user_id, created_at DESC, id DESC)",
                "CREATE INDEX bookmarks_category ON bookmarks (user_id, category, created_at DESC, id DESC)",
                "CREATE INDEX bookmarks_status ON bookmarks (user_id, status, created_at DESC, id DESC)",
                "CREATE INDEX bookmarks_domain ON bookmarks (user_id, domain, created_at DESC, id DESC)",
                "CREATE INDEX bookmarks_pending ON bookmarks (updated_at) WHERE status = 'pending'",
                "CREATE INDEX bookmarks_similar ON bookmarks (user_id, similarity_hash)",
                """
                CREATE TABLE bookmark_tags (
                    user_id BIGINT NOT NULL,
                    tag_key TEXT NOT NULL,
                    bookmark_id BIGINT NOT NULL REFERENCES bookmarks (id) ON DELETE CASCADE,
                    PRIMARY KEY (user_id, tag_key, bookmark_id)
                )
                """,
                "CREATE INDEX bookmark_tags_bookmark ON bookmark_tags (bookmark_id)",
                """
                CREATE TABLE bookmark_counts (
                    user_id BIGINT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
                    bookmarks BIGINT NOT NULL CHECK (bookmarks >= 0)
                )
                """,
                """
                CREATE TABLE bookmark_contents (
                    bookmark_id BIGINT PRIMARY KEY REFERENCES bookmarks (id) ON DELETE CASCADE,
                    user_id BIGINT NOT NULL,
                    final_url TEXT NOT NULL,
                    text TEXT NOT NULL,
                    html TEXT NOT NULL,
                    captured_at BIGINT NOT NULL
                )
                """,
                """
                CREATE TABLE bookmark_captures (
                    bookmark_id BIGINT PRIMARY KEY REFERENCES bookmarks (id) ON DELETE CASCADE,
                    user_id BIGINT NOT NULL,
                    html TEXT,
                    text TEXT
                )
                """,
                """
                CREATE TABLE bookmark_imports (
                    id \(dialect.identityColumn),
                    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
                    skips_fetching BIGINT NOT NULL,
                    created_at BIGINT NOT NULL
                )
                """,
                "CREATE INDEX bookmark_imports_user ON bookmark_imports (user_id)",
                "CREATE INDEX bookmark_imports_age ON bookmark_imports (created_at)",
                """
                CREATE TABLE bookmark_import_chunks (
                    import_id BIGINT NOT NULL REFERENCES bookmark_imports (id) ON DELETE CASCADE,
                    ordinal BIGINT NOT NULL,
                    bytes \(dialect.blobColumn) NOT NULL,
                    PRIMARY KEY (import_id, ordinal)
                )
                """,
            ]
        },
        Migration("0005_bookmarks_row_security") { dialect in
            [
                dialect.rowSecurity(of: "bookmarks", owner: .id("user_id")),
                dialect.rowSecurity(of: "bookmark_tags", owner: .id("user_id")),
                dialect.rowSecurity(of: "bookmark_counts", owner: .id("user_id")),
                dialect.rowSecurity(of: "bookmark_contents", owner: .id("user_id")),
                dialect.rowSecurity(of: "bookmark_captures", owner: .id("user_id")),
                dialect.rowSecurity(of: "bookmark_imports", owner: .id("user_id")),
                dialect.rowSecurity(
                    of: "bookmark_import_chunks",
                    owner: .parent("bookmark_imports WHERE bookmark_imports.id = import_id")),
            ].flatMap(\.self)
        },
        // The newest of those that are similar, without sorting and without a look at anybody else's newest.
        Migration("0005_bookmarks_similar_newest") { _ in
            [
                "DROP INDEX bookmarks_similar",
                "CREATE INDEX bookmarks_similar ON bookmarks (user_id, similarity_hash, id)",
            ]
        },
        Migration("0008_captures_age") { _ in
            [
                "ALTER TABLE bookmark_captures ADD COLUMN captured_at BIGINT NOT NULL DEFAULT 0",
                "CREATE INDEX bookmark_captures_age ON bookmark_captures (captured_at)",
            ]
        },
        Migration("0011_bookmark_versions") { dialect in
            ["bookmarks", "bookmark_tags", "bookmark_contents"].flatMap {
                ContentVersions.follow($0, space: .user("user_id"), dialect)
            }
        },
        Migration("0014_bookmarks_retries") { _ in
            ["CREATE INDEX bookmarks_retries ON bookmarks (id) WHERE next_retry_at IS NOT NULL"]
        },
        Migration("0015_bookmarks_row_security") { dialect in
            [
                "bookmarks", "bookmark_tags", "bookmark_counts", "bookmark_contents", "bookmark_captures",
                "bookmark_imports",
            ].flatMap { dialect.renewedRowSecurity(of: $0, owner: .id("user_id")) }
        },
    ]
}
