import Accounts
import Caching
import Jobs
import NIOCore

/// What the instances of an installation tell one another.
struct Instances: Sendable {
    private static let work = "work"
    private static let revoked = "revoked"

    let bus: InstanceBus
    private let newWork: Announcer

    init(redis: Redis?) {
        bus = InstanceBus(redis: redis)
        newWork = Announcer(bus, channel: Self.work)
    }

    /// For `JobQueue`: other processes look for work at once.
    var announceWork: @Sendable () -> Void { { [newWork] in newWork.announce() } }

    /// For `AccountService`: tokens of ended sessions are good nowhere any more.
    var announceRevocation: RevocationAnnouncement {
        { [bus] sessions in
            var message = ByteBuffer()
            for session in sessions { message.writeInteger(session) }
            await bus.tellOthers(message, on: Self.revoked)
        }
    }

    /// Hears what other instances tell. After an outage workers look for work and `RevocationWatch` for sessions by
    /// themselves.
    func listen(for queue: JobQueue, _ accounts: AccountService) {
        bus.listen(on: Self.work) { _ in queue.wakeLocally() }
        bus.listen(on: Self.revoked) { message in
            guard case .message(var bytes) = message else { return }
            var sessions: [Int64] = []
            while let session = bytes.readInteger(as: Int64.self) { sessions.append(session) }
            accounts.learnRevocations(of: sessions)
        }
    }
}
