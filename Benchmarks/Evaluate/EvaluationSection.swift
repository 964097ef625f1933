import Foundation
import Measurements

/// The kinds of data, each with where it lies in the folder and what is measured on it.
enum EvaluationSection: CaseIterable {
    case addresses, extraction, retrieval

    var path: String {
        switch self {
        case .addresses: "url/urltestdata.json"
        case .extraction: "readability"
        case .retrieval: "retrieval"
        }
    }

    func run(_ source: URL, on page: inout EvaluationPage) async throws {
        switch self {
        case .addresses: try addresses(source, on: &page)
        case .extraction: try extraction(source, on: &page)
        case .retrieval: try await retrieval(source, on: &page)
        }
    }

    private func addresses(_ file: URL, on page: inout EvaluationPage) throws {
        let report = try AddressEvaluation.run(file: file)
        let total = Double(report.cases)
        page.add(
            Figure(
                "Addresses (urltestdata.json)", "cases parsed and serialised as the standard says",
                total - Double(report.failures.count), "of \(report.cases)", target: .atLeast(total), digits: 0))
        for failure in report.failures { page.write("    \(failure)") }
    }

    private func extraction(_ folder: URL, on page: inout EvaluationPage) throws {
        let report = try ExtractionEvaluation.run(data: folder)
        let group = "Extraction (\(report.pages.count) pages)"
        let worst = report.pages.sorted { ($0.f1, $0.name) < ($1.f1, $1.name) }.prefix(3)
            .map { String(format: "%@ %.3f", $0.name, $0.f1) }.joined(separator: ", ")
        page.add(
            Figure(
                group, "text, mean F1 of its words", report.meanF1, target: .atLeast(0.98), digits: 4,
                note: "worst: \(worst)"))
        page.add(
            Figure(
                group, "titles exact", report.agreement(on: "title"), target: .atLeast(0.97), digits: 4,
                note: report.disagreements(on: "title")))
        for field in ["byline", "siteName", "excerpt", "lang", "publishedTime"] {
            page.add(
                Figure(
                    group, "\(field) exact", report.agreement(on: field), digits: 4,
                    note: report.disagreements(on: field)))
        }
        page.add(
            Figure(group, "pages a second, one thread", report.pagesPerSecond, "/s", target: .atLeast(50)),
            decides: false)
    }

    /// nDCG@10 that DESIGN.md names for collections everybody can get; any other must only be better by both legs.
    private static let targets = ["cranfield": 0.40, "med": 0.80]

    private func retrieval(_ folder: URL, on page: inout EvaluationPage) async throws {
        let collections = try RetrievalCollection.all(in: folder)
        let library = try await EvaluationLibrary(packages: ModelPackages.folder)
        defer { library.close() }
        for (place, collection) in collections.enumerated() {
            let scores = try await library.evaluate(collection, as: Int64(place + 1))
            let group =
                "Search of \(collection.name) (\(collection.documents.count) entries, \(collection.queries.count) queries)"
            page.add(Figure(group, "by words, nDCG@10", scores.text, digits: 4))
            page.add(Figure(group, "by meaning, nDCG@10", scores.semantic, digits: 4))
            page.add(
                Figure(
                    group, "hybrid, nDCG@10", scores.hybrid,
                    target: Self.targets[collection.name.lowercased()].map { .atLeast($0) }, digits: 4))
            page.add(
                Figure(
                    group, "hybrid over its better leg", scores.hybrid - max(scores.text, scores.semantic),
                    target: .above(0), digits: 4))
            page.add(Figure(group, "hybrid, median time", scores.milliseconds, "ms", digits: 2))
        }
    }
}

extension ExtractionEvaluation.Report {
    /// The pages on which a field is not as expected.
    fileprivate func disagreements(on field: String) -> String {
        let names = pages.filter { $0.agreements[field] == false }.map(\.name)
        guard !names.isEmpty else { return "" }
        let shown = names.prefix(6).joined(separator: ", ")
        return "not: " + (names.count > 6 ? shown + ", and \(names.count - 6) more" : shown)
    }
}
