/// Video and music. A moment in a video is the same video; a playlist around it is kept.
extension SiteRules {
    static let video: [SiteRule] = [
        SiteRule(
            hosts: ["*.youtube.com", "*.youtube-nocookie.com"], mirrors: ["m"],
            redirectors: [
                Redirector("/redirect", .parameter(["q"])),
                Redirector("/attribution_link", .relativeParameter("u")),
                Redirector("/oembed", .parameter(["url"])),
            ],
            rewrites: [
                .init("/embed/videoseries?list={list}", to: "youtube.com/playlist?list={list}"),
                .init("/embed/live_stream", to: "youtube.com/embed/live_stream"),
                .init("/embed/{id:11}", to: "youtube.com/watch?v={id}"),
                .init("/v/{id:11}", to: "youtube.com/watch?v={id}"),
                .init("/e/{id:11}", to: "youtube.com/watch?v={id}"),
                .init("/shorts/{id:11}", to: "youtube.com/watch?v={id}"),
                .init("/live/{id:11}", to: "youtube.com/watch?v={id}"),
                .init("/watch/{id:11}", to: "youtube.com/watch?v={id}"),
                .init("/watch?v={id}", to: "youtube.com/watch?v={id}"),
                .init("/@{name}/featured", to: "/@{name}"),
                .init("/channel/{id}/featured", to: "/channel/{id}"),
                .init("/c/{name}/featured", to: "/c/{name}"),
            ],
            drops: [
                "feature", "si", "pp", "ab_channel", "t", "start", "index", "kw", "cbrd", "app", "sub_confirmation",
                "themeRefresh", "persist_app", "noapp", "has_verified", "hl", "gl", "embeds_*", "source_ve_path",
                "start_radio", "rv", "list=WL", "list=LL",
            ],
            keeps: [
                .init("/watch", only: ["v", "list"]), .init("/playlist", only: ["list"]),
                .init("/results", only: ["search_query", "sp"]),
            ]),
        SiteRule(
            hosts: ["music.youtube.com"],
            rewrites: [
                .init("/watch?v={id}", to: "youtube.com/watch?v={id}"),
                .init("/playlist?list={list}", to: "youtube.com/playlist?list={list}"),
            ],
            drops: ["si", "feature"]),
        SiteRule(
            hosts: ["youtu.be"],
            rewrites: [.init("/{id:11}", to: "youtube.com/watch?v={id}")]),
        SiteRule(
            hosts: ["*.vimeo.com"],
            rewrites: [.init("/video/{id:digits}", to: "vimeo.com/{id}")],
            drops: ["share", "fl", "fe", "autoplay", "loop", "title", "byline", "portrait", "color", "app_id"]),
        SiteRule(
            hosts: ["*.dailymotion.com"], mirrors: ["m", "touch", "geo"],
            rewrites: [.init("/embed/video/{id}", to: "dailymotion.com/video/{id}")],
            keeps: [.init("/video/{id}")]),
        SiteRule(hosts: ["dai.ly"], rewrites: [.init("/{id}", to: "dailymotion.com/video/{id}")]),
        SiteRule(
            hosts: ["*.twitch.tv"], mirrors: ["m", "go"],
            rewrites: [.init("/{channel}/clip/{id}", to: "clips.twitch.tv/{id}")],
            drops: ["tt_*", "sr", "t"]),
        SiteRule(
            hosts: ["*.bilibili.com"], mirrors: ["m"],
            drops: [
                "vd_source", "spm_id_from", "from_*", "share_*", "unique_k", "bbid", "ts", "buvid", "is_story_h5",
                "mid", "plat_id", "timestamp",
            ],
            keeps: [.init("/video/{id}", only: ["p"]), .init("/bangumi/play/{id}")]),
        SiteRule(
            hosts: ["b23.tv"],
            rewrites: [
                .init("/BV{id}", to: "bilibili.com/video/BV{id}"),
                .init("/av{id:digits}", to: "bilibili.com/video/av{id}"),
            ]),
        SiteRule(
            hosts: ["open.spotify.com", "play.spotify.com"],
            rewrites: [
                .init("/intl-{locale}/{rest...}", to: "open.spotify.com/{rest}"),
                .init("/embed/{rest...}", to: "open.spotify.com/{rest}"),
                .init("/user/{name}/playlist/{id}", to: "open.spotify.com/playlist/{id}"),
                .init("/{kind}/{id:22}", to: "open.spotify.com/{kind}/{id}"),
            ],
            drops: ["si", "context", "nd", "dl_branch", "dlsi", "go", "sp_cid", "pi", "pt", "referral", "highlight"]),
        SiteRule(hosts: ["*.soundcloud.com"], mirrors: ["m"], drops: ["si", "in", "ref", "p", "c"]),
        SiteRule(
            hosts: ["music.apple.com", "podcasts.apple.com", "books.apple.com", "tv.apple.com"],
            drops: ["mt", "at", "ct", "pt", "uo", "ls", "itsct", "itscg", "ign-*", "app", "playableId"]),
        SiteRule(
            hosts: ["apps.apple.com", "itunes.apple.com"],
            rewrites: [
                .init("/{country:locale}/app/{name}/id{id:digits}", to: "apps.apple.com/{country}/app/id{id}"),
                .init("/{country:locale}/app/id{id:digits}", to: "apps.apple.com/{country}/app/id{id}"),
                .init("/app/{name}/id{id:digits}", to: "apps.apple.com/app/id{id}"),
                .init("/app/id{id:digits}", to: "apps.apple.com/app/id{id}"),
            ],
            drops: ["mt", "at", "ct", "pt", "uo", "ls", "itsct", "itscg", "ign-*", "ppid"]),
        SiteRule(
            hosts: ["*.bandcamp.com"],
            drops: [
                "from", "search_item_id", "search_item_type", "search_match_part", "search_page_id", "search_page_no",
                "search_rank", "search_sig",
            ]),
        SiteRule(hosts: ["*.netflix.com"], drops: ["trackId", "tctx", "trkid", "s", "clip"]),
        SiteRule(hosts: ["*.ted.com"], drops: ["language", "rss"]),
    ]
}
