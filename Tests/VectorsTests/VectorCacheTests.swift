import Synchronization
import Testing
import Vectors

@Suite("The cache of partitions")
struct VectorCacheTests {
    /// The rows of one space as a database would keep them, two changes a page.
    final class Rows: Sendable {
        enum Change { case stored(VectorRow), removed(Int64) }
        let changes = Mutex<[Change]>([])
        let reads = Mutex(0)

        func store(_ id: Int64, _ vector: [Float]) {
            changes.withLock { $0.append(.stored(VectorRow(id: id, group: id, vector: vector))) }
        }

        func remove(_ id: Int64) { changes.withLock { $0.append(.removed(id)) } }

        func after(_ sequence: Int64) -> VectorCache.Changes {
            reads.withLock { $0 += 1 }
            let all = changes.withLock { $0 }
            let page = all.dropFirst(Int(sequence)).prefix(2)
            var result = VectorCache.Changes(
                stored: [], removed: [], last: Int64(page.endIndex), more: page.endIndex < all.count)
            for change in page {
                switch change {
                case .stored(let row): result.stored.append(row)
                case .removed(let id): result.removed.insert(id)
                }
            }
            return result
        }
    }

    @Test("a partition follows the rows, page by page, and reads nothing twice")
    func follows() throws {
        let rows = Rows()
        let cache = VectorCache(dimensions: 2, budget: 1 << 20)
        for id in 1...5 { rows.store(Int64(id), [Float(id), 1]) }
        #expect(try cache.partition(of: 1, changes: rows.after).count == 5)
        #expect(rows.reads.withLock { $0 } == 3)
        rows.remove(2)
        rows.store(6, [0, 1])
        let partition = try cache.partition(of: 1, changes: rows.after)
        #expect(try Set(partition.search([1, 1], limit: 9).map(\.id)) == [1, 3, 4, 5, 6])
        #expect(rows.reads.withLock { $0 } == 4)
    }

    @Test("two processes' caches agree")
    func agreement() throws {
        let rows = Rows()
        let caches = (0..<2).map { _ in VectorCache(dimensions: 2, budget: 1 << 20) }
        for step in 1...20 {
            rows.store(Int64(step), [1, Float(step)])
            if step > 10 { rows.remove(Int64(step - 10)) }
            if step.isMultiple(of: 7) { _ = try caches[0].partition(of: 1, changes: rows.after) }
        }
        let answers = try caches.map { try $0.partition(of: 1, changes: rows.after).search([1, 0], limit: 99) }
        #expect(answers[0] == answers[1] && answers[0].count == 10)
    }

    @Test("the space used least recently goes first when memory is short")
    func budget() throws {
        let rows = Rows()
        for id in 1...100 { rows.store(Int64(id), Array(repeating: 1, count: 64)) }
        let one = VectorCache(dimensions: 64, budget: .max)
        _ = try one.partition(of: 1, changes: rows.after)
        let cache = VectorCache(dimensions: 64, budget: one.memory * 5 / 2)
        for space in [1, 2, 1, 3] as [Int64] { _ = try cache.partition(of: space, changes: rows.after) }
        // Two of the three; how much room an array takes beyond its elements differs from run to run.
        #expect((one.memory * 3 / 2...one.memory * 5 / 2).contains(cache.memory))
        let reads = rows.reads.withLock { $0 }
        _ = try cache.partition(of: 1, changes: rows.after)
        #expect(rows.reads.withLock { $0 } == reads + 1)
        _ = try cache.partition(of: 2, changes: rows.after)
        #expect(rows.reads.withLock { $0 } == reads + 51)
    }

    @Test("a space larger than the budget is still served")
    func largerThanBudget() throws {
        let rows = Rows()
        rows.store(1, [1, 0])
        let cache = VectorCache(dimensions: 2, budget: 1)
        #expect(try cache.partition(of: 1, changes: rows.after).count == 1)
    }

    @Test("a space that nobody asked for in a long time is loaded anew, for tombstones may be gone")
    func longAbsence() throws {
        let rows = Rows()
        let clock = Mutex(ContinuousClock.now)
        let cache = VectorCache(dimensions: 2, budget: 1 << 20, longestAbsence: .seconds(60)) { clock.withLock { $0 } }
        rows.store(1, [1, 0])
        rows.store(2, [0, 1])
        #expect(try cache.partition(of: 1, changes: rows.after).count == 2)
        clock.withLock { $0 += .seconds(50) }
        #expect(try cache.partition(of: 1, changes: rows.after).count == 2)
        let reads = rows.reads.withLock { $0 }

        // The first is removed, and the row that says so is cleaned away before the cache comes back.
        rows.changes.withLock { _ = $0.removeFirst() }
        clock.withLock { $0 += .seconds(59) }
        #expect(try cache.partition(of: 1, changes: rows.after).count == 2)
        clock.withLock { $0 += .seconds(61) }
        #expect(try cache.partition(of: 1, changes: rows.after).search([1, 1], limit: 9).map(\.id) == [2])
        #expect(rows.reads.withLock { $0 } == reads + 2)
        #expect(cache.memory > 0)
    }

    @Test("a failed read leaves the partition where it was")
    func failure() throws {
        struct Offline: Error {}
        let rows = Rows()
        rows.store(1, [1, 0])
        let cache = VectorCache(dimensions: 2, budget: 1 << 20)
        #expect(throws: Offline.self) { try cache.partition(of: 1) { _ in throw Offline() } }
        #expect(try cache.partition(of: 1, changes: rows.after).count == 1)
    }
}
