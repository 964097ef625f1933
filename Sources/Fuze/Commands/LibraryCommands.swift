import Accounts
import ArgumentParser
import Bookmarks
import Foundation
import HTTPSupport
import Jobs
import NIOCore
import Persistence
import Search
import ServiceLifecycle
import UnixSignals

extension Fuze {
    /// The account a command acts for.
    func user(_ name: String?) async throws -> User {
        if let user = try await accounts.user(named: name) { return user }
        throw CommandFailure(
            name.map { "There is no account named \($0)." }
                ?? "Say whose library it is with --user: there is no account, or more than one.")
    }

    /// Works off the queue in this process until the jobs, and what they started, are finished.
    func finish(_ jobs: [Job.ID], ownedBy user: User.ID, onUpdate: @escaping @Sendable (JobUpdate) -> Void) async throws
    {
        let worker = worker(slots: max(2, configuration.workers))
        let group = ServiceGroup(
            services: [worker], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                do {
                    for job in jobs {
                        for try await update in queue.updates(of: job, ownedBy: user.rawValue) { onUpdate(update) }
                    }
                } catch {
                    await group.triggerGracefulShutdown()
                    throw error
                }
                await group.triggerGracefulShutdown()
            }
            // Ends when the jobs have, or when the person breaks off: what is left goes on in the next worker.
            try await group.run()
            tasks.cancelAll()
        }
    }
}

struct SaveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "save",
        abstract: "Save links, and wait until their pages are kept.",
        discussion: "Links come as arguments, or one a line from standard input. Each result is one JSON line.")

    @OptionGroup var library: LibraryOptions

    @Argument(help: "The links.")
    var urls: [String] = []

    @Option(name: .customLong("tag"), help: "A tag; may be given several times.")
    var tags: [String] = []

    @Flag(help: "Leave fetching the pages to a running server or worker.")
    var noWait = false

    func run() async throws {
        let fuze = try await Fuze.open(try await library.data.configuration())
        let user = try await fuze.user(library.user)
        let links = urls.isEmpty ? Array(AnySequence { AnyIterator { readLine() } }) : urls
        var saved: [BookmarkService.Saved] = []
        var failed = 0
        for link in links where !link.allSatisfy(\.isWhitespace) {
            do {
                saved.append(try await fuze.bookmarks.save(.init(url: link, tags: tags), for: user.id))
            } catch let failure as BookmarkFailure {
                failed += 1
                Console.say("\(link): \(failure.problem.message)")
            }
        }
        if !noWait {
            try await fuze.finish(saved.compactMap(\.job), ownedBy: user.id) { _ in }
        }
        for saved in saved {
            Console.write(try await fuze.bookmarks.find(saved.bookmark.id, ownedBy: user.id).json)
        }
        try await fuze.close()
        if failed > 0 { throw ExitCode.failure }
    }
}

struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Import a browser's export of bookmarks; - reads standard input.")

    @OptionGroup var library: LibraryOptions

    @Argument(help: "The bookmark file.")
    var file: String

    @Flag(help: "Make records only; pages are not fetched.")
    var skipFetch = false

    @Flag(help: "Leave the work to a running server or worker.")
    var noWait = false

    func run() async throws {
        let descriptor = file == "-" ? STDIN_FILENO : open(file, O_RDONLY)
        guard descriptor >= 0 else { throw CommandFailure("\(file): \(String(cString: strerror(errno)))") }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: file != "-")
        let fuze = try await Fuze.open(try await library.data.configuration())
        let user = try await fuze.user(library.user)
        let job = try await fuze.imports.receive(skipsFetching: skipFetch, for: user.id) {
            [UInt8](try handle.read(upToCount: 256 * 1024) ?? Data())
        }
        if noWait {
            Console.write("{\"job\":\(job)}")
        } else {
            let bar = ProgressBar()
            try await fuze.finish([job], ownedBy: user.id) { update in
                bar.show(update.progress.done, of: update.progress.total, update.progress.message ?? "Importing")
            }
            bar.finish()
            try await report(job, of: user, from: fuze)
        }
        try await fuze.close()
    }

    private func report(_ id: Job.ID, of user: User, from fuze: Fuze) async throws {
        guard let job = try await fuze.queue.update(of: id, ownedBy: user.id.rawValue)?.job else { return }
        Console.write(job.result ?? "{}")
        if let failure = job.failure { throw CommandFailure(failure) }
    }
}

struct SearchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search", abstract: "Find what was saved, by meaning and by words.")

    @OptionGroup var library: LibraryOptions

    @Argument(help: "What to look for, in plain words.")
    var query: [String]

    @Flag(help: "One JSON object a line.")
    var json = false

    @Option(help: "How many results, from 1 to 100.")
    var limit = 10

    @Option(help: "hybrid, semantic or text.")
    var mode = SearchMode.hybrid

    func validate() throws {
        guard (1...100).contains(limit) else { throw ValidationError("--limit must be from 1 to 100.") }
    }

    func run() async throws {
        let fuze = try await Fuze.open(try await library.data.configuration())
        let user = try await fuze.user(library.user)
        let request = SearchRequest(query: query.joined(separator: " "), mode: mode, limit: limit)
        let found = try await fuze.search.search(request, in: .personal(ofUser: user.id.rawValue))
        for result in found.results { Console.write(json ? result.json : result.plainText) }
        try await fuze.close()
    }
}

extension SearchMode: ExpressibleByArgument {}

extension Bookmark {
    fileprivate var json: String {
        var json = JSONWriter(capacity: 1024)
        write(to: &json)
        return String(buffer: json.buffer)
    }
}

extension SearchResult {
    fileprivate var json: String {
        var json = JSONWriter(capacity: 1024)
        write(to: &json)
        return String(buffer: json.buffer)
    }

    fileprivate var plainText: String {
        let excerpt = snippet.replacing("<mark>", with: "").replacing("</mark>", with: "")
            .replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&quot;", with: "\"")
            .replacing("&#39;", with: "'").replacing("&amp;", with: "&")
        return "\(title.isEmpty ? address : title)\n  \(address)\n  \(excerpt)\n"
    }
}
