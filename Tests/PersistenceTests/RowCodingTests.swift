import Foundation
import TestSupport
import Testing

@testable import Persistence

@Suite("Rows as bytes")
struct RowCodingTests {
    private static let columns = [
        TableDescription.Column(name: "count", kind: .integer), .init(name: "cover", kind: .blob),
        .init(name: "price", kind: .real), .init(name: "title", kind: .text),
    ]

    private let coding = RowCoding(columns: columns)

    private func decoded(_ bytes: [UInt8]) throws -> [SQLValue] {
        try bytes.withUnsafeBytes { bytes in
            var position = 0
            let row = try coding.row(in: bytes, at: &position)
            #expect(position == bytes.count)
            return row
        }
    }

    @Test("a row is the bytes that the description of the format says")
    func bytes() {
        let row: [SQLValue] = [.integer(-2), .blob([7, 8]), .null(.real), .text("é")]
        #expect(
            coding.encode(row) == [1, 0xFE, 255, 255, 255, 255, 255, 255, 255, 4, 2, 7, 8, 0, 3, 2, 0xC3, 0xA9])
    }

    @Test(
        "what is encoded is read back",
        arguments: [
            [.integer(.min), .blob([]), .real(-0.0), .text("")],
            [.integer(.max), .blob([UInt8](repeating: 3, count: 70_000)), .real(.pi), .text("Bücher 🎈")],
            [.null(.integer), .null(.blob), .null(.real), .null(.text)],
        ] as [[SQLValue]])
    func roundTrip(row: [SQLValue]) throws {
        #expect(try decoded(coding.encode(row)) == row)
    }

    @Test("bytes that are no row are refused, whatever they are")
    func damaged() {
        let row = coding.encode([.integer(5), .blob([1, 2, 3]), .real(2.5), .text("Lamps")])
        for count in 0..<row.count {
            #expect(throws: TransferFailure.self) { try decoded(Array(row.prefix(count))) }
        }
        var numbers = RandomNumbers(seed: 5)
        for _ in 0..<2000 {
            let bytes = (0..<40).map { _ in UInt8.random(in: 0...5, using: &numbers) }
            _ = bytes.withUnsafeBytes { bytes in
                var position = 0
                return try? coding.row(in: bytes, at: &position)
            }
        }
        let endless: [UInt8] = [0, 4] + [UInt8](repeating: 0xFF, count: 20)
        #expect(throws: TransferFailure.self) { try decoded(endless) }
    }

    @Test("a table's checksum does not depend on the order, and on every byte of every row")
    func checksum() {
        let rows = (1...5).map { coding.encode([.integer($0), .null(.blob), .real(1), .text("Row")]) }
        func checksum(_ rows: [[UInt8]]) -> TableChecksum {
            rows.reduce(into: TableChecksum()) { sum, row in row.withUnsafeBytes { sum.add($0) } }
        }
        let whole = checksum(rows)
        #expect(checksum(rows.reversed()) == whole)
        #expect(checksum(rows.dropLast()) != whole)
        var changed = rows
        changed[2][changed[2].count - 1] ^= 1
        #expect(checksum(changed) != whole)
        #expect(TableChecksum(whole.description) == whole)
        #expect(whole.description.hasPrefix("5:"))
        for text in [
            "", "5", "5:12", "-1:\(String(repeating: "0", count: 64))", "1:\(String(repeating: "g", count: 64))",
        ] {
            #expect(TableChecksum(text) == nil)
        }
    }

    @Test("parents come before their children, and circles do not hold anything up")
    func order() {
        func table(_ name: String) -> TableDescription {
            TableDescription(name: name, columns: Self.columns, key: ["count"], identity: nil)
        }
        let tables = ["c", "a", "d", "b", "e"].map(table)
        let references = [
            TableReference(table: "a", parent: "b"), .init(table: "b", parent: "c"), .init(table: "b", parent: "b"),
            .init(table: "d", parent: "e"), .init(table: "e", parent: "d"),
        ]
        #expect(tables.parentsFirst(references).map(\.name) == ["c", "b", "a", "d", "e"])
    }
}
