import Testing
import Vectors

@Suite("A partition of vectors")
struct VectorPartitionTests {
    @Test("every kernel finds the same passages with the same scores", arguments: [1, 63, 64, 65, 384])
    func kernelsAgree(dimensions: Int) throws {
        var dice = Dice(seed: 7)
        let rows = dice.library(1500, dimensions: dimensions)
        let query = dice.unitVector(dimensions)
        let answers = try VectorKernel.allCases.filter(\.isAvailable).map { kernel in
            let partition = VectorPartition(dimensions: dimensions, kernel: kernel)
            try partition.append(rows)
            return try partition.search(query, limit: 25)
        }
        #expect(answers.allSatisfy { $0 == answers[0] })
        for hit in answers[0] {
            #expect(abs(hit.score - dot(rows[Int(hit.id) - 1].vector, query)) < 0.02)
        }
    }

    @Test("extreme codes do not overflow the sums")
    func extremes() throws {
        for kernel in VectorKernel.allCases where kernel.isAvailable {
            let partition = VectorPartition(dimensions: 1024, kernel: kernel)
            let ones = [Float](repeating: 1, count: 1024)
            try partition.append(id: 1, group: 1, vector: ones)
            try partition.append(id: 2, group: 2, vector: ones.map { -$0 })
            let scores = try partition.search(ones, limit: 2).map(\.score)
            #expect(abs(scores[0] - 1024) < 0.01 && abs(scores[1] + 1024) < 0.01)
        }
    }

    @Test("after rescoring, the ten nearest are the exact ten")
    func recall() throws {
        var dice = Dice(seed: 11)
        let rows = dice.library(5000)
        let partition = VectorPartition(dimensions: 96)
        try partition.append(rows)
        var found = 0
        for _ in 0..<40 {
            let query = dice.unitVector(96, near: rows.randomElement(using: &dice)?.vector)
            let hits = try partition.search(query, limit: [VectorHit].candidates(for: 10))
                .rescored(for: query) { ids in
                    Dictionary(uniqueKeysWithValues: ids.map { ($0, rows[Int($0) - 1].vector) })
                }
            let exact = exactHits(rows, for: query).prefix(10).map(\.id)
            found += Set(exact).intersection(hits.prefix(10).map(\.id)).count
        }
        #expect(found >= 399)
    }

    @Test("groups come once, with their best passage")
    func groups() throws {
        var dice = Dice(seed: 3)
        let rows = dice.library(3000)
        let partition = VectorPartition(dimensions: 96)
        try partition.append(rows)
        let query = dice.unitVector(96, near: rows[100].vector)
        let all = try partition.search(query, limit: 3000)
        var seen: Set<Int64> = []
        let expected = all.filter { seen.insert($0.group).inserted }.prefix(50)
        #expect(try partition.searchGroups(query, limit: 50) == Array(expected))
        let best = try partition.bestPassages(of: Set(expected.map(\.group)), for: query)
        #expect(best.count == 50 && expected.allSatisfy { best[$0.group] == $0 })
    }

    @Test("one long item does not crowd out the others")
    func crowding() throws {
        var dice = Dice(seed: 5)
        let query = dice.unitVector(32)
        let partition = VectorPartition(dimensions: 32)
        try partition.append(
            (1...2000).map { VectorRow(id: $0, group: 1, vector: dice.unitVector(32, near: query)) })
        try partition.append(
            (1...9).map { VectorRow(id: 2000 + $0, group: 1 + $0, vector: dice.unitVector(32)) })
        #expect(try partition.searchGroups(query, limit: 10).count == 10)
    }

    @Test("only allowed groups are found")
    func filter() throws {
        var dice = Dice(seed: 9)
        let partition = VectorPartition(dimensions: 96)
        try partition.append(dice.library(2000))
        let hits = try partition.searchGroups(dice.unitVector(96), limit: 20) { $0.isMultiple(of: 100) }
        #expect(hits.count == 10 && hits.allSatisfy { $0.group.isMultiple(of: 100) })
    }

    @Test("what was removed is not found, and its memory comes back")
    func removal() throws {
        var dice = Dice(seed: 13)
        let rows = dice.library(10_000)
        let partition = VectorPartition(dimensions: 96)
        try partition.append(rows)
        let before = partition.memory
        partition.remove(groups: Set(1...4000))
        partition.remove(ids: Set(8001...8999))
        partition.remove(ids: [8001])
        #expect(partition.count == 1001)
        #expect(partition.memory < before / 3)
        let hits = try partition.search(dice.unitVector(96), limit: 20_000)
        #expect(Set(hits.map(\.id)) == Set(9000...10_000))
        #expect(try partition.bestPassages(of: [1, 5000], for: rows[0].vector).keys.sorted() == [5000])
    }

    @Test("an id stored again replaces the vector")
    func replacement() throws {
        let partition = VectorPartition(dimensions: 2)
        try partition.append(id: 1, group: 1, vector: [1, 0])
        try partition.append(id: 1, group: 1, vector: [0, 1])
        #expect(partition.count == 1)
        #expect(try partition.search([1, 0], limit: 5).first?.score == 0)
    }

    @Test("vectors of another length are refused; those without direction score zero")
    func oddVectors() throws {
        let partition = VectorPartition(dimensions: 3)
        let refusal = VectorError.wrongDimensions(expected: 3, found: 2)
        #expect(throws: refusal) { try partition.append(id: 1, group: 1, vector: [1, 2]) }
        #expect(throws: refusal) { try partition.search([1, 2], limit: 1) }
        try partition.append([
            VectorRow(id: 1, group: 1, vector: [0, 0, 0]),
            VectorRow(id: 2, group: 2, vector: [.nan, 1, 0]),
            VectorRow(id: 3, group: 3, vector: [.infinity, 1, 0]),
            VectorRow(id: 4, group: 4, vector: [.leastNonzeroMagnitude, 0, 0]),
        ])
        #expect(try partition.search([1, 0, 0], limit: 9).map(\.score) == [0, 0, 0, 0])
        #expect(try partition.search([1, 0, 0], limit: 0).isEmpty)
        #expect(try VectorPartition(dimensions: 3).search([1, 0, 0], limit: 5).isEmpty)
    }

    @Test("the dot product takes any length")
    func dotProducts() {
        for count in [0, 1, 7, 8, 17] {
            let vector = (0..<count).map(Float.init)
            #expect(dotProduct(vector, vector) == dot(vector, vector))
        }
        #expect(dotProduct([1, 2], [3, 4, 5]) == 11)
    }

    @Test("a hit whose vector is gone by the time of rescoring is dropped")
    func goneMeanwhile() {
        let hits = [VectorHit(id: 1, group: 1, score: 0.5), VectorHit(id: 2, group: 2, score: 0.4)]
        let exact = hits.rescored(for: [1, 0]) { _ in [2: [0.9, 0.1]] }
        #expect(exact == [VectorHit(id: 2, group: 2, score: 0.9)])
    }

    @Test("readers see whole batches while a writer appends and removes")
    func readersAndWriter() async throws {
        var dice = Dice(seed: 17)
        let rows = dice.library(4000, dimensions: 64)
        let query = dice.unitVector(64)
        let partition = VectorPartition(dimensions: 64)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                for start in stride(from: 0, to: 4000, by: 100) {
                    try partition.append(Array(rows[start..<start + 100]))
                    if start >= 1000 { partition.remove(ids: Set((start - 999...start - 900).map(Int64.init))) }
                }
            }
            for _ in 0..<2 {
                tasks.addTask {
                    for _ in 0..<100 {
                        let hits = try partition.search(query, limit: 5000)
                        #expect(hits.count.isMultiple(of: 100) && hits == hits.sorted())
                    }
                }
            }
            try await tasks.waitForAll()
        }
        #expect(partition.count == 1000)
    }
}
