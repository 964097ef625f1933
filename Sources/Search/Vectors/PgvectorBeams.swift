/// How far an HNSW index is searched for as many items as are wanted, before every passage is compared.
enum PgvectorBeams {
    /// `hnsw.ef_search` ends at 1000, and with less than 200 too much of what is near is missed.
    static let narrowest = 200
    static let widest = 1000

    /// The passages to ask for, one after the other until they are of enough items, each twice as many as before.
    ///
    /// - Parameter share: how many of the space's items may be found, from 0 to 1.
    /// - Returns: none where even the most would hardly be of so many items.
    static func widths(for items: Int, share: Double) -> [Int] {
        var widths = [min(max(items * 2, narrowest), widest)]
        while let last = widths.last, last < widest { widths.append(min(last * 2, widest)) }
        return widths.filter { Double($0) * share >= Double(items) }
    }

    /// Whether a wider beam could be of as many items as wanted, where one was of so many.
    static func mayReach(_ items: Int, having found: Int, within width: Int) -> Bool {
        found * widest >= items * width
    }
}
