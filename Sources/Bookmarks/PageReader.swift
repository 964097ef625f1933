import Foundation
import NIOPosix
import Persistence
import Reading

/// A page as a bookmark keeps it.
struct ReadPage: Sendable {
    let title: String
    let facts: PageFacts
    let content: BookmarkContent
}

/// Why there is nothing to keep of a page.
struct PageFailure: Error, Sendable {
    /// One sentence for people.
    let message: String
    let isFinal: Bool
    let retryAfter: Duration?
    /// How long to leave the host alone; the try does not count then.
    var hostBusyFor: Duration?
    var pageKind: String?
}

/// Brings a page, from the web or as an extension sent it, and reads what it says.
public struct PageReader: Sendable {
    private let fetcher: PageFetcher
    private let extractor: PageExtractor
    private let threads: NIOThreadPool

    /// - Parameter threads: where pages are parsed, so that a large one does not hold up requests.
    public init(fetcher: PageFetcher, extractor: PageExtractor, threads: NIOThreadPool) {
        self.fetcher = fetcher
        self.extractor = extractor
        self.threads = threads
    }

    /// Runs long computations beside the threads that serve requests.
    func compute<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await threads.runIfActive(body)
    }

    /// The content as it is served: cleaned again, for what was stored was cleaned by the rules of its time.
    func sanitized(_ content: BookmarkContent) async throws -> BookmarkContent {
        try await compute {
            var content = content
            content.html = HTMLSanitizer().sanitize(content.html, base: WebURL(content.finalURL))
            return content
        }
    }

    func read(_ address: String, capture: BookmarkCapture?) async throws -> ReadPage {
        guard let url = WebURL(pasted: address) else {
            throw PageFailure(message: "The address cannot be opened.", isFinal: true, retryAfter: nil)
        }
        if let html = capture?.html { return try page(await extract(html, at: url), from: url) }
        if let text = capture?.text { return try await compute { Self.plainPage(text, from: url) } }
        return try await fetch(url)
    }

    /// The preview of a page that is not saved.
    func extract(_ html: String, at url: WebURL, status: Int? = nil) async throws -> ExtractedPage {
        try await compute { extractor.extract(html: html, url: url, httpStatus: status) }
    }

    func fetchHTML(_ url: WebURL) async throws -> ExtractedPage {
        let fetched = try await fetched(url)
        guard let text = fetched.text, Self.isMarkup(fetched.mediaType) else {
            throw Self.unreadable(fetched.mediaType)
        }
        return try await extract(text, at: fetched.url, status: fetched.status)
    }

    private func fetch(_ url: WebURL) async throws -> ReadPage {
        let fetched = try await fetched(url)
        guard let text = fetched.text else { throw Self.unreadable(fetched.mediaType) }
        guard Self.isMarkup(fetched.mediaType) else {
            return try await compute { Self.plainPage(text, from: fetched.url) }
        }
        return try page(await extract(text, at: fetched.url, status: fetched.status), from: fetched.url)
    }

    private func fetched(_ url: WebURL) async throws -> FetchedPage {
        do {
            return try await fetcher.fetch(url)
        } catch let failure {
            throw PageFailure(
                message: failure.message, isFinal: failure.isFinal, retryAfter: failure.retryAfter,
                hostBusyFor: failure.kind == .hostBusy ? failure.retryAfter ?? .seconds(1) : nil,
                pageKind: PageFailure.pageKind(of: failure.kind))
        }
    }

    private func page(_ extracted: ExtractedPage, from url: WebURL) throws -> ReadPage {
        if let message = extracted.pageKind.failureMessage {
            throw PageFailure(
                message: message, isFinal: true, retryAfter: nil, pageKind: extracted.pageKind.rawValue)
        }
        let facts = PageFacts(
            siteName: extracted.siteName, byline: extracted.byline, excerpt: extracted.excerpt,
            image: extracted.image, lang: extracted.lang, publishedAt: extracted.publishedAt,
            pageKind: extracted.pageKind.rawValue, wordCount: extracted.wordCount)
        let content = BookmarkContent(
            finalURL: url.href, text: extracted.text, html: extracted.html, capturedAt: .currentMicrosecond)
        return ReadPage(title: extracted.title, facts: facts, content: content)
    }

    private static func plainPage(_ text: String, from url: WebURL) -> ReadPage {
        let firstLine = text.split(separator: "\n", maxSplits: 1).first.map(String.init) ?? ""
        let words = text.split(whereSeparator: \.isWhitespace).count
        let facts = PageFacts(excerpt: String(text.prefix(200)), pageKind: PageKind.article.rawValue, wordCount: words)
        let content = BookmarkContent(
            finalURL: url.href, text: text, html: markup(of: text), capturedAt: .currentMicrosecond)
        let title = firstLine.trimmingCharacters(in: CharacterSet(charactersIn: "# \t\r"))
        return ReadPage(title: title.count <= 200 ? title : "", facts: facts, content: content)
    }

    /// Paragraphs as they are divided by blank lines, and their lines as they are.
    private static func markup(of text: String) -> String {
        let escaped = text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
        return escaped.split(separator: /\r?\n[ \t\r]*\n/)
            .map { "<p>\($0.replacing("\n", with: "<br>"))</p>" }.joined(separator: "\n")
    }

    private static func isMarkup(_ mediaType: String) -> Bool {
        mediaType == "text/html" || mediaType == "application/xhtml+xml"
    }

    private static func unreadable(_ mediaType: String) -> PageFailure {
        let thing =
            switch mediaType {
            case "application/pdf": "This is a PDF"
            case let type where type.hasPrefix("image/"): "This is an image"
            case let type where type.hasPrefix("audio/"): "This is a sound file"
            case let type where type.hasPrefix("video/"): "This is a video file"
            default: "This is a file, not a page"
            }
        return PageFailure(
            message: "\(thing); the link is kept, its content is not read.", isFinal: true, retryAfter: nil,
            pageKind: PageKind.media.rawValue)
    }
}

extension PageFailure {
    static func pageKind(of kind: FetchFailure.Kind) -> String? {
        switch kind {
        case .httpStatus(401), .httpStatus(407): PageKind.login.rawValue
        case .httpStatus: PageKind.error.rawValue
        default: nil
        }
    }
}

extension PageKind {
    /// Why a page of this kind is no content; nil where it is.
    var failureMessage: String? {
        switch self {
        case .error: "The site shows an error instead of the page."
        case .login: "The site asks to sign in before it shows the page."
        case .botCheck: "The site wants proof that a person reads it; save the page from your browser instead."
        case .article, .listing, .forum, .product, .docs, .media: nil
        }
    }
}
