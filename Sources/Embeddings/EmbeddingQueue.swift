/// Who goes first when texts wait.
public enum EmbeddingPriority: Sendable {
    /// A person waits, as for a query: goes before all bulk work, behind one batch at most.
    case interactive
    case bulk
}

/// Texts that wait to be embedded: interactive ones in order, bulk ones in turns between their requests.
struct EmbeddingQueue {
    /// One text of a request.
    struct Item: Sendable {
        var request: Int
        var index: Int
        var text: String
    }

    private struct Waiting {
        var request: Int
        var texts: ArraySlice<String>
    }

    let capacity: Int
    private(set) var count = 0
    private var interactive: [Waiting] = []
    private var bulk: [Waiting] = []

    init(capacity: Int) { self.capacity = capacity }

    /// False where the queue has no room. One request alone is always let in, however large.
    mutating func add(_ texts: [String], _ priority: EmbeddingPriority, request: Int) -> Bool {
        guard count == 0 || count + texts.count <= capacity else { return false }
        count += texts.count
        let waiting = Waiting(request: request, texts: texts[...])
        switch priority {
        case .interactive: interactive.append(waiting)
        case .bulk: bulk.append(waiting)
        }
        return true
    }

    mutating func takeInteractive(_ limit: Int) -> [Item] {
        take(limit, turn: limit, from: \.interactive)
    }

    mutating func takeBulk(_ limit: Int) -> [Item] {
        take(limit, turn: max(1, limit / max(1, bulk.count)), from: \.bulk)
    }

    mutating func remove(request: Int) {
        for queue in [\Self.interactive, \.bulk] {
            count -= self[keyPath: queue].reduce(0) { $0 + ($1.request == request ? $1.texts.count : 0) }
            self[keyPath: queue].removeAll { $0.request == request }
        }
    }

    mutating func removeAll() {
        interactive = []
        bulk = []
        count = 0
    }

    private mutating func take(
        _ limit: Int, turn: Int, from queue: WritableKeyPath<Self, [Waiting]>
    ) -> [Item] {
        var items: [Item] = []
        while items.count < limit, !self[keyPath: queue].isEmpty {
            var first = self[keyPath: queue].removeFirst()
            for index in first.texts.indices.prefix(min(turn, limit - items.count)) {
                items.append(Item(request: first.request, index: index, text: first.texts[index]))
            }
            let last = items[items.count - 1].index
            first.texts = first.texts[(last + 1)...]
            if !first.texts.isEmpty { self[keyPath: queue].append(first) }
        }
        count -= items.count
        return items
    }
}
