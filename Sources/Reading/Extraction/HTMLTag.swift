import CGumbo

/// The elements this room tells apart; everything else in HTML is `unknown`, everything inside
/// SVG and MathML is `foreign`.
enum HTMLTag: UInt8, CaseIterable, Sendable {
    case unknown, foreign, svg, math
    case html, head, title, base, link, meta, style, script, noscript, template, body
    case article, section, nav, aside, h1, h2, h3, h4, h5, h6, hgroup, header, footer, address
    case p, hr, pre, blockquote, ol, ul, li, dl, dt, dd, figure, figcaption, main, div
    case a, em, strong, small, s, cite, q, dfn, abbr, data, time, code, `var`, samp, kbd, sub, sup
    case i, b, u, mark, ruby, rt, rp, rb, rtc, bdi, bdo, span, br, wbr, ins, del
    case img, iframe, embed, object, param, video, audio, source, track, canvas, map, area, picture
    case table, caption, colgroup, col, tbody, thead, tfoot, tr, td, th
    case form, fieldset, legend, label, input, button, select, datalist, optgroup, option
    case textarea, output, progress, meter, details, summary, menu, dialog
    case acronym, dir, frame, frameset, noframes, listing, xmp, noembed, plaintext
    case strike, big, center, font, marquee, nobr, tt

    var name: String { Self.names[Int(rawValue)] }

    private static let names = allCases.map { String(describing: $0) }
    private static let byName = Dictionary(uniqueKeysWithValues: zip(names, allCases))

    private static let fromGumbo: [HTMLTag] = (0..<GUMBO_TAG_LAST.rawValue).map { number in
        byName[String(cString: gumbo_normalized_tagname(GumboTag(number)))] ?? .unknown
    }

    init(_ tag: GumboTag, namespace: GumboNamespaceEnum) {
        let known = tag.rawValue < Self.fromGumbo.count ? Self.fromGumbo[Int(tag.rawValue)] : .unknown
        switch namespace {
        case GUMBO_NAMESPACE_HTML: self = known
        default: self = known == .svg || known == .math ? known : .foreign
        }
    }

    /// For the elements newer than the parser's own list, such as `picture`.
    init(newerName: String) {
        self = Self.byName[newerName] ?? .unknown
    }
}

/// A set of tags in one machine word pair.
struct TagSet: ExpressibleByArrayLiteral, Sendable {
    private var bits: UInt128 = 0

    init(arrayLiteral tags: HTMLTag...) {
        for tag in tags { bits |= 1 << UInt128(tag.rawValue) }
    }

    func contains(_ tag: HTMLTag) -> Bool { bits >> UInt128(tag.rawValue) & 1 == 1 }
}

extension TagSet {
    static let embeds: TagSet = [.object, .embed, .iframe]

    /// Elements that end a line of text when a page is read as plain text.
    static let blocks: TagSet = [
        .html, .body, .article, .section, .nav, .aside, .h1, .h2, .h3, .h4, .h5, .h6, .hgroup,
        .header, .footer, .address, .p, .hr, .pre, .blockquote, .ol, .ul, .li, .dl, .dt, .dd,
        .figure, .figcaption, .main, .div, .table, .caption, .tbody, .thead, .tfoot, .tr, .td, .th,
        .form, .fieldset, .legend, .details, .summary, .menu, .dialog, .dir, .listing, .xmp,
        .plaintext, .center, .video, .audio, .object, .optgroup, .option,
    ]
}
