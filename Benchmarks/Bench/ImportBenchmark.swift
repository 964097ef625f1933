import Foundation
import Measurements

/// A browser's export of ten thousand links, kept as records without fetching.
struct ImportBenchmark {
    let bench: Bench

    private static let links = 10_000

    func run() throws -> [Figure] {
        bench.say("an import")
        let folder = try bench.folder("import")
        // Without the model, whose loading afterwards is no part of the import's memory.
        let server = try ServerProcess(bench, data: folder, packages: folder.appending(path: "none"))
        defer { server.stop() }
        let connection = try server.connection(token: try server.register())
        let (type, form) = form(try file())
        usleep(500_000)
        let before = server.memory()
        let start = ContinuousClock.now
        let job = try connection.send("POST", "/api/bookmarks/import?skip_fetch=true", type: type, form).checked()
            .json()
        guard let id = job["id"] as? Int else { throw BenchFailure("The import gave no job.") }
        try wait(for: id, on: connection)
        let time = (ContinuousClock.now - start).seconds
        let total = try connection.get("/api/bookmarks?per_page=1").checked().json()["total"] as? Int
        guard total == Self.links else { throw BenchFailure("\(total ?? 0) of \(Self.links) links were imported.") }
        let group = "Import of \(Self.links) bookmarks, records only"
        return [
            Figure(
                group, "upload to last record on disk", time, "s", target: .atMost(3), digits: 2,
                note: String(format: "a file of %.1f MB", megabytes(Double(form.count)))),
            Figure(
                group, "memory growth at its peak", megabytes(server.memory(.peak) - before), "MB",
                target: .atMost(64), note: String(format: "from %.0f MB, without the model", megabytes(before))),
        ]
    }

    private func wait(for job: Int, on connection: HTTPConnection) throws {
        while true {
            switch try connection.get("/api/jobs/\(job)").checked().json()["status"] as? String {
            case "succeeded": return
            case "queued", "running": usleep(10_000)
            case let status: throw BenchFailure("The import ended as \(status ?? "unknown").")
            }
        }
    }

    /// A file as a browser writes it, in folders, some links with tags and small icons.
    private func file() throws -> String {
        let texts = try SampleTexts(data: bench.data, count: 2000).texts
        var random = SeededRandom(3)
        var lines = [
            "<!DOCTYPE NETSCAPE-Bookmark-file-1>", "<TITLE>Bookmarks</TITLE>", "<H1>Bookmarks</H1>", "<DL><p>",
        ]
        for number in 0..<Self.links {
            if number % 200 == 0 {
                if number > 0 { lines.append("    </DL><p>") }
                lines += ["    <DT><H3 ADD_DATE=\"1600000000\">Folder \(number / 200)</H3>", "    <DL><p>"]
            }
            let words = texts[number % texts.count].title.split { !$0.isLetter }.map(String.init)
            let title = (words + ["part", "\(number)"]).shuffled(using: &random).prefix(10).joined(separator: " ")
            let icon =
                number % 2 == 0 ? " ICON=\"data:image/png;base64,\(String(repeating: "iVBORw0K", count: 60))\"" : ""
            let tags = number % 5 == 0 ? " TAGS=\"reading,topic \(random.rank(below: 100))\"" : ""
            lines.append(
                """
                        <DT><A HREF="https://www.site\(number % 900).example/a/\(number)?utm_source=feed&amp;page=\(number % 7)" \
                ADD_DATE="\(1_600_000_000 + number)"\(icon)\(tags)>\(title)</A>
                """)
        }
        return (lines + ["    </DL><p>", "</DL><p>", ""]).joined(separator: "\n")
    }

    private func form(_ file: String) -> (type: String, body: [UInt8]) {
        let boundary = "bench-boundary-7d1f"
        let head =
            "--\(boundary)\r\nContent-Disposition: form-data; name=\"file\"; filename=\"bookmarks.html\"\r\n"
            + "Content-Type: text/html\r\n\r\n"
        return ("multipart/form-data; boundary=\(boundary)", Array("\(head)\(file)\r\n--\(boundary)--\r\n".utf8))
    }
}
