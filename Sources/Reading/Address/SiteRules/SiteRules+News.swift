/// Newspapers and broadcasters.
extension SiteRules {
    static let news: [SiteRule] = [
        SiteRule(
            hosts: ["*.nytimes.com"], mirrors: ["m", "mobile"],
            drops: [
                "smid", "smtyp", "smprod", "referringSource", "action", "module", "region", "pgtype", "clickSource",
                "contentCollection", "version", "emc", "partner", "rref", "mc", "mcid", "ref", "hp", "hpw", "_r", "src",
                "te",
                "nl", "campaign_id", "instance_id", "segment_id", "user_id", "regi_id", "unlocked_article_code",
                "searchResultPosition", "login", "auth", "giftCopy", "em", "st", "nlid", "isViewportSized", "variant",
            ]),
        SiteRule(
            hosts: ["*.bbc.co.uk", "*.bbc.com"], mirrors: ["m"],
            rewrites: [
                .init("/news/amp/{rest...}", to: "bbc.com/news/{rest}"),
                .init("/sport/amp/{rest...}", to: "bbc.com/sport/{rest}"),
                .init("/news/{rest...}", to: "bbc.com/news/{rest}"),
                .init("/sport/{rest...}", to: "bbc.com/sport/{rest}"),
                .init("/news", to: "bbc.com/news"), .init("/sport", to: "bbc.com/sport"),
            ],
            drops: [
                "ns_*", "intlink_from_url", "intlink_ts", "ocid", "pinned_post_*", "post", "facebook_page",
                "link_location", "partner",
            ]),
        SiteRule(
            hosts: [
                "theguardian.com", "amp.theguardian.com", "m.theguardian.com", "guardian.co.uk", "m.guardian.co.uk",
            ],
            rewrites: [.init("/{rest...}", to: "theguardian.com/{rest}"), .init("/", to: "theguardian.com/")],
            drops: ["CMP", "CMP_TU", "CMP_BUNIT", "INTCMP", "fb", "ref", "commentpage", "dcr", "sfmc_*", "share"]),
        SiteRule(
            hosts: ["*.washingtonpost.com"], mirrors: ["m"],
            drops: ["wpisrc", "wpmm", "nid", "pwapi_token", "tid", "itid", "hpid", "carta-url", "location", "wpmk"]),
        SiteRule(
            hosts: ["*.wsj.com", "*.marketwatch.com", "*.barrons.com"],
            drops: ["mod", "st", "reflink", "shareToken", "tesla", "cx_*", "siteid", "mg", "link"]),
        SiteRule(
            hosts: ["*.ft.com"],
            drops: [
                "ftcamp", "sharetype", "token", "shareType", "desktop", "segmentId", "segmentid", "accessToken",
                "siteedition",
            ]),
        SiteRule(
            hosts: ["*.bloomberg.com"],
            drops: ["srnd", "sref", "accessToken", "leadSource", "embedded-checkout", "re_source"]),
        SiteRule(hosts: ["*.economist.com"], drops: ["fsrc", "giftId", "itm_*"]),
        SiteRule(
            hosts: ["*.reuters.com"], mirrors: ["mobile", "m"],
            drops: ["feedType", "feedName", "taid", "virtualBrandChannel", "edition-redirect", "rpc"]),
        SiteRule(
            hosts: ["*.cnn.com"], mirrors: ["edition", "us", "m", "amp"],
            rewrites: [.init("/cnn/{rest...}", to: "cnn.com/{rest}")],
            drops: ["hpt", "iref", "sr", "cid", "eref", "iid"]),
        SiteRule(hosts: ["*.forbes.com"], drops: ["sh", "ss", "subId1", "subId2", "subId3", "ctpv"]),
        SiteRule(
            hosts: ["*.businessinsider.com", "*.insider.com"], mirrors: ["mobile", "amp"],
            drops: ["r", "op", "amp_js_v", "IR"]),
        SiteRule(hosts: ["*.npr.org"], drops: ["ft", "f", "sc", "t", "live", "origin"]),
        SiteRule(hosts: ["*.dailymail.co.uk"], mirrors: ["m"], drops: ["ito", "ns_*", "offset", "max", "jumpTo"]),
        SiteRule(
            hosts: ["*.telegraph.co.uk", "*.independent.co.uk", "*.thetimes.co.uk"],
            drops: ["WT.mc_id", "shareToken", "amp", "r", "ICID"]),
        SiteRule(
            hosts: [
                "*.wired.com", "*.newyorker.com", "*.vanityfair.com", "*.vogue.com", "*.gq.com", "*.arstechnica.com",
                "*.bonappetit.com", "*.pitchfork.com",
            ],
            drops: ["mbid", "verso", "redirectURL", "esrc", "_sp", "comments", "hss_*"]),
        SiteRule(hosts: ["*.theatlantic.com"], drops: ["gift", "sharedpost"]),
        SiteRule(
            hosts: ["*.cnbc.com", "*.nbcnews.com", "*.foxnews.com"], drops: ["__source", "cid", "fbnews", "cmpid"]),
        SiteRule(
            hosts: ["*.cbsnews.com", "*.cnet.com", "*.zdnet.com", "*.techrepublic.com"],
            drops: ["ftag", "intcid", "linkId", "PostType", "ServiceType", "TheTime", "UniqueID"]),
        SiteRule(hosts: ["*.huffpost.com", "*.huffingtonpost.com"], mirrors: ["m"], drops: ["ref", "ncid", "icid"]),
        SiteRule(
            hosts: ["*.yahoo.com"], drops: ["soc_*", "guce_*", "tsrc", "fr", "src", ".tsrc", "_guc_consent_skip"]),
        SiteRule(hosts: ["*.spiegel.de"], mirrors: ["m"], drops: ["sara_ref", "sara_*", "context"]),
        SiteRule(
            hosts: ["*.sueddeutsche.de", "*.zeit.de", "*.faz.net", "*.welt.de", "*.tagesschau.de", "*.heise.de"],
            drops: ["reduced", "wt_*", "GEPC", "wtmc", "sc_src", "cid", "notify", "freebie"]),
        SiteRule(
            hosts: ["*.lemonde.fr", "*.lefigaro.fr", "*.liberation.fr"],
            drops: ["lmd_*", "random", "search-type", "ft_*"]),
        SiteRule(
            hosts: ["*.elpais.com", "*.elmundo.es"],
            drops: ["ssm", "prod", "id_externo_rsoc", "rel", "event", "event_log", "outputType"]),
        SiteRule(hosts: ["*.slashdot.org"], mirrors: ["m"], drops: ["sbsrc"]),
        SiteRule(
            hosts: ["theregister.com", "theregister.co.uk", "m.theregister.com", "m.theregister.co.uk"],
            rewrites: [.init("/{rest...}", to: "theregister.com/{rest}")], drops: ["td"]),
        SiteRule(hosts: ["*.msn.com"], drops: ["ocid", "cvid", "pc", "ei", "li", "parent-ns", "bundles"]),
    ]
}
