/// The attributes this room reads by name; the value of any other one is still kept, because
/// lazily loaded pictures hide their address under names nobody can list.
enum AttributeName: String, CaseIterable, Sendable {
    case other = ""
    case `class`, id, name, property, content, rel, role, style, hidden, lang, dir, type, value
    case href, src, srcset, sizes, media, alt, title, width, height, poster, controls, preload, cite
    case colspan, rowspan, scope, headers, start, reversed, open, datetime, span, summary, datatable
    case itemprop, itemtype, itemscope, itemid, charset, action, method, placeholder, pubdate
    case ariaHidden = "aria-hidden", ariaModal = "aria-modal", ariaLabel = "aria-label"
    case dataSource = "data-src", dataSourceSet = "data-srcset", httpEquiv = "http-equiv"
    case autocomplete, xmlLang = "xml:lang", data

    private static let byName = Dictionary(
        uniqueKeysWithValues: allCases.map { ($0.rawValue, $0) })

    init(named name: String) {
        self = Self.byName[name] ?? .other
    }
}
