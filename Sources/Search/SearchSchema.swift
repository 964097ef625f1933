import Persistence

/// The tables of the catalogue: what is findable, by which words and by which meaning.
public enum SearchSchema {
    public static let migrations = [
        Migration("0003_search") { dialect in
            [
                """
                CREATE TABLE search_items (
                    id \(dialect.identityColumn),
                    space BIGINT NOT NULL,
                    kind TEXT NOT NULL,
                    ref BIGINT NOT NULL,
                    title TEXT NOT NULL,
                    address TEXT NOT NULL,
                    dated BIGINT NOT NULL,
                    terms \(dialect.blobColumn) NOT NULL,
                    embedding TEXT NOT NULL CHECK (embedding IN ('done', 'due', 'awaited')),
                    UNIQUE (space, kind, ref)
                )
                """,
                "CREATE INDEX search_items_backlog ON search_items (id) WHERE embedding = 'due'",
                """
                CREATE TABLE search_statistics (
                    space BIGINT PRIMARY KEY,
                    documents BIGINT NOT NULL,
                    title_length BIGINT NOT NULL,
                    tags_length BIGINT NOT NULL,
                    notes_length BIGINT NOT NULL,
                    site_length BIGINT NOT NULL,
                    content_length BIGINT NOT NULL
                )
                """,
                """
                CREATE TABLE search_terms (
                    space BIGINT NOT NULL,
                    term BIGINT NOT NULL,
                    documents BIGINT NOT NULL,
                    PRIMARY KEY (space, term)
                )\(dialect.clusteredByPrimaryKey)
                """,
                """
                CREATE TABLE search_passages (
                    id \(dialect.identityColumn),
                    space BIGINT NOT NULL,
                    item_id BIGINT REFERENCES search_items (id) ON DELETE CASCADE,
                    starts_at BIGINT,
                    ends_at BIGINT,
                    vector \(dialect.blobColumn),
                    removes BIGINT,
                    CHECK ((vector IS NULL) <> (removes IS NULL))
                )
                """,
                "CREATE INDEX search_passages_item ON search_passages (item_id) WHERE item_id IS NOT NULL",
                "CREATE INDEX search_passages_space ON search_passages (space, id)",
            ] + fullText(dialect)
        }
    ]

    /// The index that finds candidates. Its words come analysed, separated by spaces; a row's id says its space,
    /// so that a search reads only its own stretch of each word's list.
    private static func fullText(_ dialect: SQLDialect) -> [String] {
        switch dialect {
        case .sqlite:
            [
                """
                CREATE VIRTUAL TABLE search_words USING fts5 (
                    head, body, detail = 'none', columnsize = 0, tokenize = "unicode61 remove_diacritics 0 categories 'L* N* M* S* P* Co Cn'"
                )
                """
            ]
        case .postgresql:
            [
                """
                CREATE TABLE search_words (rowid BIGINT PRIMARY KEY, head TEXT NOT NULL, body TEXT NOT NULL,
                    words TSVECTOR GENERATED ALWAYS AS (array_to_tsvector(string_to_array(trim(head || ' ' || body), ' '))) STORED)
                """,
                "CREATE INDEX search_words_gin ON search_words USING gin (words)",
            ]
        }
    }
}
