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
        },
        Migration("0005_search_row_security") { dialect in
            [
                dialect.rowSecurity(of: "search_items", owner: .id(personOfSpace)),
                dialect.rowSecurity(of: "search_statistics", owner: .id(personOfSpace)),
                dialect.rowSecurity(of: "search_terms", owner: .id(personOfSpace)),
                dialect.rowSecurity(of: "search_passages", owner: .id(personOfSpace)),
                dialect.rowSecurity(of: "search_words", owner: .id(personOfRow)),
            ].flatMap(\.self)
        },
        Migration("0007_search_revisions") { _ in
            [
                "ALTER TABLE search_items ADD COLUMN revision BIGINT NOT NULL DEFAULT 0",
                "ALTER TABLE search_passages ADD COLUMN removed_at BIGINT",
                "UPDATE search_passages SET removed_at = 0 WHERE removes IS NOT NULL",
                "CREATE INDEX search_passages_removed ON search_passages (removed_at) WHERE removes IS NOT NULL",
            ]
        },
        ContentVersions.migration,
        Migration("0012_search_versions") { dialect in
            ["search_items", "search_passages"].flatMap {
                ContentVersions.follow($0, space: .space("space"), dialect)
            } + dialect.rowSecurity(of: ContentVersions.table, owner: .id(personOfSpace))
        },
        Migration("0013_search_vector_progress") { dialect in
            vectorProgress("search_vector_progress", dialect)
                // What a store has just learnt may be found now.
                + ContentVersions.follow("search_vector_progress", space: .space("space"), dialect)
        },
        Migration("0015_search_row_security") { dialect in
            [
                "search_items", "search_statistics", "search_terms", "search_passages", ContentVersions.table,
                "search_vector_progress",
            ].flatMap { dialect.renewedRowSecurity(of: $0, owner: .id(personOfSpace)) }
                + dialect.renewedRowSecurity(of: "search_words", owner: .id(personOfRow))
        },
        Migration("0016_search_lexemes_apart") { dialect in
            dialect == .postgresql ? lexemesApart : []
        },
    ]

    /// Moves the numbers of all but short entries out of their rows. A common word's entries are then found by reading a
    /// few hundred blocks and not the whole table's. PostgreSQL moves a value out only where its row has more than 2,000
    /// bytes, so lists are filled up to that with their first number, which the index holds once and compression
    /// takes off again.
    private static let lexemesApart = [
        """
        CREATE FUNCTION search_lexemes_filled(lexemes BIGINT[]) RETURNS BIGINT[]
        LANGUAGE sql IMMUTABLE PARALLEL SAFE
        RETURN CASE WHEN cardinality(lexemes) BETWEEN 16 AND 255
            THEN lexemes || array_fill(lexemes[1], ARRAY[256 - cardinality(lexemes)]) ELSE lexemes END
        """,
        "CREATE TABLE search_lexemes_before AS SELECT rowid, lexemes FROM search_lexemes",
        "DROP TABLE search_lexemes",
        """
        CREATE TABLE search_lexemes (rowid BIGINT PRIMARY KEY, lexemes BIGINT[] NOT NULL)
        WITH (toast_tuple_target = 128)
        """,
        "COMMENT ON TABLE search_lexemes IS 'derived'",
        """
        INSERT INTO search_lexemes (rowid, lexemes)
        SELECT rowid, search_lexemes_filled(lexemes) FROM search_lexemes_before ORDER BY rowid
        """,
        "DROP TABLE search_lexemes_before",
        "CREATE INDEX search_lexemes_gin ON search_lexemes USING gin (lexemes) WITH (fastupdate = off)",
        """
        CREATE OR REPLACE FUNCTION search_words_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'TRUNCATE' THEN
                TRUNCATE search_lexemes;
                RETURN NULL;
            END IF;
            IF TG_OP <> 'INSERT' THEN DELETE FROM search_lexemes WHERE rowid = OLD.rowid; END IF;
            IF TG_OP <> 'DELETE' THEN
                INSERT INTO search_lexemes (rowid, lexemes)
                SELECT NEW.rowid, search_lexemes_filled(array_agg(DISTINCT search_lexeme(NEW.rowid >> 40, word)))
                FROM string_to_table(trim(NEW.head || ' ' || NEW.body), ' ') AS word
                HAVING COUNT(*) > 0;
            END IF;
            RETURN NULL;
        END $$
        """,
    ]

    /// A table of how far a store of vectors has followed each space.
    static func vectorProgress(_ table: String, _ dialect: SQLDialect) -> [String] {
        [
            """
            CREATE TABLE \(table) (
                store TEXT NOT NULL,
                space BIGINT NOT NULL,
                changes BIGINT NOT NULL,
                seen BIGINT NOT NULL,
                last BIGINT NOT NULL,
                PRIMARY KEY (space, store)
            )
            """,
            "CREATE INDEX \(table)_behind ON \(table) (store, space) WHERE changes > seen",
        ] + dialect.rowSecurity(of: table, owner: .id(personOfSpace))
    }

    /// A personal space is twice its person's id; a shared one is odd, and nobody's own.
    static let personOfSpace = "CASE space & 1 WHEN 0 THEN space >> 1 END"
    /// A row of words has its space above 40 bits of its own.
    private static let personOfRow = "CASE (rowid >> 40) & 1 WHEN 0 THEN rowid >> 41 END"

    /// The index that finds candidates. Its words come analysed, separated by spaces; a row's id says its space,
    /// so that a search reads only its own stretch of each word's list.
    ///
    /// PostgreSQL cannot use a GIN index behind row-level security, for the operator that asks it is not leakproof. So
    /// the index is on a table beside the words that only the database writes. Its lexemes are hashes of a space and a
    /// word: they tell nothing, a search meets no other space's, and each list is the space's own. Numbers and no
    /// `tsvector`, which holds no more than a megabyte: docs/decisions/0010-words-in-postgresql.md.
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
                "CREATE TABLE search_words (rowid BIGINT PRIMARY KEY, head TEXT NOT NULL, body TEXT NOT NULL)",
                "CREATE TABLE search_lexemes (rowid BIGINT PRIMARY KEY, lexemes BIGINT[] NOT NULL)",
                // Copies and backups leave it out.
                "COMMENT ON TABLE search_lexemes IS 'derived'",
                // Each search would read what waits in a list of pending entries from its start to its end.
                "CREATE INDEX search_lexemes_gin ON search_lexemes USING gin (lexemes) WITH (fastupdate = off)",
                // What PostgreSQL's hash partitions go by, so it stays the same from version to version.
                """
                CREATE FUNCTION search_lexeme(space BIGINT, word TEXT) RETURNS BIGINT
                LANGUAGE sql IMMUTABLE PARALLEL SAFE
                RETURN hashtextextended(word COLLATE "C", space)
                """,
                """
                CREATE FUNCTION search_words_changed() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF TG_OP = 'TRUNCATE' THEN
                        TRUNCATE search_lexemes;
                        RETURN NULL;
                    END IF;
                    IF TG_OP <> 'INSERT' THEN DELETE FROM search_lexemes WHERE rowid = OLD.rowid; END IF;
                    IF TG_OP <> 'DELETE' THEN
                        INSERT INTO search_lexemes (rowid, lexemes)
                        SELECT NEW.rowid, array_agg(DISTINCT search_lexeme(NEW.rowid >> 40, word))
                        FROM string_to_table(trim(NEW.head || ' ' || NEW.body), ' ') AS word
                        HAVING COUNT(*) > 0;
                    END IF;
                    RETURN NULL;
                END $$
                """,
                """
                CREATE TRIGGER search_words_row AFTER INSERT OR UPDATE OR DELETE ON search_words
                FOR EACH ROW EXECUTE FUNCTION search_words_changed()
                """,
                """
                CREATE TRIGGER search_words_all AFTER TRUNCATE ON search_words
                FOR EACH STATEMENT EXECUTE FUNCTION search_words_changed()
                """,
            ]
        }
    }
}
