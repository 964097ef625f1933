extension Sequence where Element == (id: Int64, score: Double) {
    /// The order of every list of results: the best first, and of equals the newer, which has the higher id.
    func bestFirst() -> [Element] { sorted { $0.score != $1.score ? $0.score > $1.score : $0.id > $1.id } }
}
