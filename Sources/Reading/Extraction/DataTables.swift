/// Tells tables of data from tables that only lay out a page, by rules like those of Firefox's
/// accessibility engine.
enum DataTables {
    private static let marks: TagSet = [.col, .colgroup, .tfoot, .thead, .th]

    static func mark(in scope: NodeID, of document: inout HTMLDocument) {
        for table in document.descendants(of: scope, [.table]) where isData(table, document) {
            document[table].isDataTable = true
            if let parent = document.parent(table) { document.noteChange(in: parent) }
        }
    }

    private static func isData(_ table: NodeID, _ document: HTMLDocument) -> Bool {
        if document.attribute(.role, table, is: "presentation") { return false }
        if document.attribute(.datatable, table, is: "0") { return false }
        if document.filled(.summary, table) != nil { return true }
        if let caption = document.firstDescendant(of: table, [.caption]), document.firstChild(caption) != nil {
            return true
        }
        if document.firstDescendant(of: table, marks) != nil { return true }
        if document.firstDescendant(of: table, [.table]) != nil { return false }
        let (rows, columns) = size(of: table, document)
        if rows == 1 || columns == 1 { return false }
        return rows >= 10 || columns > 4 || rows * columns > 10
    }

    private static func size(of table: NodeID, _ document: HTMLDocument) -> (rows: Int, columns: Int) {
        var rows = 0
        var columns = 0
        for row in document.descendants(of: table, [.tr]) {
            rows += span(.rowspan, row, document)
            let cells = document.descendants(of: row, [.td])
            columns = max(columns, cells.reduce(0) { $0 + span(.colspan, $1, document) })
        }
        return (rows, columns)
    }

    /// Browsers allow spans up to 1000 columns and 65534 rows.
    private static func span(_ name: AttributeName, _ node: NodeID, _ document: HTMLDocument) -> Int {
        guard let text = document.attribute(name, node), let value = Int(text.prefix { $0.isNumber }) else { return 1 }
        return min(max(value, 1), 1000)
    }
}
