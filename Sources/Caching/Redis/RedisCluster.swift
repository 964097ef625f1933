import Logging
import NIOCore
import Synchronization

/// The servers of a Redis Cluster: sends each command to the server that has its key.
///
/// Where a slot has moved, the server asked says so; the map of all slots is then read again. It is also read again
/// when a server is gone, for another may have taken its place.
final class RedisCluster: Sendable {
    private struct State {
        var map = SlotMap()
        var nodes: [RedisAddress: RedisNode] = [:]
        var refresh: Task<Void, Never>?
        var refreshedAt: ContinuousClock.Instant?
        var isClosed = false
    }

    private let connector: RedisConnector
    private let logger: Logger
    private let state = Mutex(State())

    /// How often one command follows redirections or is tried again.
    private static let attempts = 6
    private static let refreshInterval = Duration.milliseconds(250)

    init(connector: RedisConnector, logger: Logger) {
        self.connector = connector
        self.logger = logger
    }

    /// Every server known by now, the ones from the configuration first.
    var addresses: [RedisAddress] {
        let seeds = connector.configuration.addresses
        return seeds + state.withLock { $0.map.servers.subtracting(seeds) }
    }

    /// Ready where every slot's server is.
    var current: RedisState {
        let (map, nodes) = state.withLock { ($0.map, $0.nodes) }
        let servers = map.servers
        guard !servers.isEmpty else {
            return nodes.values.map(\.current).first { $0 != .connecting } == nil
                ? .connecting : .down(reason: "No server of the cluster tells which has which keys.")
        }
        let states = servers.map { nodes[$0]?.current ?? .connecting }
        return states.first { $0 != .ready } ?? .ready
    }

    /// Sends commands whose keys share a slot, in one go.
    func send(_ commands: [RedisCommand]) async throws(RedisFailure) -> [RedisValue] {
        let slot = commands.first?.key.map(RedisSlot.of) ?? Int.random(in: 0..<RedisSlot.count)
        var results = [RedisValue](repeating: .null, count: commands.count)
        var open = Array(commands.indices)
        var detour: RedisAddress?
        for attempt in 0..<Self.attempts {
            var target = detour
            if target == nil { target = await owner(of: slot) }
            guard let address = target else { throw .unavailable }
            let answers: [RedisValue]
            do throws(RedisFailure) {
                answers = try await send(open.map { commands[$0] }, to: address, isDetour: detour != nil)
            } catch .unavailable where attempt < 2 {
                detour = nil
                await refresh()?.value
                continue
            }
            var advice: RedisRefusal.Advice?
            var refused: [Int] = []
            for (index, answer) in zip(open, answers) {
                if case .refusal(let refusal) = answer, let given = refusal.advice(from: address.host) {
                    advice = advice ?? given
                    refused.append(index)
                }
                results[index] = answer
            }
            guard let advice else { return results }
            open = refused
            detour = try await follow(advice, attempt: attempt)
        }
        return results
    }

    /// - Returns: where the next try goes, if that is not the slot's owner.
    private func follow(_ advice: RedisRefusal.Advice, attempt: Int) async throws(RedisFailure) -> RedisAddress? {
        switch advice {
        case .moved(let slot, let address):
            state.withLock { $0.map[slot] = address }
            refresh()
            return nil
        case .ask(let address): return address
        case .tryAgain:
            do { try await Task.sleep(for: .milliseconds(20 << attempt)) } catch { throw .unavailable }
            refresh()
            return nil
        }
    }

    private func send(
        _ commands: [RedisCommand], to address: RedisAddress, isDetour: Bool
    ) async throws(RedisFailure) -> [RedisValue] {
        guard let node = node(at: address) else { throw .closed }
        guard isDetour else { return try await node.send(commands) }
        let answers = try await node.send(commands.flatMap { [RedisCommand("ASKING"), $0] })
        return answers.enumerated().compactMap { $0.offset % 2 == 1 ? $0.element : nil }
    }

    private func owner(of slot: Int) async -> RedisAddress? {
        if let known = state.withLock({ $0.map[slot] }) { return known }
        await refresh()?.value
        return state.withLock { $0.map[slot] }
    }

    private func node(at address: RedisAddress) -> RedisNode? {
        let (node, isNew) = state.withLock { state -> (RedisNode?, Bool) in
            if state.isClosed { return (nil, false) }
            if let known = state.nodes[address] { return (known, false) }
            let node = RedisNode(addresses: { [address] }, connector: connector, logger: logger)
            state.nodes[address] = node
            return (node, true)
        }
        if isNew { node?.connect() }
        return node
    }

    /// Begins to read the map, once for all who want it; nothing where that has just been done.
    @discardableResult
    func refresh() -> Task<Void, Never>? {
        state.withLock { state in
            if let running = state.refresh { return running }
            if let last = state.refreshedAt, .now - last < Self.refreshInterval { return nil }
            let task = Task { await self.readMap() }
            state.refresh = task
            return task
        }
    }

    private func readMap() async {
        var found: SlotMap?
        for address in addresses.shuffled() {
            guard let node = node(at: address),
                let answer = try? await node.send([RedisCommand("CLUSTER", "SLOTS")]).first,
                let map = SlotMap(answer, from: address.host), !map.servers.isEmpty
            else { continue }
            found = map
            break
        }
        let gone = state.withLock { state -> [RedisNode] in
            state.refresh = nil
            state.refreshedAt = .now
            guard let found else { return [] }
            state.map = found
            let wanted = found.servers
            let gone = state.nodes.filter { !wanted.contains($0.key) }
            for address in gone.keys { state.nodes[address] = nil }
            return Array(gone.values)
        }
        for node in gone { await node.close() }
        for server in found?.servers ?? [] { _ = node(at: server) }
    }

    func close() async {
        let nodes = state.withLock { state in
            state.isClosed = true
            return Array(state.nodes.values)
        }
        for node in nodes { await node.close() }
    }
}
