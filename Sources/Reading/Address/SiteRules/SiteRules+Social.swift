/// Social networks, forums and messengers.
extension SiteRules {
    static let social: [SiteRule] = [
        SiteRule(
            hosts: [
                "x.com", "twitter.com", "mobile.twitter.com", "m.twitter.com", "mobile.x.com", "fxtwitter.com",
                "vxtwitter.com", "fixupx.com", "fixvx.com",
            ],
            redirectors: [Redirector("/i/redirect", .parameter(["url"]))],
            rewrites: [
                .init("/i/web/status/{id:digits}", to: "x.com/i/status/{id}"),
                .init("/{name}/status/{id:digits}", to: "x.com/i/status/{id}"),
                .init("/{name}/statuses/{id:digits}", to: "x.com/i/status/{id}"),
                .init("/{name}/status/{id:digits}/{media}/{number:digits}", to: "x.com/i/status/{id}"),
                .init("/{rest...}", to: "x.com/{rest}"),
                .init("/", to: "x.com/"),
            ],
            drops: ["s", "t", "cn", "cxt", "refsrc", "ref", "src", "original_referer", "tw_*", "mx", "lang"],
            keeps: [.init("/i/status/{id:digits}")],
            foldsCase: 1),
        SiteRule(
            hosts: ["*.reddit.com"], mirrors: ["old", "new", "np", "i", "m", "amp", "ssl", "sh", "us", "pay"],
            rewrites: [
                .init("/r/{sub}/comments/{id}", to: "/comments/{id}"),
                .init("/r/{sub}/comments/{id}/{title}", to: "/comments/{id}"),
                .init("/r/{sub}/comments/{id}/{title}/{comment}", to: "/comments/{id}/-/{comment}"),
                .init("/user/{name}/comments/{id}", to: "/comments/{id}"),
                .init("/user/{name}/comments/{id}/{title}", to: "/comments/{id}"),
                .init("/user/{name}/comments/{id}/{title}/{comment}", to: "/comments/{id}/-/{comment}"),
                .init("/comments/{id}/{title}", to: "/comments/{id}"),
                .init("/comments/{id}/{title}/{comment}", to: "/comments/{id}/-/{comment}"),
                .init("/gallery/{id}", to: "/comments/{id}"),
                .init("/u/{rest...}", to: "/user/{rest}"),
            ],
            drops: [
                "share_id", "ref", "ref_source", "ref_campaign", "rdt", "correlation_id", "st", "sh", "post_fullname",
                "embed_host_url", "shared", "chainedPosts", "captcha", "$deep_link", "$original_url", "_branch*",
                "solution", "js_challenge", "token", "context", "depth",
            ],
            foldsCase: 2),
        SiteRule(hosts: ["redd.it"], rewrites: [.init("/{id}", to: "reddit.com/comments/{id}")]),
        SiteRule(
            hosts: ["click.redditmail.com"], redirectors: [Redirector("/CL0/{target}/{rest...}", .path)]),
        SiteRule(
            hosts: ["*.facebook.com"],
            mirrors: ["m", "mbasic", "touch", "web", "mobile", "free", "x", "d", "0", "iphone"], hasLocaleMirrors: true,
            redirectors: [
                Redirector("/l.php", .parameter(["u"])), Redirector("/flx/warn", .parameter(["u"])),
                Redirector("/plugins/post.php", .parameter(["href"])),
            ],
            rewrites: [
                .init("/video.php?v={id}", to: "facebook.com/watch?v={id}"),
                .init("/watch/live?v={id}", to: "facebook.com/watch?v={id}"),
                .init("/{name}/videos/{id:digits}", to: "facebook.com/watch?v={id}"),
                .init("/{name}/videos/{title}/{id:digits}", to: "facebook.com/watch?v={id}"),
                .init("/groups/{group}/permalink/{id}", to: "/groups/{group}/posts/{id}"),
            ],
            drops: [
                "fref", "ref", "refid", "refsrc", "__tn__", "__eep__", "eid", "hc_ref", "hc_location", "rc", "sfnsn",
                "paipv", "_rdc", "_rdr", "fs", "extid", "comment_tracking", "dti", "notif_id", "notif_t", "ref_source",
                "acontext", "action_history", "_ft_", "tn-str", "rdid", "share_url", "source", "fbs", "idorvanity",
                "ti", "m_entstream_source", "__so__", "__rv__", "av", "eav", "story_location", "pn_ref", "hc_*",
                "ref_component", "ref_page", "locale", "_fb_noscript", "wtsid", "tsid",
            ],
            keeps: [.init("/watch?v={id}", only: ["v"])],
            foldsCase: 1),
        SiteRule(hosts: ["fb.com", "m.fb.com"], rewrites: [.init("/{rest...}", to: "facebook.com/{rest}")]),
        SiteRule(
            hosts: [
                "l.facebook.com", "lm.facebook.com", "l.instagram.com", "l.messenger.com", "l.threads.com",
                "l.threads.net", "l.wl.co", "l.workplace.com",
            ],
            redirectors: [
                Redirector("/l.php", .parameter(["u"])), Redirector("/l", .parameter(["u"])),
                Redirector("/", .parameter(["u"])),
            ]),
        SiteRule(
            hosts: ["*.instagram.com", "instagr.am"], mirrors: ["m"],
            rewrites: [
                .init("/reel/{id}", to: "instagram.com/p/{id}"), .init("/reels/{id}", to: "instagram.com/p/{id}"),
                .init("/tv/{id}", to: "instagram.com/p/{id}"), .init("/p/{id}", to: "instagram.com/p/{id}"),
                .init("/{name}/p/{id}", to: "instagram.com/p/{id}"),
                .init("/{name}/reel/{id}", to: "instagram.com/p/{id}"),
                .init("/p/{id}/embed", to: "instagram.com/p/{id}"),
                .init("/p/{id}/embed/captioned", to: "instagram.com/p/{id}"),
            ],
            drops: ["hl", "img_index", "igsi", "ig_rid", "ig_web_*", "r", "taken-by", "tagged", "rr", "xmt"]),
        SiteRule(
            hosts: ["threads.com", "threads.net"],
            rewrites: [.init("/{rest...}", to: "threads.com/{rest}"), .init("/", to: "threads.com/")],
            drops: ["xmt", "slof", "hl"]),
        SiteRule(
            hosts: ["*.tiktok.com"], mirrors: ["m"],
            rewrites: [
                .init("/v/{id:digits}.html", to: "/video/{id}"), .init("/@{name}/video/{id:digits}", to: "/video/{id}"),
                .init("/embed/v2/{id:digits}", to: "/video/{id}"), .init("/embed/{id:digits}", to: "/video/{id}"),
            ],
            drops: [
                "_r", "_t", "_d", "lang", "is_from_webapp", "is_copy_url", "sender_device", "sec_uid", "share_*",
                "tt_from", "u_code", "web_id", "checksum", "enter_*", "preview_pb", "source", "timestamp", "user_id",
                "refer", "sec_user_id", "social_sharing", "language",
            ],
            keeps: [.init("/video/{id:digits}")]),
        SiteRule(
            hosts: ["*.linkedin.com"], mirrors: ["m", "touch"], hasLocaleMirrors: true,
            redirectors: [
                Redirector("/safety/go", .parameter(["url"])), Redirector("/redir/redirect", .parameter(["url"])),
                Redirector("/redir/general-malware-page", .parameter(["url"])),
                Redirector("/authwall", .parameter(["sessionRedirect"])),
            ],
            drops: [
                "trk", "trkInfo", "trackingId", "refId", "lipi", "licu", "midToken", "midSig", "eid", "otpToken",
                "original_referer", "originalSubdomain", "trkEmail", "lgCta", "lgTemp", "li_*", "position", "pageNum",
                "rcm", "eBP", "recommendedFlavor", "miniProfileUrn", "contextUrn", "src", "veh", "_l", "lici",
                "alternateChannel", "originToLandingJobPostings",
            ]),
        SiteRule(
            hosts: ["*.pinterest.com"], mirrors: ["m"], hasLocaleMirrors: true,
            drops: ["mt", "sender", "invite_code", "sfo", "amp_client_id", "lp", "nic_v*", "rs"],
            keeps: [.init("/pin/{id}")]),
        SiteRule(
            hosts: ["pinterest.*"], rewrites: [.init("/pin/{id}", to: "pinterest.com/pin/{id}")],
            drops: ["mt", "sender", "invite_code", "sfo", "amp_client_id", "lp", "nic_v*", "rs"],
            keeps: [.init("/pin/{id}")]),
        SiteRule(
            hosts: ["*.tumblr.com"],
            redirectors: [Redirector("/redirect", .parameter(["z"]))],
            rewrites: [
                .init("/post/{id:digits}/{title}", to: "/post/{id}"),
                .init("/post/{id:digits}/{title}/amp", to: "/post/{id}"),
            ],
            drops: ["source", "is_related_post", "ref", "redirect_to"]),
        SiteRule(
            hosts: ["vk.com", "m.vk.com", "new.vk.com", "vkontakte.ru"],
            redirectors: [Redirector("/away.php", .parameter(["to"])), Redirector("/away", .parameter(["to"]))],
            rewrites: [.init("/{rest...}", to: "vk.com/{rest}")],
            drops: ["ref", "from", "rhash", "reply_to", "hash"]),
        SiteRule(hosts: ["*.ok.ru"], mirrors: ["m"]),
        SiteRule(
            hosts: ["t.me", "telegram.me", "telegram.dog"],
            rewrites: [.init("/s/{rest...}", to: "t.me/{rest}"), .init("/{rest...}", to: "t.me/{rest}")],
            drops: ["single", "embed", "mode", "before"], foldsCase: 1),
        SiteRule(hosts: ["web.telegram.org"], pageFragments: [""]),
        SiteRule(
            hosts: ["*.discord.com", "*.discordapp.com"], mirrors: ["ptb", "canary"],
            rewrites: [
                .init("/channels/{rest...}", to: "discord.com/channels/{rest}"),
                .init("/invite/{code}", to: "discord.com/invite/{code}"),
            ]),
        SiteRule(hosts: ["discord.gg"], rewrites: [.init("/{code}", to: "discord.com/invite/{code}")]),
        SiteRule(hosts: ["*.weibo.cn"], redirectors: [Redirector("/sinaurl", .parameter(["u", "toasturl"]))]),
        SiteRule(
            hosts: ["*.quora.com"],
            drops: ["share", "ch", "oid", "srid", "target_type", "encoded_access_token", "top_ans"]),
        SiteRule(
            hosts: ["steamcommunity.com"],
            redirectors: [Redirector("/linkfilter", .parameter(["u", "url"])), Redirector("/linkfilter", .query)]),
        SiteRule(
            hosts: ["news.ycombinator.com"], keeps: [.init("/item", only: ["id", "p"]), .init("/user", only: ["id"])]),
        SiteRule(hosts: ["lobste.rs"], rewrites: [.init("/s/{id}/{title}", to: "/s/{id}")]),
        SiteRule(
            hosts: ["*.flickr.com"], mirrors: ["m", "secure"],
            rewrites: [.init("/photos/{user}/{id:digits}/in/{context...}", to: "/photos/{user}/{id}")]),
        SiteRule(
            hosts: ["*.meetup.com"],
            drops: ["eventOrigin", "recId", "recSource", "searchId", "_xtd", "notificationId", "rv"]),
    ]
}
