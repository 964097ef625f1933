/// Code, packages and questions about them. `ref` is a branch here.
extension SiteRules {
    static let code: [SiteRule] = [
        SiteRule(
            hosts: ["github.com"],
            rewrites: [.init("/{owner}/{name}.git", to: "/{owner}/{name}")],
            drops: [
                "tab=readme-ov-file", "notification_referrer_id", "email_token", "email_source", "ref_cta", "ref_loc",
                "ref_page", "source", "trk",
            ],
            foldsCase: 2, keepsIndexDocuments: true),
        SiteRule(
            hosts: ["gist.github.com"], rewrites: [.init("/{owner}/{id:hex}", to: "/{id}")], keepsIndexDocuments: true),
        SiteRule(
            hosts: [
                "raw.githubusercontent.com", "gitlab.com", "*.bitbucket.org", "*.codeberg.org", "*.sr.ht",
                "sourcegraph.com",
            ],
            keepsIndexDocuments: true),
        SiteRule(
            hosts: [
                "*.stackoverflow.com", "*.stackexchange.com", "*.superuser.com", "*.serverfault.com",
                "*.askubuntu.com", "*.stackapps.com", "*.mathoverflow.net",
            ],
            rewrites: [
                .init("/q/{id:digits}", to: "/questions/{id}"),
                .init("/q/{id:digits}/{user:digits}", to: "/questions/{id}"),
                .init("/questions/{question:digits}/{title}/{id:digits}", to: "/a/{id}"),
                .init("/questions/{id:digits}/{title}", to: "/questions/{id}"),
                .init("/a/{id:digits}/{user:digits}", to: "/a/{id}"),
                .init("/users/{id:digits}/{name}", to: "/users/{id}"),
            ],
            drops: [
                "noredirect", "rq", "lq", "answertab", "r", "s", "sem", "so_*", "cb", "_", "searchsession", "newreg",
            ]),
        SiteRule(hosts: ["docs.microsoft.com"], rewrites: [.init("/{rest...}", to: "learn.microsoft.com/{rest}")]),
        SiteRule(
            hosts: ["learn.microsoft.com"], drops: ["redirectedfrom", "source", "ocid", "wt.mc_id"], foldsCase: 1),
        SiteRule(hosts: ["*.microsoft.com", "*.bing.com"], drops: ["ocid", "cvid", "pc", "ei", "rtc"]),
        SiteRule(hosts: ["addons.mozilla.org"], drops: ["src", "uap"]),
        SiteRule(hosts: ["marketplace.visualstudio.com"], keeps: [.init("/items", only: ["itemName"])]),
        SiteRule(
            hosts: ["*.figma.com"],
            rewrites: [
                .init("/file/{id}/{name}", to: "/design/{id}"), .init("/file/{id}", to: "/design/{id}"),
                .init("/design/{id}/{name}", to: "/design/{id}"),
            ], drops: ["t", "m", "p", "fuid", "viewport", "type", "mode"]),
        SiteRule(hosts: ["*.dropbox.com"], drops: ["dl", "raw", "st", "e"]),
        SiteRule(hosts: ["*.notion.so", "*.notion.site"], drops: ["pvs", "source"]),
        SiteRule(hosts: ["dev.to"], drops: ["signin", "comments_sort"]),
        SiteRule(hosts: ["*.producthunt.com"], drops: ["ref", "bc"]),
        SiteRule(
            hosts: ["*.kickstarter.com", "*.indiegogo.com"], drops: ["ref", "ref_token", "secret_perk_token", "token"]),
        SiteRule(hosts: ["excalidraw.com"], pageFragments: ["json=", "room="]),
        SiteRule(hosts: ["mermaid.live"], pageFragments: ["pako:", "base64:"]),
        SiteRule(hosts: ["typescriptlang.org"], pageFragments: ["code/"]),
        SiteRule(hosts: ["godbolt.org"], pageFragments: ["g:", "z:"]),
        SiteRule(hosts: ["play.vuejs.org", "app.diagrams.net"], pageFragments: [""]),
        SiteRule(hosts: ["*.sourceforge.net"], drops: ["source"]),
    ]
}
