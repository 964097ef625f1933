/// Shops and travel.
extension SiteRules {
    private static let amazonProduct = "/dp/{id}"

    static let shopping: [SiteRule] = [
        SiteRule(
            hosts: ["amazon.*", "smile.amazon.*", "m.amazon.*"], mirrors: ["smile", "m"],
            rewrites: [
                .init("/{rest}/dp/product/{id:10}", to: amazonProduct), .init("/dp/product/{id:10}", to: amazonProduct),
                .init("/dp/{id:10}/{tail...}", to: amazonProduct),
                .init("/{title}/dp/{id:10}/{tail...}", to: amazonProduct),
                .init("/{title}/dp/{id:10}", to: amazonProduct), .init("/-/{language}/dp/{id:10}", to: amazonProduct),
                .init("/-/{language}/{title}/dp/{id:10}", to: amazonProduct),
                .init("/-/{language}/{title}/dp/{id:10}/{tail...}", to: amazonProduct),
                .init("/-/{language}/dp/{id:10}/{tail...}", to: amazonProduct),
                .init("/gp/product/{id:10}", to: amazonProduct),
                .init("/gp/product/{id:10}/{tail...}", to: amazonProduct),
                .init("/gp/aw/d/{id:10}", to: amazonProduct), .init("/gp/aw/d/{id:10}/{tail...}", to: amazonProduct),
                .init("/exec/obidos/ASIN/{id:10}", to: amazonProduct),
                .init("/exec/obidos/ASIN/{id:10}/{tail...}", to: amazonProduct),
                .init("/exec/obidos/tg/detail/-/{id:10}", to: amazonProduct),
                .init("/o/ASIN/{id:10}", to: amazonProduct),
                .init("/{one}/ref={ref}", to: "/{one}"), .init("/{one}/{two}/ref={ref}", to: "/{one}/{two}"),
                .init("/{one}/{two}/{three}/ref={ref}", to: "/{one}/{two}/{three}"),
            ],
            drops: [
                "ref", "ref_", "tag", "linkCode", "linkId", "camp", "creative", "creativeASIN", "ascsubtag", "pf_rd_*",
                "pd_rd_*", "qid", "sr", "crid", "sprefix", "dib", "dib_tag", "_encoding", "psc", "th", "content-id",
                "cv_ct_*", "hvadid", "hvbmt", "hvdev", "hvdvcmdl", "hvlocint", "hvlocphy", "hvnetw", "hvpone", "hvpos",
                "hvptwo", "hvqmt", "hvrand", "hvtargid", "hydadcr", "smid", "spIA", "spLa", "ie", "colid", "coliid",
                "dchild",
                "social_share", "starsLeft", "skipTwisterOG", "rnid", "qualifier", "initialIssue", "plattr", "slotNum",
            ],
            keeps: [.init(amazonProduct)]),
        SiteRule(
            hosts: ["amzn.com"],
            rewrites: [.init("/dp/{id:10}", to: "amazon.com/dp/{id}"), .init("/{id:10}", to: "amazon.com/dp/{id}")]),
        SiteRule(
            hosts: ["ebay.*", "m.ebay.*"], mirrors: ["m"],
            rewrites: [.init("/itm/{title}/{id:digits}", to: "/itm/{id}")],
            drops: [
                "_trkparms", "_trksid", "_from", "hash", "amdata", "mkevt", "mkcid", "mkrid", "campid", "toolid",
                "customid", "ssPageName", "itmmeta", "itmprp",
            ],
            keeps: [.init("/itm/{id:digits}")]),
        SiteRule(
            hosts: ["rover.ebay.com"], redirectors: [Redirector("/{rest...}", .parameter(["mpre"]))]),
        SiteRule(
            hosts: ["*.aliexpress.com", "*.aliexpress.us"], mirrors: ["m"], hasLocaleMirrors: true,
            rewrites: [
                .init("/item/{title}/{id:digits}.html", to: "/item/{id}.html"),
                .init("/i/{id:digits}.html", to: "/item/{id}.html"),
            ],
            drops: [
                "algo_*", "aff_*", "sk", "pvid", "gps-id", "scm_id", "terminal_id", "ws_ab_test", "sourceType",
                "shareId", "platform", "gatewayAdapt", "curPageLogUid", "pdp_npi", "utparam-url",
            ],
            keeps: [.init("/item/{id}.html")]),
        SiteRule(
            hosts: ["item.taobao.com", "detail.tmall.com", "world.taobao.com"],
            keeps: [.init("/item.htm", only: ["id"])]),
        SiteRule(hosts: ["item.m.jd.com"], rewrites: [.init("/product/{id:digits}.html", to: "item.jd.com/{id}.html")]),
        SiteRule(
            hosts: ["*.etsy.com"], mirrors: ["m"],
            rewrites: [
                .init("/{locale:locale}/listing/{id:digits}", to: "/listing/{id}"),
                .init("/listing/{id:digits}/{title}", to: "/listing/{id}"),
                .init("/{locale:locale}/listing/{id:digits}/{title}", to: "/listing/{id}"),
            ],
            drops: ["ref", "click_key", "click_sum", "pro", "frs", "sts", "organic_search_click", "crt", "bes"],
            keeps: [.init("/listing/{id:digits}")]),
        SiteRule(
            hosts: ["*.walmart.com"], mirrors: ["m"],
            rewrites: [
                .init("/ip/{title}/{id:digits}", to: "/ip/{id}"), .init("/ip/seort/{id:digits}", to: "/ip/{id}"),
            ],
            keeps: [.init("/ip/{id:digits}")]),
        SiteRule(
            hosts: ["*.target.com"], rewrites: [.init("/p/{title}/-/{id}", to: "/p/-/{id}")],
            drops: ["ref", "afid", "lnk", "preselect", "clkid", "cpng"]),
        SiteRule(
            hosts: ["store.steampowered.com"],
            rewrites: [
                .init("/app/{id:digits}/{title}", to: "/app/{id}"), .init("/sub/{id:digits}/{title}", to: "/sub/{id}"),
                .init("/bundle/{id:digits}/{title}", to: "/bundle/{id}"),
            ],
            drops: ["snr", "curator_clanid", "curator_listid", "l", "cc"]),
        SiteRule(hosts: ["*.humblebundle.com"], drops: ["partner", "hmb_*"]),
        SiteRule(
            hosts: ["*.booking.com"], mirrors: ["m", "secure"],
            drops: [
                "aid", "label", "sid", "ucfs", "srpvid", "srepoch", "hapos", "hpos", "all_sr_blocks",
                "highlighted_blocks",
                "matching_block_id", "sr_pri_blocks", "sr_order", "dist", "type", "from", "sb_price_type", "hp_*",
                "dest_id", "dest_type", "auth_success",
            ]),
        SiteRule(hosts: ["airbnb.*"], keeps: [.init("/rooms/{id}")]),
        SiteRule(hosts: ["*.tripadvisor.com"], mirrors: ["m"], drops: ["m", "mcid", "supag", "tmhoga"]),
        SiteRule(hosts: ["*.yelp.com"], mirrors: ["m"], drops: ["osq", "hrid", "rh_ident", "rh_type", "override_cta"]),
        SiteRule(
            hosts: ["*.zillow.com"],
            rewrites: [.init("/homedetails/{address}/{id:digits}_zpid", to: "/homedetails/{id}_zpid")]),
        SiteRule(hosts: ["*.eventbrite.com"], drops: ["aff", "afu", "eventPermalink"]),
        SiteRule(
            hosts: ["*.change.org"],
            drops: [
                "recruiter", "recruited_by_id", "source_location", "psf_variant", "share_bandit_exp",
                "original_footer_petition_id", "grid_position", "pt",
            ]),
    ]
}
