/// Search engines and the services of their companies.
extension SiteRules {
    static let search: [SiteRule] = [
        SiteRule(
            hosts: ["google.*"],
            redirectors: [
                Redirector("/url", .parameter(["q", "url", "imgrefurl"])),
                Redirector("/imgres", .parameter(["imgrefurl"])),
                Redirector("/aclk", .parameter(["adurl"])),
                Redirector("/interstitial", .parameter(["url"])),
                Redirector("/amp/s/{target...}", .path),
                Redirector("/amp/{target...}", .path),
            ],
            drops: [
                "ei", "ved", "uact", "sei", "sca_esv", "sca_upv", "sourceid", "source", "client", "aqs", "oq",
                "biw", "bih", "dpr", "gws_rd", "rlz", "iflsig", "sclient", "gfe_rd", "rls", "usg", "sa", "cad",
                "cd", "esrc", "bvm", "psig", "ust", "g_ep", "g_st", "entry", "shorturl", "authuser", "pcampaignid",
            ],
            keeps: [.init("/search", only: ["q", "tbm", "udm", "tbs", "start", "lr", "as_sitesearch"])]),
        SiteRule(
            hosts: ["consent.google.*", "consent.youtube.com"],
            redirectors: [
                Redirector("/m", .parameter(["continue"])), Redirector("/ml", .parameter(["continue"])),
            ]),
        SiteRule(
            hosts: ["docs.google.com"],
            rewrites: [
                .init("/{app}/u/{user:digits}/d/{id}", to: "/{app}/d/{id}"),
                .init("/{app}/u/{user:digits}/d/{id}/{view}", to: "/{app}/d/{id}/{view}"),
                .init("/{app}/d/{id}/edit", to: "/{app}/d/{id}"),
                .init("/{app}/d/{id}/view", to: "/{app}/d/{id}"),
                .init("/{app}/d/{id}/preview", to: "/{app}/d/{id}"),
            ],
            drops: ["usp", "ouid", "rtpof", "sd", "authuser", "tab", "pli", "gid=0"]),
        SiteRule(
            hosts: ["drive.google.com"],
            rewrites: [
                .init("/file/d/{id}/view", to: "/file/d/{id}"),
                .init("/file/d/{id}/edit", to: "/file/d/{id}"),
                .init("/file/d/{id}/preview", to: "/file/d/{id}"),
                .init("/drive/u/{user:digits}/{rest...}", to: "/drive/{rest}"),
            ],
            drops: ["usp", "ouid", "rtpof", "sd", "authuser", "resourcekey", "pli"]),
        SiteRule(hosts: ["play.google.com"], keeps: [.init("/store/apps/details", only: ["id"])]),
        SiteRule(hosts: ["news.google.com"], drops: ["hl", "gl", "ceid", "oc"]),
        SiteRule(
            hosts: ["chromewebstore.google.com"],
            rewrites: [.init("/detail/{name}/{id:32}", to: "/detail/{id}")], keeps: [.init("/detail/{id:32}")]),
        SiteRule(
            hosts: ["chrome.google.com"],
            rewrites: [
                .init("/webstore/detail/{name}/{id:32}", to: "chromewebstore.google.com/detail/{id}"),
                .init("/webstore/detail/{id:32}", to: "chromewebstore.google.com/detail/{id}"),
            ]),
        SiteRule(hosts: ["mail.google.com", "groups.google.com"], pageFragments: [""]),
        SiteRule(
            hosts: ["bing.com", "cn.bing.com"],
            redirectors: [
                Redirector("/ck/a", .base64Parameter("u", prefix: "a1")),
                Redirector("/alink/link", .parameter(["url"])),
                Redirector("/news/apiclick.aspx", .parameter(["url"])),
            ],
            keeps: [.init("/search", only: ["q", "first", "filters"])]),
        SiteRule(
            hosts: ["duckduckgo.com", "html.duckduckgo.com"],
            redirectors: [Redirector("/l", .parameter(["uddg"]))],
            keeps: [.init("/", only: ["q", "iax", "ia", "iar"])]),
        SiteRule(hosts: ["r.search.yahoo.com"], redirectors: [Redirector("/{target...}", .yahooPath)]),
        SiteRule(hosts: ["*.search.yahoo.com"], keeps: [.init("/search", only: ["p", "b"])]),
        SiteRule(hosts: ["search.brave.com", "ecosia.org"], keeps: [.init("/search", only: ["q", "offset", "p"])]),
        SiteRule(
            hosts: ["yandex.*"], drops: ["lr", "clid", "msid", "suggest_reqid", "src", "win", "rdrnd"]),
        SiteRule(
            hosts: ["baidu.com"],
            keeps: [.init("/s", only: ["wd", "word", "pn", "tn"])]),
    ]
}
