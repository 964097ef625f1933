import Foundation
import HTTPSupport
import HTTPTypes
import Hummingbird
import NIOCore
import Persistence

/// The endpoints of work that goes on in the background.
public struct JobRoutes: Sendable {
    let queue: JobQueue

    public init(queue: JobQueue) { self.queue = queue }

    /// - Parameter api: routes behind authentication.
    public func add(to api: RouterGroup<APIContext>) {
        let jobs = api.group("jobs")
        jobs.get(use: list)
        jobs.get(":id", use: show)
        jobs.get(":id/events", use: events)
        jobs.post(":id/cancel", use: cancel)
        jobs.post(":id/retry", use: retry)
    }

    /// The answer to a request whose work goes on: 202 with where to follow it.
    public static func accepted(_ id: Job.ID, ownedBy owner: Int64, in queue: JobQueue) async throws -> Response {
        guard let update = try await queue.update(of: id, ownedBy: owner) else { throw Problem.notFound("Job") }
        return accepted(update)
    }

    private static func accepted(_ update: JobUpdate) -> Response {
        .json(status: .accepted, headers: [.location: "/api/jobs/\(update.job.id)"]) { json in
            update.write(to: &json)
        }
    }

    @Sendable func list(request: Request, context: APIContext) async throws -> Response {
        let owner = try context.requirePrincipal().subject
        let asked = try PageRequest(request)
        let before = try asked.cursor.map { Job.ID(try $0.checked(order: Cursor.newest, keyCount: 1).integer(at: 0)) }
        let found = try await queue.list(
            ownedBy: owner, before: before, offset: asked.offset, limit: asked.perPage + 1)
        let jobs = Array(found.prefix(asked.perPage))
        let next = found.count > jobs.count ? jobs.last?.job.id : nil
        let page = Page(
            items: jobs, of: asked, total: try await queue.count(ownedBy: owner),
            nextCursor: next.map { Cursor(order: Cursor.newest, keys: [.integer($0.rawValue)]) })
        return page.response { json, job in job.write(to: &json) }
    }

    @Sendable func show(request _: Request, context: APIContext) async throws -> Response {
        let update = try await update(context)
        return .json { json in update.write(to: &json) }
    }

    /// Each change as an event named `progress`, the last one named `done`.
    @Sendable func events(request _: Request, context: APIContext) async throws -> Response {
        _ = try await update(context)
        let updates = queue.updates(of: try context.jobID(), ownedBy: try context.requirePrincipal().subject)
        return .eventStream(
            updates.map { update in
                var json = JSONWriter(capacity: 512)
                update.write(to: &json)
                return ServerSentEvent(event: update.isFinal ? "done" : "progress", data: String(buffer: json.buffer))
            }, context: context)
    }

    @Sendable func cancel(request _: Request, context: APIContext) async throws -> Response {
        let owner = try context.requirePrincipal().subject
        return Self.accepted(try await queue.cancel(try context.jobID(), ownedBy: owner))
    }

    @Sendable func retry(request _: Request, context: APIContext) async throws -> Response {
        let owner = try context.requirePrincipal().subject
        return Self.accepted(try await queue.retry(try context.jobID(), ownedBy: owner))
    }

    private func update(_ context: APIContext) async throws -> JobUpdate {
        let owner = try context.requirePrincipal().subject
        guard let update = try await queue.update(of: try context.jobID(), ownedBy: owner) else {
            throw Problem.notFound("Job")
        }
        return update
    }
}

extension APIContext {
    fileprivate func jobID() throws -> Job.ID { Job.ID(try identifier(of: "Job")) }
}

extension JobError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .notFound: .notFound("Job")
        case .notRetryable: .conflict("Only what has failed or was cancelled can be tried again.")
        case .leaseLost: .internalError
        }
    }
}

extension JobUpdate {
    /// How the API shows a job, alone and in lists.
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("id", job.id.rawValue)
            json.member("kind", job.kind)
            json.member("status", status.rawValue)
            json.name("progress")
            json.object { json in
                json.member("done", progress.done)
                json.member("total", progress.total)
                json.member("message", progress.message)
            }
            json.name("children")
            json.object { json in
                json.member("total", children.total)
                for status in JobStatus.allCases { json.member(status.memberName, children[status]) }
            }
            json.name("result")
            if let result = job.result { json.raw(result) } else { json.null() }
            json.member("failure", job.failure)
            json.member("attempts", job.attempts)
            json.member("next_retry_at", job.nextRetryAt)
            json.member("created_at", job.createdAt)
            json.member("started_at", job.startedAt)
            json.member("finished_at", finishedAt)
        }
    }
}

extension JobStatus {
    fileprivate var memberName: StaticString {
        switch self {
        case .queued: "queued"
        case .running: "running"
        case .succeeded: "succeeded"
        case .failed: "failed"
        case .cancelled: "cancelled"
        }
    }
}
