/// The elements and attributes that cleaned markup may have; all else is left out.
enum AllowedMarkup {
    static let elements: TagSet = [
        .a, .abbr, .acronym, .address, .article, .aside, .audio, .b, .bdi, .bdo, .big, .blockquote, .br,
        .caption, .cite, .code, .col, .colgroup, .data, .dd, .del, .details, .dfn, .div, .dl, .dt, .em,
        .figcaption, .figure, .footer, .h1, .h2, .h3, .h4, .h5, .h6, .header, .hr, .i, .img, .ins, .kbd,
        .li, .main, .mark, .ol, .p, .picture, .pre, .q, .rp, .rt, .ruby, .s, .samp, .section, .small,
        .source, .span, .strike, .strong, .sub, .summary, .sup, .table, .tbody, .td, .tfoot, .th, .thead,
        .time, .tr, .tt, .u, .ul, .var, .video, .wbr,
    ]

    /// Written without an end tag.
    static let void: TagSet = [.br, .col, .hr, .img, .source, .wbr]

    /// Left out with everything inside; elements in neither list give their place to their children.
    static let dropped: TagSet = [
        .script, .style, .noscript, .template, .head, .title, .meta, .link, .base, .svg, .iframe, .object,
        .embed, .param, .canvas, .map, .area, .input, .button, .select, .datalist, .optgroup,
        .option, .textarea, .output, .progress, .meter, .frame, .frameset, .noframes, .noembed, .track,
        .dialog, .nav, .menu,
    ]

    /// Old elements whose content is shown as it is written.
    static let preformatted: TagSet = [.xmp, .listing, .plaintext]

    enum Treatment {
        case text, flag, number, link, resource, image, imageSet, codeClass
    }

    static func treatment(of name: AttributeName, on tag: HTMLTag) -> Treatment? {
        switch (tag, name) {
        case (_, .title), (_, .lang), (_, .dir): .text
        case (.a, .href), (.blockquote, .cite), (.q, .cite), (.del, .cite), (.ins, .cite): .link
        case (.img, .src), (.video, .poster): .image
        case (.img, .srcset), (.source, .srcset): .imageSet
        case (.video, .src), (.audio, .src), (.source, .src): .resource
        case (.img, .alt), (.source, .media), (.source, .type), (.source, .sizes), (.img, .sizes): .text
        case (.img, .width), (.img, .height), (.video, .width), (.video, .height): .number
        case (.td, .colspan), (.td, .rowspan), (.th, .colspan), (.th, .rowspan): .number
        case (.col, .span), (.colgroup, .span), (.ol, .start), (.li, .value): .number
        case (.th, .scope), (.time, .datetime), (.del, .datetime), (.ins, .datetime), (.data, .value): .text
        case (.ol, .reversed), (.details, .open): .flag
        case (.code, .class), (.pre, .class): .codeClass
        default: nil
        }
    }
}
