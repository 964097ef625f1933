import Testing

@testable import Embeddings

struct EmbeddingQueueTests {
    @Test("bulk requests take turns, interactive ones do not")
    func turns() {
        var queue = EmbeddingQueue(capacity: 100)
        let added = [
            queue.add((0..<6).map { "a\($0)" }, .bulk, request: 1),
            queue.add((0..<2).map { "b\($0)" }, .bulk, request: 2),
            queue.add(["q0", "q1"], .interactive, request: 3),
        ]
        #expect(added == [true, true, true])
        let taken = [queue.takeInteractive(8), queue.takeBulk(4), queue.takeBulk(3)]
        #expect(
            taken.map { $0.map(\.text) } == [
                ["q0", "q1"], ["a0", "a1", "b0", "b1"], ["a2", "a3", "a4"],
            ])
        #expect(queue.count == 1)
    }

    @Test("one request may exceed the capacity, a second may not")
    func capacity() {
        var queue = EmbeddingQueue(capacity: 3)
        let large = queue.add(["a", "b", "c", "d"], .bulk, request: 1)
        let second = queue.add(["e"], .bulk, request: 2)
        queue.remove(request: 1)
        let later = queue.add(["e"], .bulk, request: 3)
        #expect([large, second, later] == [true, false, true])
        #expect(queue.count == 1)
        queue.removeAll()
        let rest = queue.takeBulk(8)
        #expect(rest.isEmpty)
    }

    @Test("texts of similar length are computed together, within both bounds")
    func grouping() {
        let lengths = [3, 256, 4, 250, 5, 255, 3, 254, 2, 253, 3, 3, 3]
        let texts = lengths.map { [Int32](repeating: 1, count: $0) }
        let groups = TokenBatch.grouping(texts)
        #expect(groups.flatMap { $0 }.sorted() == Array(texts.indices))
        #expect(groups.first == [1, 5])
        for group in groups {
            let batch = TokenBatch(group.map { texts[$0] })
            #expect(batch.count <= TokenBatch.maxTexts)
            #expect(batch.ids.count <= TokenBatch.maxTokens)
        }
    }

    @Test("the vectors used last stay within their bytes")
    func recent() {
        var recent = RecentVectors(maxBytes: 20_000)
        for number in 0..<50 {
            recent.remember("text \(number)", [Float](repeating: Float(number), count: 384))
            let first = recent.vector(of: "text 0")
            #expect(first != nil)
        }
        let long = String(repeating: "x", count: 10_000)
        recent.remember(long, [1])
        let found = [recent.vector(of: "text 1"), recent.vector(of: "text 49"), recent.vector(of: long)]
        #expect(found.map { $0?.first } == [nil, 49, nil])
    }
}
