import NIOCore
import Synchronization

/// Tells the other instances which of many things have changed. What changes while the last telling is under way, or
/// was a moment ago, is told together.
public final class ChangeAnnouncer: Sendable {
    private struct State {
        var changed: Set<Int64> = []
        var isTelling = false
    }

    /// Beyond these the message only says that any may have changed.
    static let limit = 1000
    private static let pause = Duration.milliseconds(50)

    private let bus: InstanceBus
    private let channel: String
    private let state = Mutex(State())

    public init(_ bus: InstanceBus, channel: String) {
        self.bus = bus
        self.channel = channel
    }

    /// Returns at once.
    public func announce(_ changed: some Sequence<Int64>) {
        let begins = state.withLock { state in
            // One more than is told says that there are more.
            for number in changed where state.changed.count <= Self.limit { state.changed.insert(number) }
            guard !state.isTelling, !state.changed.isEmpty else { return false }
            state.isTelling = true
            return true
        }
        if begins { Task { await self.tell() } }
    }

    /// What a message tells; nil where any may have changed.
    public static func changes(in message: RedisMessage) -> [Int64]? {
        guard case .message(var bytes) = message, bytes.readableBytes > 0 else { return nil }
        var changed: [Int64] = []
        while let number = bytes.readInteger(as: Int64.self) { changed.append(number) }
        return changed
    }

    private func tell() async {
        while let message = nextMessage() {
            await bus.tellOthers(message, on: channel)
            try? await Task.sleep(for: Self.pause)
        }
    }

    private func nextMessage() -> ByteBuffer? {
        state.withLock { state in
            guard !state.changed.isEmpty else {
                state.isTelling = false
                return nil
            }
            var message = ByteBuffer()
            if state.changed.count <= Self.limit { for number in state.changed { message.writeInteger(number) } }
            state.changed = []
            return message
        }
    }
}
