import Persistence
import Testing

@testable import Accounts

@Suite("Two instances on the same accounts")
struct NeighboursTests {
    /// What `count` tries at once come to, taking turns between this instance and its neighbour.
    private func race<Value: Sendable>(
        _ count: Int, in house: Household, _ attempt: @escaping @Sendable (AccountService, Int) async throws -> Value
    ) async throws -> (made: [Value], refused: [AccountFailure]) {
        let instances = [house.accounts, try await house.neighbour()]
        let results = await withTaskGroup(of: Result<Value, any Error>.self) { group in
            for number in 0..<count {
                group.addTask {
                    do {
                        return .success(try await attempt(instances[number % 2], number))
                    } catch {
                        return .failure(error)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        return (
            results.compactMap { try? $0.get() },
            results.compactMap { result in
                if case .failure(let failure as AccountFailure) = result { failure } else { nil }
            }
        )
    }

    @Test("of all who register at once the first is the admin, and nobody else")
    func firstAdmin() async throws {
        for _ in 0..<3 {
            let house = try await Household()
            let people = try await race(8, in: house) { accounts, number in
                try await accounts.register(
                    username: "person\(number)", email: "\(number)@example.org", password: Household.password)
            }
            #expect(people.made.count == 8)
            #expect(people.made.count { $0.role == .admin } == 1)
        }
    }

    @Test("a closed server lets one person in, however many come at once")
    func closed() async throws {
        let house = try await Household(registration: .closed)
        let people = try await race(8, in: house) { accounts, number in
            try await accounts.register(
                username: "person\(number)", email: "\(number)@example.org", password: Household.password)
        }
        #expect(people.made.map(\.role) == [.admin])
        #expect(people.refused == Array(repeating: .registrationClosed, count: 7))
    }

    @Test("a name and an address are given once")
    func sameName() async throws {
        let house = try await Household()
        _ = try await house.register("grace")
        let named = try await race(8, in: house) { accounts, number in
            try await accounts.register(
                username: "ada", email: "\(number)@example.org", password: Household.password)
        }
        #expect(named.made.count == 1)
        #expect(named.refused == Array(repeating: .usernameTaken, count: 7))
        let addressed = try await race(8, in: house) { accounts, number in
            try await accounts.register(
                username: "person\(number)", email: "joan@example.org", password: Household.password)
        }
        #expect(addressed.made.count == 1)
        #expect(addressed.refused == Array(repeating: .emailTaken, count: 7))
    }

    @Test("a refresh token used at both at once brings new tokens once, and ends its session")
    func refresh() async throws {
        for _ in 0..<5 {
            let house = try await Household()
            let (_, tokens) = try await house.ada()
            let refreshed = try await race(4, in: house) { accounts, _ in try await accounts.refresh(tokens.refresh) }
            #expect(refreshed.made.count == 1)
            #expect(refreshed.refused == Array(repeating: .invalidToken, count: 3))
            let next = try #require(refreshed.made.first)
            #expect(try await refusal { _ = try await house.accounts.refresh(next.refresh) } == .invalidToken)
        }
    }
}
