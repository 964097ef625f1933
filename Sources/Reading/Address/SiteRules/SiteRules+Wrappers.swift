/// Sites that do nothing but lead elsewhere: exit pages, mail gateways, affiliate networks and
/// caches of pages in accelerated format. A web archive is none of them: its copy is a page of its
/// own.
extension SiteRules {
    static let wrappers: [SiteRule] = [
        SiteRule(
            hosts: ["out.reddit.com"],
            redirectors: [
                Redirector("/", .parameter(["url"])), Redirector("/{post}", .parameter(["url"])),
            ]),
        wrapper(["t.umblr.com"], "/redirect", .parameter(["z"])),
        wrapper(
            [
                "href.li", "anon.to", "anonym.to", "anonymz.com", "nullrefer.com", "dereferer.me", "dereferer.org",
                "hiderefer.com",
            ], "/", .query),
        wrapper(["away.vk.com"], "/away.php", .parameter(["to"])),
        wrapper(["slack-redir.net"], "/link", .parameter(["url"])),
        wrapper(["disq.us"], "/url", .taggedParameter("url")),
        wrapper(["gate.sc", "exit.sc"], "/", .parameter(["url"])),
        wrapper(["link.zhihu.com", "link.csdn.net", "link.juejin.cn"], "/", .parameter(["target"])),
        wrapper(["gitee.com"], "/link", .parameter(["target"])),
        wrapper(["jianshu.com"], "/go-wild", .parameter(["url"])),
        wrapper(["douban.com"], "/link2", .parameter(["url"])),
        wrapper(["pixiv.net"], "/jump.php", .query),
        wrapper(["deviantart.com"], "/users/outgoing", .query),
        wrapper(["curseforge.com"], "/linkout", .doublyEncodedParameter("remoteUrl")),
        wrapper(["getpocket.com"], "/redirect", .parameter(["url"])),
        wrapper(["outgoing.prod.webservices.mozgcp.net"], "/v1/{hash}/{target...}", .path),
        wrapper(["prod.outgoing.prod.webservices.mozgcp.net"], "/v1/{hash}/{target...}", .path),

        wrapper(["*.safelinks.protection.outlook.com"], "/", .parameter(["url"])),
        SiteRule(
            hosts: ["urldefense.proofpoint.com", "urldefense.com", "urldefense.us"],
            redirectors: [
                Redirector("/v1/url", .parameter(["u"])), Redirector("/v2/url", .proofpointParameter("u")),
                Redirector("/v3/{target...}", .proofpointPath),
            ]),
        wrapper(["linkprotect.cudasvc.com"], "/url", .parameter(["a"])),
        wrapper(["protect2.fireeye.com"], "/v1/url", .parameter(["u"])),
        wrapper(["clicktime.symantec.com"], "/{rest...}", .parameter(["u"])),

        wrapper(["linksynergy.com", "click.linksynergy.com"], "/deeplink", .parameter(["murl"])),
        wrapper(["awin1.com"], "/cread.php", .parameter(["ued", "p"])),
        wrapper(["go.skimresources.com", "go.redirectingat.com"], "/", .parameter(["url"])),
        wrapper(["redirect.viglink.com"], "/", .parameter(["u"])),
        wrapper(["shareasale.com"], "/r.cfm", .parameter(["urllink"])),
        wrapper(["googleadservices.com"], "/pagead/aclk", .parameter(["adurl"])),
        wrapper(["*.pxf.io", "*.sjv.io", "*.7eer.net", "*.evyy.net"], "/c/{rest...}", .parameter(["u"])),
        wrapper(
            ["anrdoezrs.net", "dpbolvw.net", "jdoqocy.com", "kqzyfj.com", "tkqlhce.com"], "/{click}",
            .parameter(["url"])),

        SiteRule(
            hosts: ["*.cdn.ampproject.org"],
            redirectors: [
                Redirector("/c/s/{target...}", .path), Redirector("/c/{target...}", .path),
                Redirector("/v/s/{target...}", .path), Redirector("/v/{target...}", .path),
                Redirector("/wp/s/{target...}", .path), Redirector("/wp/{target...}", .path),
            ]),
        SiteRule(
            hosts: ["*.bing-amp.com"],
            redirectors: [Redirector("/c/s/{target...}", .path), Redirector("/c/{target...}", .path)]),
    ]

    private static func wrapper(_ hosts: [String], _ pattern: String, _ source: Redirector.Source) -> SiteRule {
        SiteRule(hosts: hosts, redirectors: [Redirector(pattern, source)])
    }
}
