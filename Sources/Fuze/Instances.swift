import Accounts
import Caching
import Jobs
import NIOCore
import Persistence

/// What the instances of an installation tell one another.
struct Instances: Sendable {
    private static let work = "work"
    private static let revoked = "revoked"
    private static let jobs = "jobs"

    let bus: InstanceBus
    private let newWork: Announcer
    private let changedJobs: ChangeAnnouncer?

    init(redis: Redis?) {
        bus = InstanceBus(redis: redis)
        newWork = Announcer(bus, channel: Self.work)
        changedJobs = redis == nil ? nil : ChangeAnnouncer(bus, channel: Self.jobs)
    }

    /// For `JobQueue`: other processes look for work at once.
    var announceWork: @Sendable () -> Void { { [newWork] in newWork.announce() } }

    /// For `JobQueue`: who watches a job through another process sees at once how it stands.
    var announceJobs: @Sendable ([Job.ID]) -> Void {
        { [changedJobs] jobs in changedJobs?.announce(jobs.lazy.map(\.rawValue)) }
    }

    /// For `AccountService`: tokens of ended sessions are good nowhere any more.
    var announceRevocation: RevocationAnnouncement {
        { [bus] sessions in
            var message = ByteBuffer()
            for session in sessions { message.writeInteger(session) }
            await bus.tellOthers(message, on: Self.revoked)
        }
    }

    /// Hears what other instances tell. After an outage workers look for work, `RevocationWatch` for sessions and those
    /// who watch a job at it by themselves.
    func listen(for queue: JobQueue, _ accounts: AccountService) {
        bus.listen(on: Self.work) { _ in queue.wakeLocally() }
        bus.listen(on: Self.jobs) { message in
            queue.changedElsewhere(ChangeAnnouncer.changes(in: message)?.map { Job.ID($0) })
        }
        bus.listen(on: Self.revoked) { message in
            guard case .message(var bytes) = message else { return }
            var sessions: [Int64] = []
            while let session = bytes.readInteger(as: Int64.self) { sessions.append(session) }
            accounts.learnRevocations(of: sessions)
        }
    }
}
