/// The vectors of the texts asked for last, so that paging through results embeds a query once.
struct RecentVectors {
    private struct Entry {
        var vector: [Float]
        var lastUse: Int
    }

    let maxBytes: Int
    private var entries: [String: Entry] = [:]
    private var bytes = 0
    private var uses = 0

    init(maxBytes: Int) { self.maxBytes = maxBytes }

    mutating func vector(of text: String) -> [Float]? {
        uses += 1
        entries[text]?.lastUse = uses
        return entries[text]?.vector
    }

    mutating func remember(_ text: String, _ vector: [Float]) {
        let size = Self.size(text, vector)
        guard size <= maxBytes / 8, entries[text] == nil else { return }
        if bytes + size > maxBytes { forgetOldestHalf() }
        uses += 1
        entries[text] = Entry(vector: vector, lastUse: uses)
        bytes += size
    }

    private mutating func forgetOldestHalf() {
        let oldest = entries.sorted { $0.value.lastUse < $1.value.lastUse }
        for (text, entry) in oldest.prefix((oldest.count + 1) / 2) {
            bytes -= Self.size(text, entry.vector)
            entries[text] = nil
        }
    }

    /// With room for the dictionary's own bookkeeping.
    private static func size(_ text: String, _ vector: [Float]) -> Int {
        text.utf8.count + vector.count * MemoryLayout<Float>.stride + 96
    }
}
