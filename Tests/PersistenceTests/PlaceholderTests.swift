import Testing

@testable import Persistence

@Suite("PostgreSQL's text of a statement")
struct PlaceholderTests {
    @Test(
        "values are numbered where they are values",
        arguments: [
            ("SELECT ? + ?", "SELECT $1 + $2"), ("SELECT '?', ?", "SELECT '?', $1"),
            ("SELECT 'it''s ?', \"a?\"\"\", ?", "SELECT 'it''s ?', \"a?\"\"\", $1"),
            ("SELECT 1 -- why?\n, ?", "SELECT 1 -- why?\n, $1"), ("SELECT /* ? */ ? - ?", "SELECT /* ? */ $1 - $2"),
            ("SELECT ?/?", "SELECT $1/$2"), ("", ""),
        ])
    func numbers(text: String, expected: String) {
        #expect(numberingPlaceholders(in: text) == expected)
    }
}
