/// Encyclopaedias, papers, publishing platforms, books and films.
extension SiteRules {
    static let knowledge: [SiteRule] = [
        SiteRule(
            hosts: [
                "*.wikipedia.org", "*.wiktionary.org", "*.wikiquote.org", "*.wikibooks.org", "*.wikisource.org",
                "*.wikinews.org", "*.wikiversity.org", "*.wikivoyage.org", "*.wikimedia.org", "*.wikidata.org",
                "*.mediawiki.org",
            ],
            mirrors: ["m", "zero"],
            rewrites: [
                .init("/w/index.php?title={title}", to: "/wiki/{title}", isWholeQuery: true),
                .init("/wiki/index.php?title={title}", to: "/wiki/{title}", isWholeQuery: true),
                .init("/?title={title}", to: "/wiki/{title}", isWholeQuery: true),
            ],
            drops: [
                "wprov", "mobileaction", "useskin", "oldformat", "wvprov", "searchToken", "fulltext", "veaction",
                "section", "vteaction",
            ],
            underscoresForSpaces: true),
        SiteRule(
            hosts: ["*.fandom.com"], mirrors: ["m"], drops: ["so"], underscoresForSpaces: true),
        SiteRule(
            hosts: ["*.arxiv.org"], mirrors: ["export", "xxx", "de", "cn"],
            rewrites: ["abs", "pdf", "html", "format", "ps"].flatMap { view -> [SiteRule.Rewrite] in
                [
                    .init("/\(view)/{archive}/{id}.pdf", to: "/abs/{archive}/{id}"),
                    .init("/\(view)/{archive}/{id}", to: "/abs/{archive}/{id}"),
                    .init("/\(view)/{id}.pdf", to: "/abs/{id}"),
                    .init("/\(view)/{id}", to: "/abs/{id}"),
                ]
            },
            drops: ["context"]),
        SiteRule(
            hosts: ["ar5iv.org", "ar5iv.labs.arxiv.org"],
            rewrites: [
                .init("/html/{id}", to: "arxiv.org/abs/{id}"), .init("/abs/{id}", to: "arxiv.org/abs/{id}"),
            ]),
        SiteRule(
            hosts: ["doi.org", "dx.doi.org", "hdl.handle.net"],
            rewrites: [.init("/10.{registrant}/{suffix...}", to: "doi.org/10.{registrant}/{suffix}")], foldsCase: 99),
        SiteRule(
            hosts: ["ncbi.nlm.nih.gov"],
            rewrites: [
                .init("/pubmed/{id:digits}", to: "pubmed.ncbi.nlm.nih.gov/{id}"),
                .init("/m/pubmed/{id:digits}", to: "pubmed.ncbi.nlm.nih.gov/{id}"),
                .init("/pmc/articles/{id}", to: "pmc.ncbi.nlm.nih.gov/articles/{id}"),
            ]),
        SiteRule(hosts: ["pubmed.ncbi.nlm.nih.gov"], keeps: [.init("/{id:digits}")]),
        SiteRule(
            hosts: ["medium.com"],
            redirectors: [
                Redirector("/r", .parameter(["url"])), Redirector("/m/global-identity", .parameter(["redirectUrl"])),
                Redirector("/m/global-identity-2", .parameter(["redirectUrl"])),
                Redirector("/m/signin", .parameter(["redirect"])),
            ],
            rewrites: [
                .init("/{author}/{title}-{id:hex}", to: "/p/{id}"), .init("/{author}/{id:hex}", to: "/p/{id}"),
            ],
            drops: ["source", "sk", "gi", "postPublishedType", "responsesOpen", "sortBy"]),
        SiteRule(
            hosts: ["*.medium.com"],
            rewrites: [
                .init("/{title}-{id:hex}", to: "medium.com/p/{id}"), .init("/p/{id:hex}", to: "medium.com/p/{id}"),
            ],
            drops: ["source", "sk", "gi", "postPublishedType", "responsesOpen", "sortBy"]),
        SiteRule(
            hosts: ["open.substack.com"],
            rewrites: [.init("/pub/{name}/p/{title}", to: "{name}.substack.com/p/{title}")]),
        SiteRule(
            hosts: ["*.substack.com"],
            drops: [
                "r", "s", "publication_id", "post_id", "isFreemail", "triedRedirect", "showWelcome",
                "showWelcomeOnShare", "token", "autoPlay", "nthPub", "first_open", "action", "shareImageVariant",
            ]),
        SiteRule(
            hosts: ["*.imdb.com"], mirrors: ["m", "us", "uk", "german", "akas"],
            rewrites: [
                .init("/{language:locale}/title/{rest...}", to: "/title/{rest}"),
                .init("/{language:locale}/name/{rest...}", to: "/name/{rest}"),
            ],
            drops: ["ref_", "pf_rd_*"]),
        SiteRule(
            hosts: ["*.goodreads.com"], mirrors: ["m"],
            rewrites: [
                .init("/book/show/{id:digits}.{title}", to: "/book/show/{id}"),
                .init("/book/show/{id:digits}-{title}", to: "/book/show/{id}"),
            ],
            drops: ["ac", "from_search", "from_srp", "qid", "rank", "ref", "rating"],
            keeps: [.init("/book/show/{id:digits}")]),
        SiteRule(hosts: ["archive.org"], drops: ["sort"]),
        SiteRule(
            hosts: [
                "archive.today", "archive.is", "archive.ph", "archive.vn", "archive.li", "archive.md", "archive.fo",
            ],
            rewrites: [.init("/{rest...}", to: "archive.ph/{rest}")]),
        SiteRule(
            hosts: ["gov.uk"], rewrites: [.init("/{rest...}", to: "www.gov.uk/{rest}"), .init("/", to: "www.gov.uk/")]),
        SiteRule(hosts: ["*.xkcd.com"], mirrors: ["m"]),
        SiteRule(hosts: ["*.habr.com"], mirrors: ["m"]),
        SiteRule(
            hosts: ["*.researchgate.net"],
            drops: ["_sg", "_sg_*", "_tp", "channel", "linkId", "showFulltext", "enrichId", "enrichSource"]),
        SiteRule(
            hosts: ["*.sciencedirect.com"],
            rewrites: [.init("/science/article/abs/pii/{id}", to: "/science/article/pii/{id}")],
            drops: ["via", "dgcid", "casa_token", "ref", "rr", "fr"]),
        SiteRule(
            hosts: ["*.springer.com", "*.nature.com"],
            drops: ["error", "code", "origin", "proof", "fromPaywallRec", "shared-article-renderer"]),
        SiteRule(hosts: ["*.coursera.org"], drops: ["siteID", "irgwc", "ranMID", "specialization"]),
        SiteRule(
            hosts: ["*.udemy.com"], drops: ["couponCode", "deal_code", "matchtype", "src", "persist_locale", "locale"]),
    ]
}
