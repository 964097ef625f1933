import Accounts
import Foundation
import HTTPSupport
import Hummingbird
import Jobs
import Persistence
import Search

/// Takes files of bookmarks in, and turns their entries into records by a job.
public struct BookmarkImportService: Sendable {
    /// Pieces that a file is kept in, so that neither end holds it whole.
    static let chunkBytes = 256 * 1024
    /// A hundred thousand links with icons inline; larger files are none that a browser writes.
    static let fileLimit = 256 * 1024 * 1024

    let database: Database
    let index: SearchIndex
    let jobs: JobQueue
    let repository = BookmarkImportRepository()
    let bookmarks = BookmarkRepository()

    public init(database: Database, index: SearchIndex, jobs: JobQueue) {
        self.database = database
        self.index = index
        self.jobs = jobs
    }

    /// Receives the file of a form and begins its import.
    func receive(_ request: Request, skipsFetching: Bool, for user: User.ID) async throws -> Job.ID {
        var form = try MultipartReader(request, limits: MultipartLimits(totalBytes: Self.fileLimit))
        while let part = try await form.nextPart() {
            guard part.name == "file" else { continue }
            let upload = try await beginUpload(skipsFetching: skipsFetching, for: user)
            do {
                var file = UploadedFile(upload: upload, service: self)
                while let chunk = try await form.nextChunk() { try await file.append(chunk.readableBytesView) }
                // What follows the file must arrive as well: a form that breaks off was not sent whole.
                while try await form.nextPart() != nil {}
                return try await file.finish()
            } catch {
                try? await discard(upload)
                throw error
            }
        }
        throw Problem.invalid(["file": "is required: a bookmark file as a field of the form"])
    }

    /// Begins the import of a file on this machine.
    ///
    /// - Parameter read: gives the next bytes of the file, none at its end.
    public func receive(
        skipsFetching: Bool, for user: User.ID, reading read: () throws -> [UInt8]
    ) async throws -> Job.ID {
        let upload = try await beginUpload(skipsFetching: skipsFetching, for: user)
        do {
            var file = UploadedFile(upload: upload, service: self)
            while case let bytes = try read(), !bytes.isEmpty { try await file.append(bytes) }
            return try await file.finish()
        } catch {
            try? await discard(upload)
            throw error
        }
    }

    private func beginUpload(skipsFetching: Bool, for user: User.ID) async throws -> BookmarkImport {
        try await database.write(.owner(user)) { connection in
            try repository.insert(ownedBy: user, skipsFetching: skipsFetching, in: connection)
        }
    }

    func discard(_ upload: BookmarkImport) async throws {
        try await database.write(.owner(upload.user)) { try repository.delete(upload.id, in: $0) }
    }
}

/// A file on its way in: cut into pieces that are stored as they fill.
private struct UploadedFile {
    let upload: BookmarkImport
    let service: BookmarkImportService
    private var pending: [UInt8] = []
    private var stored = 0

    init(upload: BookmarkImport, service: BookmarkImportService) {
        self.upload = upload
        self.service = service
    }

    mutating func append(_ bytes: some Collection<UInt8>) async throws {
        pending += bytes
        while pending.count >= BookmarkImportService.chunkBytes {
            try await store(Array(pending.prefix(BookmarkImportService.chunkBytes)))
            pending.removeFirst(BookmarkImportService.chunkBytes)
        }
    }

    private mutating func store(_ chunk: [UInt8]) async throws {
        let ordinal = stored
        try await service.database.write(.owner(upload.user)) { [upload, service] connection in
            try service.repository.append(chunk, as: ordinal, to: upload.id, in: connection)
        }
        stored += 1
    }

    /// Stores the rest and puts the job into the queue.
    mutating func finish() async throws -> Job.ID {
        try await store(pending)
        return try await service.jobs.write(.owner(upload.user)) { [upload, service] connection in
            try service.jobs.enqueue(try ImportProcessing.job(upload), in: connection)
        }
    }
}
